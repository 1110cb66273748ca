"""The walk of a flow through the rules of one network security group, as Azure walks it.

A flow and a rule are products of five sets. A rule of which something is unknown decides what it may match perhaps, and
leaves the other way open too, so doubt stays doubt and certainty stays exact.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from mlpreflight.network import intervals
from mlpreflight.network.addresses import ALL_PORTS, PROTOCOLS, AddressSet
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.space import Cell, Match, Part, Space, TooManyPiecesError

NOWHERE = AddressSet()


class Flow(NamedTuple):
    """A set of packets that open connections: every combination of what its five sets hold."""

    protocols: frozenset[str] = PROTOCOLS
    sources: AddressSet = NOWHERE
    source_ports: Intervals = ALL_PORTS
    destinations: AddressSet = NOWHERE
    ports: Intervals = ALL_PORTS

    def __bool__(self) -> bool:
        return bool(self.protocols and self.sources and self.source_ports and self.destinations and self.ports)

    def __and__(self, other: "Flow") -> "Flow":
        return Flow(
            self.protocols & other.protocols,
            self.sources & other.sources,
            intervals.intersection(self.source_ports, other.source_ports),
            self.destinations & other.destinations,
            intervals.intersection(self.ports, other.ports),
        )

    def cell(self, space: Space) -> Cell:
        """The flow as a product of numbered sets."""
        return (
            space.number(AddressSet(names=self.protocols)),
            space.number(self.sources),
            space.number(AddressSet(self.source_ports)),
            space.number(self.destinations),
            space.number(AddressSet(self.ports)),
        )


def flow_of(cell: Cell, space: Space) -> Flow:
    """The flow that a product of numbered sets stands for."""
    protocols, sources, source_ports, destinations, ports = (space.set(number) for number in cell)
    return Flow(protocols.names, sources, source_ports.numbers, destinations, ports.numbers)


class Rule(NamedTuple):
    """One rule, as far as it concerns a flow.

    `sure` is what it certainly matches, `possible` what it may match (`sure` is part of it). `allow` is None where
    its access is not known; `doubt` says what is not known of it. `origin` is for the caller to find it again.
    """

    name: str
    priority: int
    allow: bool | None
    sure: Flow
    possible: Flow
    doubt: str = ""
    origin: object = None


def compiled(rules: Iterable[Rule], space: Space) -> list[Match[Rule]]:
    """Rules in the order in which they are tried, without those that match nothing."""
    matches: list[Match[Rule]] = []
    for rule in sorted(rules, key=lambda rule: rule.priority):
        if rule.possible:
            possible = rule.possible.cell(space)
            sure = possible if rule.sure == rule.possible else rule.sure.cell(space) if rule.sure else None
            matches.append(Match(sure, possible, rule))
    return matches


class Outcome(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"
    PARTLY = "partly"
    UNKNOWN = "unknown"


class Piece(NamedTuple):
    """A part of the flow, the rule that decides it and how; `allow` is None where it may go either way."""

    flow: Flow
    rule: Rule
    allow: bool | None


def outcome_of(ways: Iterable[tuple[bool | None, bool]]) -> Outcome:
    """What becomes of a flow whose parts go these ways: allowed, refused or open; certainly, or perhaps."""
    found = set(ways)
    answers = {way for way, _ in found}
    if answers <= {True}:
        return Outcome.ALLOWED
    if answers <= {False}:
        return Outcome.DENIED
    return Outcome.PARTLY if {(True, True), (False, True)} <= found else Outcome.UNKNOWN


class Walk(NamedTuple):
    """What became of a flow: what certainly is decided, and what may be, rule by rule."""

    certain: tuple[Piece, ...]
    possible: tuple[Piece, ...]
    given_up: bool = False

    @property
    def outcome(self) -> Outcome:
        if self.given_up:
            return Outcome.UNKNOWN
        certain = [(piece.allow, True) for piece in self.certain]
        return outcome_of([*certain, *((piece.allow, False) for piece in self.possible)])

    def decider(self, allow: bool) -> Piece | None:
        """The first rule that certainly decides a part of the flow this way."""
        return next((piece for piece in self.certain if piece.allow is allow), None)

    @property
    def doubtful(self) -> Rule | None:
        """The first rule of which something had to be known to decide."""
        return next((piece.rule for piece in self.possible if piece.rule.doubt), None)


def walk(rules: Iterable[Rule], flow: Flow) -> Walk:
    """Sends a flow through the rules, lowest priority number first. Give the default rules too."""
    space = Space()
    try:
        decided, left = space.first_match([Part(flow.cell(space), True)], compiled(rules, space))
    except TooManyPiecesError:
        return Walk((), (), given_up=True)
    pieces = [(Piece(flow_of(one.cell, space), one.rule, one.rule.allow), one.is_sure) for one in decided]
    certain = tuple(piece for piece, is_sure in pieces if is_sure)
    return Walk(certain, tuple(piece for piece, _ in pieces), given_up=bool(left))
