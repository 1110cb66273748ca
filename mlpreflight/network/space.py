"""Sets of packets as products of interned sets, sent through lists of rules of which the first match counts.

Each set of addresses, ports or protocols is a number here, and what was worked out of two of them is looked up from
then on: the work on a service tag of ten thousand prefixes is done once, however many rules and flows name it.
"""

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

from mlpreflight.network.addresses import AddressSet, shown

R = TypeVar("R")

Cell = tuple[int, ...]
"""A product of sets: protocols, sources, source ports, destinations, ports, each by its number."""

EMPTY = 0
DIMENSIONS = 5
CHEAP_FIRST = (0, 4, 2, 1, 3)
"""The dimensions in which products are compared: addresses last, of which a tag may have ten thousand ranges."""

# A walk that falls into more pieces than this is given up as unknown, never answered halfway.
MAX_PIECES = 20_000


class Match(NamedTuple, Generic[R]):
    """What a rule certainly matches (None: nothing) and what it may; `sure` is a part of `possible`."""

    sure: Cell | None
    possible: Cell
    rule: R


class Part(NamedTuple):
    """A part of a flow that has reached a stage; `is_sure` where it certainly has, all of it."""

    cell: Cell
    is_sure: bool


class Decided(NamedTuple, Generic[R]):
    """A part of a flow with the rule that decides it, certainly or perhaps."""

    cell: Cell
    rule: R
    is_sure: bool


class Ordered(Generic[R]):
    """Rules in the order in which they are tried, and what was found out of them: make one for all flows of a stage.

    Rules share most of their sets. Once a set of a flow was found to have nothing in common with one of a rule, no
    rule with that set is looked at again for it. Rules are bits here, the first the lowest.
    """

    __slots__ = ("_all", "_having", "_missed", "matches")

    def __init__(self, matches: Iterable[Match[R]]) -> None:
        self.matches = tuple(matches)
        self._all = (1 << len(self.matches)) - 1
        self._having: tuple[dict[int, int], ...] = tuple({} for _ in range(DIMENSIONS))
        self._missed: tuple[dict[int, int], ...] = tuple({} for _ in range(DIMENSIONS))
        for at, match in enumerate(self.matches):
            bit = 1 << at
            for having, number in zip(self._having, match.possible, strict=True):
                having[number] = having.get(number, 0) | bit

    def open_to(self, cell: Cell) -> int:
        """The rules of which it is not known that they have nothing in common with a product."""
        missed = 0
        for known, number in zip(self._missed, cell, strict=True):
            missed |= known.get(number, 0)
        return self._all & ~missed

    def miss(self, dimension: int, number: int, of_rule: int) -> int:
        """Learns that two sets have nothing in common; gives all rules that a set of a flow misses in a dimension."""
        missed = self._missed[dimension]
        missed[number] = missed.get(number, 0) | self._having[dimension][of_rule]
        return missed[number]


class TooManyPiecesError(Exception):
    """The walk falls into more pieces than anybody could look at."""


class Space:
    """The sets of one environment. Nothing is ever taken out: make a new one for another environment."""

    def __init__(self) -> None:
        self._sets: list[AddressSet] = [AddressSet()]
        self._numbers: dict[AddressSet, int] = {AddressSet(): EMPTY}
        self._meets: dict[int, int] = {}
        self._rests: dict[int, int] = {}

    def number(self, one: AddressSet) -> int:
        """The number of a set; equal sets have the same."""
        found = self._numbers.get(one)
        if found is None:
            found = self._numbers[one] = len(self._sets)
            self._sets.append(one)
        return found

    def set(self, number: int) -> AddressSet:
        return self._sets[number]

    def both(self, one: int, other: int) -> int:
        """What two sets have in common."""
        if one == other:
            return one
        key = one << 32 | other
        found = self._meets.get(key)
        if found is None:
            found = self._meets[key] = self.number(self._sets[one] & self._sets[other])
        return found

    def rest(self, one: int, other: int) -> int:
        """What is in the first of two sets alone."""
        if one == other:
            return EMPTY
        key = one << 32 | other
        found = self._rests.get(key)
        if found is None:
            found = self._rests[key] = self.number(self._sets[one] - self._sets[other])
        return found

    def meet(self, one: Cell, other: Cell) -> Cell | int:
        """What two products have in common; where nothing, a dimension in which they have nothing."""
        meets, found = self._meets, list(one)
        for at in CHEAP_FIRST:
            a, b = one[at], other[at]
            if a == b:
                continue
            both = meets.get(a << 32 | b)
            if both is None:
                both = self.both(a, b)
            if not both:
                return at
            found[at] = both
        return tuple(found)

    def minus(self, one: Cell, met: Cell) -> list[Cell]:
        """A product without a part of it, in products that do not overlap."""
        found: list[Cell] = []
        before: list[int] = []
        for at, (a, b) in enumerate(zip(one, met, strict=True)):
            if a != b:
                found.append((*before, self.rest(a, b), *one[at + 1 :]))
            before.append(b)
        return found

    def first_match(
        self, parts: Iterable[Part], matches: Ordered[R] | Iterable[Match[R]]
    ) -> tuple[list[Decided[R]], list[Part]]:
        """Each part of a flow with the first rule that matches it, and what no rule matches for certain.

        What a rule may match is decided by it perhaps, and goes on perhaps. Raises TooManyPiecesError.
        """
        rules = matches if isinstance(matches, Ordered) else Ordered(matches)
        decided: list[Decided[R]] = []
        left = [(part, rules.open_to(part.cell)) for part in parts]
        while any(open_ for _, open_ in left):
            at = min((open_ & -open_).bit_length() for _, open_ in left if open_) - 1
            bit, match = 1 << at, rules.matches[at]
            following: list[tuple[Part, int]] = []
            for part, open_ in left:
                if not open_ & bit:
                    following.append((part, open_))
                    continue
                met = self.meet(part.cell, match.possible)
                if isinstance(met, int):
                    following.append((part, open_ & ~rules.miss(met, part.cell[met], match.possible[met])))
                    continue
                later = open_ & ~bit
                rest = [Part(cell, part.is_sure) for cell in self.minus(part.cell, met)]
                certain = met if match.sure is match.possible else self.meet(met, match.sure) if match.sure else 0
                sure = None if isinstance(certain, int) else certain
                if sure is not None:
                    decided.append(Decided(sure, match.rule, part.is_sure))
                for cell in [met] if sure is None else self.minus(met, sure):
                    decided.append(Decided(cell, match.rule, False))
                    rest.append(Part(cell, False))
                following += [(one, later & rules.open_to(one.cell)) for one in rest]
            left = following
            if len(left) + len(decided) > MAX_PIECES:
                raise TooManyPiecesError
        return decided, [part for part, _ in left]


def witness(one: AddressSet) -> str:
    """An element of a set: an address, or the name of what is known by name alone.

    Of a range the fifth: in a subnet it is the first that a machine can have.
    """
    if one.numbers:
        first, last = one.numbers[0]
        host = min(first + 4, last)
        return shown(((host, host),))
    return next(iter(sorted(one.names)), "")
