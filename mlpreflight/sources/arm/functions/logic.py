"""Comparison and logical functions.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-comparison and -logical
"""

from collections.abc import Callable

from mlpreflight.sources.arm.functions.arguments import Doubt, Steps, text, truth
from mlpreflight.text import compare
from mlpreflight.values import Fields, Items, Text, Unknown, Value


def equal(one: Value, other: Value, steps: Steps | None = None) -> bool | None:
    """Are two values the same? None where that is open. The case of text counts, as Azure documents."""
    steps = steps or Steps()
    steps.take()
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        same = isinstance(one, Unknown) and isinstance(other, Unknown) and one.same(other, cased=True)
        return True if same else None
    if isinstance(one, str | Text) and isinstance(other, str | Text):
        left = one if isinstance(one, Text) else Text((one,))
        right = other if isinstance(other, Text) else Text((other,))
        return compare(left, right, cased=True)
    if isinstance(one, Fields) and isinstance(other, Fields):
        if one.more or other.more:
            return None
        if {name.lower() for name in one.nodes} != {name.lower() for name in other.nodes}:
            return False
        pairs = [(node.value, other.get(name)) for name, node in one.nodes.items()]
        return _together([equal(left, match.value if match else None, steps) for left, match in pairs])
    if isinstance(one, Items) and isinstance(other, Items):
        if one.more or other.more:
            return None
        if len(one.nodes) != len(other.nodes):
            return False
        return _together([equal(a.value, b.value, steps) for a, b in zip(one, other, strict=True)])
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return one == other


def _together(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def equals(one: Value, other: Value) -> Value:
    answer = equal(one, other)
    if answer is None:
        raise Doubt(first_unknown(one, other))
    return answer


def first_unknown(*values: Value) -> Unknown:
    """The first thing that is not known in some values."""
    for value in values:
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Text) and value.holes:
            return value.holes[0]
        if isinstance(value, Fields | Items):
            if value.more:
                return value.more
            inner = value.nodes.values() if isinstance(value, Fields) else value.nodes
            try:
                return first_unknown(*(node.value for node in inner))
            except LookupError:
                continue
    raise LookupError("everything is known")


def _ordered(decide: Callable[[int], bool]) -> Callable[[Value, Value], Value]:
    def function(one: Value, other: Value) -> Value:
        for value in (one, other):
            if isinstance(value, Unknown):
                raise Doubt(value)
        if isinstance(one, int | float) and isinstance(other, int | float):
            return decide((one > other) - (one < other))
        return decide(_order(text(one), text(other)))

    return function


def _order(one: str, other: str) -> int:
    """Which of two texts stands first: by their letters, and of equal ones the smaller letters before the capitals.

    It is the order of words and not of characters; where signs stand, only a culture's tables tell it.
    """
    left, right = one.lower(), other.lower()
    if left != right:
        if not (left.isascii() and right.isascii() and left.isalnum() and right.isalnum()):
            raise Doubt(Unknown.because(f"the order of {one[:30]!r} and {other[:30]!r} is not known", "their order"))
        return (left > right) - (left < right)
    return (one.swapcase() > other.swapcase()) - (one.swapcase() < other.swapcase())


def not_(value: Value) -> Value:
    return not truth(value)


def bool_(value: Value) -> Value:
    return truth(value)


def true() -> Value:
    return True


def false() -> Value:
    return False


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "bool": bool_,
    "equals": equals,
    "false": false,
    "greater": _ordered(lambda order: order > 0),
    "greaterorequals": _ordered(lambda order: order >= 0),
    "less": _ordered(lambda order: order < 0),
    "lessorequals": _ordered(lambda order: order <= 0),
    "not": not_,
    "true": true,
}
