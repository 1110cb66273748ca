"""Journeys for people: each part of a connection with the rules that it meets, and the table of needed flows."""

from collections.abc import Iterable, Sequence
from typing import TextIO

from mlpreflight.network.nsg import Outcome
from mlpreflight.network.path import Leg, Step
from mlpreflight.reports.inert import inert
from mlpreflight.reports.lines import printer
from mlpreflight.resources.view import View
from mlpreflight.tracing import Hop, Line

STYLES = {Outcome.ALLOWED: "green", Outcome.DENIED: "bold red", Outcome.PARTLY: "red", Outcome.UNKNOWN: "magenta"}
SHOWN = 6


def render(hops: Iterable[Hop], out: TextIO) -> Outcome:
    """Writes a way hop by hop; gives what becomes of the whole."""
    show, _ = printer(out)
    outcomes: list[Outcome] = []
    for hop in hops:
        outcome = hop.journey.outcome
        outcomes.append(outcome)
        show([(inert(hop.title), "bold"), (": ", ""), (outcome.value, STYLES[outcome])])
        for leg in _telling(hop.journey.legs):
            show([("  ", ""), (inert(leg.packet()), "dim"), (f"  {_fate(leg)}", "")])
            for step in leg.trace:
                show([("    ", ""), (inert(str(step)), ""), (f"  {_place(step)}", "blue")])
                if step.doubt:
                    show([("      ", ""), (inert(step.doubt), "magenta")])
        if len(hop.journey.legs) > SHOWN:
            show([(f"  and {len(hop.journey.legs) - SHOWN} parts more", "dim")])
        if hop.journey.given_up:
            show([("  it falls into too many parts to be told", "magenta")])
    whole = _whole(outcomes)
    show([("the connection is ", ""), (whole.value, STYLES[whole])])
    return whole


def _telling(legs: Sequence[Leg]) -> Sequence[Leg]:
    """The parts that say most: certain ones first, what is stopped before what arrives."""
    return sorted(legs, key=lambda leg: (not leg.is_sure, leg.arrives is not False))[:SHOWN]


def _fate(leg: Leg) -> str:
    fate = "arrives" if leg.arrives else "is stopped" if leg.arrives is False else "may go either way"
    return fate if leg.is_sure else f"perhaps: {fate}"


def _place(step: Step) -> str:
    if not isinstance(step.origin, View):
        return ""
    where = step.origin.where
    line, column = where.position or (1, 1)
    return inert(f"{where.file}:{line}:{column}") if where.document else inert(where.id)


def _whole(outcomes: Sequence[Outcome]) -> Outcome:
    for worst in (Outcome.DENIED, Outcome.UNKNOWN, Outcome.PARTLY):
        if worst in outcomes:
            return worst
    return Outcome.ALLOWED


def exit_code(outcome: Outcome) -> int:
    """What `trace` exits with: 0 it arrives, 1 it is stopped, in part or whole, 3 the inputs do not tell."""
    return {Outcome.ALLOWED: 0, Outcome.UNKNOWN: 3}.get(outcome, 1)


def render_table(lines: Sequence[Line], out: TextIO) -> None:
    """Writes the table of needed flows, a line each."""
    show, _ = printer(out)
    widths = [max((len(getattr(line, name)) for line in lines), default=0) for name in ("nodes", "flow", "told")]
    for line in lines:
        texts = (line.nodes, line.flow, line.told)
        cells = [inert(text).ljust(width) for text, width in zip(texts, widths, strict=True)]
        show(
            [("  ".join(cells), ""), (f"  {line.outcome.value:<8}", STYLES[line.outcome]), (inert(line.decided_by), "")]
        )
    counts = {outcome: sum(line.outcome is outcome for line in lines) for outcome in Outcome}
    show([(", ".join(f"{count} {outcome.value}" for outcome, count in counts.items() if count) or "no flows", "bold")])
