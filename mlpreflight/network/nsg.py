"""The walk of a flow through the rules of one network security group, as Azure walks it.

A flow and a rule are products of five sets. The walk keeps two regions of the flow: what *may* still be undecided when
a rule is reached and what *certainly* is. A rule of which something is unknown takes away nothing for certain and
leaves both ways open, so doubt stays doubt and certainty stays exact.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from mlpreflight.network import intervals
from mlpreflight.network.addresses import ALL_PORTS, PROTOCOLS, AddressSet
from mlpreflight.network.intervals import Intervals

NOWHERE = AddressSet()

# A walk that falls into more pieces than this is given up as unknown, never answered halfway.
MAX_PIECES = 20_000


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

    def minus(self, other: "Flow") -> "list[Flow]":
        """The flow without another, in pieces that do not overlap."""
        both = self & other
        if not both:
            return [self]
        pieces = [
            Flow(self.protocols - both.protocols, self.sources, self.source_ports, self.destinations, self.ports),
            Flow(both.protocols, self.sources - both.sources, self.source_ports, self.destinations, self.ports),
            Flow(
                both.protocols,
                both.sources,
                intervals.difference(self.source_ports, both.source_ports),
                self.destinations,
                self.ports,
            ),
            Flow(both.protocols, both.sources, both.source_ports, self.destinations - both.destinations, self.ports),
            Flow(
                both.protocols,
                both.sources,
                both.source_ports,
                both.destinations,
                intervals.difference(self.ports, both.ports),
            ),
        ]
        return [piece for piece in pieces if piece]


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


class Walk(NamedTuple):
    """What became of a flow: what certainly is decided, and what may be, rule by rule."""

    certain: tuple[Piece, ...]
    possible: tuple[Piece, ...]
    given_up: bool = False

    @property
    def outcome(self) -> Outcome:
        if self.given_up:
            return Outcome.UNKNOWN
        if all(piece.allow is True for piece in self.possible):
            return Outcome.ALLOWED
        if all(piece.allow is False for piece in self.possible):
            return Outcome.DENIED
        if any(piece.allow is True for piece in self.certain) and any(piece.allow is False for piece in self.certain):
            return Outcome.PARTLY
        return Outcome.UNKNOWN

    def decider(self, allow: bool) -> Piece | None:
        """The first rule that certainly decides a part of the flow this way."""
        return next((piece for piece in self.certain if piece.allow is allow), None)

    @property
    def doubtful(self) -> Rule | None:
        """The first rule of which something had to be known to decide."""
        return next((piece.rule for piece in self.possible if piece.rule.doubt), None)


def walk(rules: Iterable[Rule], flow: Flow) -> Walk:
    """Sends a flow through the rules, lowest priority number first. Give the default rules too."""
    may: Sequence[Flow] = [flow]
    must: Sequence[Flow] = [flow]
    certain: list[Piece] = []
    possible: list[Piece] = []
    for rule in sorted(rules, key=lambda rule: rule.priority):
        if not rule.possible:
            continue
        matched = [piece for piece in (part & rule.possible for part in may) if piece]
        if not matched:
            continue
        possible += [Piece(piece, rule, rule.allow) for piece in matched]
        certain += [Piece(piece, rule, rule.allow) for piece in (part & rule.sure for part in must) if piece]
        may = [piece for part in may for piece in part.minus(rule.sure)]
        must = [piece for part in must for piece in part.minus(rule.possible)]
        if len(may) + len(must) > MAX_PIECES:
            return Walk(tuple(certain), tuple(possible), given_up=True)
        if not may:
            break
    return Walk(tuple(certain), tuple(possible), given_up=bool(may))
