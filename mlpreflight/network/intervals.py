"""Sets of whole numbers as sorted, disjoint, merged intervals: addresses and ports alike."""

from collections.abc import Iterable

Intervals = tuple[tuple[int, int], ...]
"""Pairs (first, last), both included."""

EMPTY: Intervals = ()


def merged(pairs: Iterable[tuple[int, int]]) -> Intervals:
    """Any pairs in the canonical form: sorted, neighbours joined."""
    result: list[tuple[int, int]] = []
    for first, last in sorted(pairs):
        if result and first <= result[-1][1] + 1:
            if last > result[-1][1]:
                result[-1] = (result[-1][0], last)
        else:
            result.append((first, last))
    return tuple(result)


def union(one: Intervals, other: Intervals) -> Intervals:
    if not one or not other:
        return one or other
    return merged((*one, *other))


def intersection(one: Intervals, other: Intervals) -> Intervals:
    result: list[tuple[int, int]] = []
    i = j = 0
    while i < len(one) and j < len(other):
        first = max(one[i][0], other[j][0])
        last = min(one[i][1], other[j][1])
        if first <= last:
            result.append((first, last))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(result)


def difference(one: Intervals, other: Intervals) -> Intervals:
    result: list[tuple[int, int]] = []
    j = 0
    for begin, last in one:
        first = begin
        while j < len(other) and other[j][1] < first:
            j += 1
        k = j
        while k < len(other) and other[k][0] <= last:
            if other[k][0] > first:
                result.append((first, other[k][0] - 1))
            first = other[k][1] + 1
            k += 1
        if first <= last:
            result.append((first, last))
    return tuple(result)


def size(one: Intervals) -> int:
    return sum(last - first + 1 for first, last in one)


def contains(outer: Intervals, inner: Intervals) -> bool:
    return not difference(inner, outer)
