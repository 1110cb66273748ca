"""The whole path of a flow: administrator rules, network security groups, routes, firewalls, one stage after the other.

Every part of the flow keeps the rules that it met, stage by stage. What is refused, or may be, stops there.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from mlpreflight.network.addresses import ALL_PORTS
from mlpreflight.network.nsg import Flow, Outcome, flow_of, outcome_of
from mlpreflight.network.space import MAX_PIECES, Cell, Match, Ordered, Part, Space, TooManyPiecesError, witness


class Action(Enum):
    """What a rule does with what it matches."""

    PASS = "pass"  # noqa: S105 - on to the next stage
    DROP = "drop"
    SKIP = "skip"  # on to the first stage that cannot be skipped: an administrator's AlwaysAllow
    OPEN = "open"  # nobody can say


class Step(NamedTuple):
    """A rule of a stage. `where` it stands is for people ("nsg-train"), `origin` for the caller to find it again.

    `goal` names the one stage, of those that can be skipped, that comes next.
    """

    where: str
    name: str
    priority: int
    action: Action
    doubt: str = ""
    origin: object = None
    goal: str = ""

    def __str__(self) -> str:
        number = f" ({self.priority})" if self.priority else ""
        return f"{self.name}{number} of {self.where}"


class Stage(NamedTuple):
    """Rules that a flow meets at one place, in the order in which they are tried; each flow must match one."""

    name: str
    matches: Ordered[Step] | Sequence[Match[Step]]
    can_be_skipped: bool = False


class Leg(NamedTuple):
    """A part of a flow and how it fared: the rules that it met, and whether it arrives (None: open)."""

    flow: Flow
    trace: tuple[Step, ...]
    arrives: bool | None
    is_sure: bool

    @property
    def decider(self) -> Step | None:
        """The rule that stopped it, or the last that it met."""
        return self.trace[-1] if self.trace else None

    def packet(self) -> str:
        """One packet of it, for people to try."""
        flow = self.flow
        protocol = next(iter(sorted(flow.protocols)), "any")
        port = "" if flow.ports == ALL_PORTS else f":{flow.ports[0][0]}"
        return f"{protocol} {witness(flow.sources)} to {witness(flow.destinations)}{port}"


class Journey(NamedTuple):
    """All parts of a flow."""

    legs: tuple[Leg, ...]
    given_up: bool = False

    @property
    def outcome(self) -> Outcome:
        if self.given_up:
            return Outcome.UNKNOWN
        return outcome_of((leg.arrives, leg.is_sure) for leg in self.legs)

    @property
    def refused(self) -> Leg | None:
        """The first part that is certainly stopped."""
        return next((leg for leg in self.legs if leg.arrives is False and leg.is_sure), None)

    @property
    def arrived(self) -> Leg | None:
        """The first part that certainly arrives."""
        return next((leg for leg in self.legs if leg.arrives and leg.is_sure), None)

    @property
    def doubtful(self) -> Step | None:
        """The first rule of which something had to be known to decide."""
        return next((step for leg in self.legs for step in leg.trace if step.doubt), None)


class _Traveller(NamedTuple):
    part: Part
    trace: tuple[Step, ...]

    def passes_by(self, stage: Stage) -> bool:
        """Does it not come to a stage? What its last step said holds until a stage that cannot be skipped."""
        if not stage.can_be_skipped or not self.trace:
            return False
        last = self.trace[-1]
        return last.action is Action.SKIP or (last.goal != "" and last.goal != stage.name)


def follow(flow: Flow, stages: Sequence[Stage], space: Space) -> Journey:
    """Sends a flow through all stages. What no rule of a stage matches is open there."""
    travellers = [_Traveller(Part(flow.cell(space), True), ())]
    legs: list[Leg] = []

    def end(cell: Cell, trace: tuple[Step, ...], arrives: bool | None, is_sure: bool) -> None:
        legs.append(Leg(flow_of(cell, space), trace, arrives, is_sure))

    try:
        for stage in stages:
            following: list[_Traveller] = []
            for one in travellers:
                if one.passes_by(stage):
                    following.append(one)
                    continue
                decided, left = space.first_match([one.part], stage.matches)
                if len(following) + len(legs) + len(decided) > MAX_PIECES:
                    return Journey((), given_up=True)
                for cell, step, is_sure in decided:
                    trace = (*one.trace, step)
                    if step.action in (Action.PASS, Action.SKIP):
                        following.append(_Traveller(Part(cell, is_sure), trace))
                    else:
                        end(cell, trace, False if step.action is Action.DROP else None, is_sure)
                for part in left:
                    lost = Step(stage.name, "no rule", 0, Action.OPEN, f"no rule of {stage.name} is known to match")
                    end(part.cell, (*one.trace, lost), None, part.is_sure)
            travellers = following
    except TooManyPiecesError:
        return Journey((), given_up=True)
    for one in travellers:
        end(one.part.cell, one.trace, True, one.part.is_sure)
    return Journey(tuple(legs))
