"""How long z3 or OxiDD takes for rules and flows that network.py gives it, and what becomes of the flows.

network.py runs it in a virtual environment that has them: `python peers.py PEER QUESTION.json SECONDS`, the peer being
z3-bits, z3-integers or oxidd. It imports nothing of ours: what is compared shares the question and no way to an answer.

A field of a packet is a choice of blocks, such as IPv4 addresses, IPv6 addresses and names, and a number in that block.
A set of a field has a list of intervals for each block.
"""

import json
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict, cast

Intervals = Sequence[tuple[int, int]]
Product = Sequence[int]
"""Five sets, by their numbers."""
Built = tuple[Sequence[Any], Callable[[Any], str | None]]
"""The flows, and what decides one of them; it gives None where that takes too long."""


class Question(TypedDict):
    """Lists of rules, all of which must let a packet through, and flows of which all packets are asked about."""

    widths: list[list[int]]
    """The bits of the numbers in each block of each field."""
    sets: list[tuple[int, list[Intervals]]]
    """A field, and the intervals in each of its blocks."""
    stages: list[list[tuple[bool, Product]]]
    flows: list[Product]


def by_z3(question: Question, seconds: float, is_bits: bool) -> Built:
    """One solver that knows the rules; one flow after the other is put on top, and taken off again.

    The rules are given as text: z3 reads it faster than Python can build the same by z3's functions. A new solver for
    each flow, or its solver for general use, took longer.
    """
    z3: Any = import_module("z3")  # as what it is, so that it need not be there for types to be checked
    parts = z3.parse_smt2_string("\n".join(smt(question, is_bits)))
    solver = z3.SolverFor("QF_BV" if is_bits else "QF_LIA")
    solver.set("timeout", int(seconds * 1000))
    passes = [z3.Bool(f"passes{at}") for at in range(len(question["stages"]))]
    for at, name in enumerate(passes):
        solver.add(name == parts[at])
    arrives = z3.And(*passes)

    def decide(flow: Any) -> str | None:
        solver.push()
        solver.add(flow)
        found = [solver.check(way) for way in (arrives, z3.Not(arrives))]
        solver.pop()
        return None if z3.unknown in found else named(*(one == z3.sat for one in found))

    return list(parts)[len(passes) :], decide


def smt(question: Question, is_bits: bool) -> Iterator[str]:
    """The question as z3 reads it: an assertion for each list of rules, then one for each flow."""
    for field, widths in enumerate(question["widths"]):
        yield f"(declare-const block{field} Int)" if not is_bits else f"(declare-const block{field} (_ BitVec 2))"
        for block, width in enumerate(widths):
            yield f"(declare-const x{field}_{block} {f'(_ BitVec {width})' if is_bits else 'Int'})"
    for at, (field, blocks) in enumerate(question["sets"]):
        ways: list[str] = []
        for block, (intervals, width) in enumerate(zip(blocks, question["widths"][field], strict=True)):
            name = f"x{field}_{block}"
            tests = " ".join(in_bits(name, intervals, width) if is_bits else in_integers(name, intervals))
            ways.append(f"(and (= block{field} {f'(_ bv{block} 2)' if is_bits else block}) (or false {tests}))")
        yield f"(define-fun s{at} () Bool (or {' '.join(ways)}))"
    for number, stage in enumerate(question["stages"]):
        yield f"(define-fun p{number}_{len(stage)} () Bool false)"
        for at, (allow, rule) in reversed(list(enumerate(stage))):
            match, after = f"(and {' '.join(f's{one}' for one in rule)})", f"p{number}_{at + 1}"
            way = f"(or {match} {after})" if allow else f"(and (not {match}) {after})"
            yield f"(define-fun p{number}_{at} () Bool {way})"
    yield from (f"(assert p{number}_0)" for number in range(len(question["stages"])))
    yield from (f"(assert (and {' '.join(f's{one}' for one in flow)}))" for flow in question["flows"])


def in_bits(name: str, intervals: Intervals, width: int) -> Iterator[str]:
    """Comparing the leading bits with prefixes is 2 to 10 times as fast as comparing all with first and last."""
    for first, last in intervals:
        start = first
        while start <= last:
            free = min((start & -start).bit_length() - 1 if start else width, (last - start + 1).bit_length() - 1)
            prefix = f"(_ bv{start >> free} {width - free})"
            yield f"(= ((_ extract {width - 1} {free}) {name}) {prefix})" if free < width else "true"
            start += 1 << free


def in_integers(name: str, intervals: Intervals) -> Iterator[str]:
    for first, last in intervals:
        yield f"(= {name} {first})" if first == last else f"(and (>= {name} {first}) (<= {name} {last}))"


def by_oxidd(question: Question) -> Built:
    """A diagram for each list of rules, from the last rule to the first; a flow is met with one after the other."""
    bdd: Any = import_module("oxidd.bdd")
    diagrams = Diagrams(bdd.BDDManager(1 << 25, 1 << 22, 1), question["widths"])
    sets = [diagrams.of_set(field, blocks) for field, blocks in question["sets"]]

    def product(numbers: Product) -> Any:
        found = diagrams.true
        for field in reversed(ORDER):
            found = sets[numbers[field]] & found
        return found

    policies = []
    for stage in question["stages"]:
        policy = diagrams.false
        for allow, rule in reversed(stage):
            matched = product(rule)
            policy = matched | policy if allow else matched.imp_strict(policy)
        policies.append(policy)

    def decide(flow: Product) -> str:
        whole = left = product(flow)
        for policy in policies:
            left &= policy
        return named(left.satisfiable(), left != whole)

    return question["flows"], decide


ORDER = (0, 4, 3, 1, 2)
"""The fields from the root of a diagram down: protocols, ports, destinations, sources, source ports.

It is the fastest of those tried; others need up to four times as long.
"""


class Diagrams:
    """The variables of all fields, and sets as diagrams over them."""

    def __init__(self, manager: Any, widths: Sequence[Sequence[int]]) -> None:
        self.true, self.false = manager.true(), manager.false()
        self._blocks: dict[int, list[Any]] = {}
        self._bits: dict[tuple[int, int], list[Any]] = {}
        for field in ORDER:
            self._blocks[field] = [manager.var(one) for one in manager.add_vars(2)]
            for block, width in enumerate(widths[field]):
                self._bits[field, block] = [manager.var(one) for one in manager.add_vars(width)]

    def of_set(self, field: int, blocks: Sequence[Intervals]) -> Any:
        ways = [self.false] * 4
        for block, intervals in enumerate(blocks):
            ways[block] = self._of_intervals(intervals, self._bits[field, block])
        high, low = self._blocks[field]
        return high.ite(low.ite(ways[3], ways[2]), low.ite(ways[1], ways[0]))

    def _of_intervals(self, intervals: Intervals, bits: Sequence[Any]) -> Any:
        """Built along the tree of all numbers, node for node, so that nothing is built that is not kept."""
        firsts, lasts = [first for first, _ in intervals], [last for _, last in intervals]

        def node(depth: int, start: int, begin: int, end: int) -> Any:
            """What lies below a node: the numbers from `start`, where only intervals from `begin` to `end` are."""
            if begin == end:
                return self.false
            room = 1 << (len(bits) - depth)
            if firsts[begin] <= start and lasts[begin] >= start + room - 1:
                return self.true
            middle = start + (room >> 1)
            upper = bisect_left(firsts, middle, begin, end)
            across = upper > begin and lasts[upper - 1] >= middle
            high = node(depth + 1, middle, upper - across, end)
            return bits[depth].ite(high, node(depth + 1, start, begin, upper))

        return node(0, 0, 0, len(intervals))


def named(some_arrive: bool, some_do_not: bool) -> str:
    return "partly" if some_arrive and some_do_not else "allowed" if some_arrive else "denied"


def main() -> None:
    peer, path, limit = sys.argv[1:]
    question = cast(Question, json.loads(Path(path).read_text(encoding="utf-8")))
    start = time.process_time()
    flows, decide = by_oxidd(question) if peer == "oxidd" else by_z3(question, float(limit), peer == "z3-bits")
    built, begun = time.process_time(), time.perf_counter()
    answers: list[str] = []
    for flow in flows:
        found = decide(flow)
        if found is None:
            break
        answers.append(found)
        if time.perf_counter() - begun > float(limit):
            break
    print(json.dumps({"build": built - start, "flows": time.process_time() - built, "answers": answers}))


if __name__ == "__main__":
    main()
