"""How long flows take through our rules and routes, beside z3 and decision diagrams, and whether all answer the same.

    python benchmarks/network.py [--service-tags FILE] [--peers PYTHON] [--limit 20] [--sizes 10 100 1000 4000]

Security groups, always the same, are made in two ways: as enterprises write them, and with denies hidden below allows,
which take an exact method to see through. 200 flows go through one group, then through a path of two groups and 25
routes. Tags are names; with a file of service tags, they are then all the prefixes that it lists for them.

Ours is the whole partition of each flow with the rules that decide each part, theirs the answer alone: z3 with bit
vectors or with integers, whichever is faster, and OxiDD. What counts is processor time; ours is the least of some
rounds. Whoever takes longer than the limit is stopped, and `~` marks what follows from the flows decided until then.
"""

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from flows import Question, as_json, prefixes, questions

from mlpreflight.network.intervals import Intervals
from mlpreflight.network.nsg import Flow, Outcome, Rule, compiled, outcome_of
from mlpreflight.network.path import Action, Stage, Step, follow
from mlpreflight.network.space import Match, Ordered, Part, Space, TooManyPiecesError

WORKLOADS, SIZES = ("enterprise", "hidden denies"), (10, 100, 1_000, 4_000)
FLOWS, ROUTES, ROUNDS, LOOP = 200, 25, 5, 1_000
PEERS = {"OxiDD": ("oxidd",), "z3": ("z3-integers", "z3-bits")}
RATIO_AIMS = {"OxiDD": 15, "z3": 1_000}
AIM_AT, WARM_AIM = 1_000, 150

LEGEND = f"""
ready    rules compiled                         cold, warm  a flow for the first time, and again
loops    warm in empty loops of {LOOP:,}           parts       into which a flow falls
all      ready, and all flows cold              ratio       a peer's all to ours
us/flow  of a peer, after it has got ready      other       answers that differ; `~` from fewer flows"""

Decide = Callable[[Flow], tuple[Outcome, int]]
"""What becomes of a flow, and the number of parts that it falls into."""


class Cost(NamedTuple):
    """Seconds to get ready, and for each flow; for ours also the second time. `answers` are those found in time."""

    build: float
    each: float
    answers: list[str]
    warm: float = 0
    loop: float = 0
    """What an empty loop took at that time: nothing else says how fast the machine was."""
    parts: float = 0

    @property
    def total(self) -> float:
        return self.build + self.each * FLOWS

    @property
    def about(self) -> str:
        return "~" if len(self.answers) < FLOWS else ""


class Row(NamedTuple):
    """A question, and what all took for it."""

    workload: str
    has_prefixes: bool
    rules: int
    label: str
    ours: Cost
    theirs: dict[str, Cost]
    compared: int
    differing: list[str]


def ready(question: Question, space: Space) -> Decide:
    """Our stage or stages, compiled."""
    if not question.routes:
        matches = Ordered(compiled(question.groups[0], space))

        def through_group(flow: Flow) -> tuple[Outcome, int]:
            try:
                decided, _ = space.first_match([Part(flow.cell(space), True)], matches)
            except TooManyPiecesError:
                return Outcome.UNKNOWN, 0
            return outcome_of((one.rule.allow, one.is_sure) for one in decided), len(decided)

        return through_group

    stages = [
        Stage("group", Ordered(Match(one.sure, one.possible, _step(one.rule)) for one in compiled(rules, space)))
        for rules in question.groups
    ]
    hops = [
        Rule(f"route {at}", at, route.leads_on, route.matches, route.matches)
        for at, route in enumerate(question.routes)
    ]
    stages.append(
        Stage("routes", Ordered(Match(one.sure, one.possible, _step(one.rule)) for one in compiled(hops, space)))
    )

    def through_path(flow: Flow) -> tuple[Outcome, int]:
        journey = follow(flow, stages, space)
        return journey.outcome, len(journey.legs)

    return through_path


def _step(rule: Rule) -> Step:
    return Step("here", rule.name, rule.priority, Action.PASS if rule.allow else Action.DROP, "", rule)


def by_us(question: Question, limit: float) -> Cost:
    builds: list[float] = []
    colds: list[float] = []
    warms: list[float] = []
    begun = time.perf_counter()
    while not builds or (len(builds) < ROUNDS and time.perf_counter() - begun < limit):
        space = Space()
        gc.collect()
        start = time.process_time()
        decide = ready(question, space)
        builds.append(time.process_time() - start)
        found, seconds = _decided(decide, question.flows, limit)
        colds.append(seconds)
    begun, loop = time.perf_counter(), empty_loop()
    while not warms or (len(warms) < ROUNDS and time.perf_counter() - begun < limit):
        warms.append(_decided(decide, question.flows[: len(found)], limit)[1])
        loop = min(loop, empty_loop())
    answers, parts = [answer.value for answer, _ in found], sum(number for _, number in found) / len(found)
    return Cost(min(builds), min(colds), answers, min(warms), loop, parts)


def _decided(decide: Decide, flows: Sequence[Flow], limit: float) -> tuple[list[tuple[Outcome, int]], float]:
    """What was found in time, and the seconds for each."""
    found: list[tuple[Outcome, int]] = []
    start, begun = time.process_time(), time.perf_counter()
    for flow in flows:
        found.append(decide(flow))
        if time.perf_counter() - begun > limit:
            break
    return found, (time.process_time() - start) / len(found)


def empty_loop() -> float:
    least = float("inf")
    for _ in range(20):
        start = time.process_time()
        for _ in range(LOOP):
            pass
        least = min(least, time.process_time() - start)
    return least


def by_peer(python: str, peer: str, question: Path, limit: float) -> Cost | None:
    """What a peer needs in a process of its own; None where it fails, which is said."""
    command = [python, str(Path(__file__).with_name("peers.py")), peer, str(question), str(limit)]
    longest = 120 + 20 * limit  # the limit does not interrupt what is done before the first flow
    try:
        done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=longest)
    except subprocess.TimeoutExpired:
        print(f"{peer} was not done after {longest:.0f} s", file=sys.stderr)
        return None
    if done.returncode:
        print(f"{peer} ended with {done.returncode}: {done.stderr.strip()[-800:]}", file=sys.stderr)
        return None
    said = json.loads(done.stdout)
    if not said["answers"]:
        print(f"{peer} did not decide a single flow in {limit:.0f} s", file=sys.stderr)
        return None
    return Cost(said["build"], said["flows"] / len(said["answers"]), said["answers"])


def compared(workload: str, has_prefixes: bool, rules: int, question: Question, python: str, limit: float) -> Row:
    """A row of the table. Every answer of every peer counts for agreement, the faster kind of a peer for speed."""
    ours = by_us(question, limit)
    theirs: dict[str, Cost] = {}
    differing: list[str] = []
    number = 0
    if python:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "question.json"
            path.write_text(json.dumps(as_json(question)), encoding="utf-8")
            costs = {name: by_peer(python, name, path, limit) for kinds in PEERS.values() for name in kinds}
        for peer, kinds in PEERS.items():
            decided = {name: cost for name in kinds if (cost := costs[name])}
            if decided:
                theirs[peer] = min(decided.values(), key=lambda cost: cost.total)
            for name, cost in decided.items():
                pairs = list(zip(ours.answers, cost.answers, strict=False))  # either may have been stopped
                number += len(pairs)
                said = enumerate(pairs)
                differing += [f"flow {at}: ours {one}, {name} {other}" for at, (one, other) in said if one != other]
    return Row(workload, has_prefixes, rules, question.label, ours, theirs, number, differing)


def header(with_peers: bool) -> str:
    line = f"{'rules':>6} {'':<6}{'ready ms':>9}{'cold us':>13}{'warm us':>12}{'loops':>9}{'parts':>8}{'all ms':>11}"
    if with_peers:
        for peer in PEERS:
            line += f" | {peer + ' ms':>10}{'us/flow':>12}{'ratio':>10}"
        line += f" |{'other':>6}"
    return line


def shown(row: Row, with_peers: bool) -> str:
    ours = row.ours
    line = f"{row.rules:>6,} {row.label:<6}{ours.build * 1e3:>9,.1f}{ours.about + format(ours.each * 1e6, ',.1f'):>13}"
    line += f"{ours.warm * 1e6:>12,.1f}{ours.warm / ours.loop:>9,.1f}{ours.parts:>8.1f}"
    line += f"{ours.about + format(ours.total * 1e3, ',.1f'):>11}"
    for peer in PEERS if with_peers else ():
        cost = row.theirs.get(peer)
        if cost is None:
            line += f" | {'-':>10}{'-':>12}{'-':>10}"
            continue
        each = cost.about + format(cost.each * 1e6, ",.0f")
        line += f" | {cost.build * 1e3:>10,.0f}{each:>12}{_ratio(cost, ours):>10}"
    return line + (f" |{len(row.differing):>6}" if with_peers else "")


def show_aims(rows: Sequence[Row], sizes: Sequence[int]) -> None:
    """What the figures are held against. Nothing fails by it: machines differ, and so do their neighbours."""
    first, last = min(sizes), max(sizes)
    ratios = "".join(f"{peer + '/ours':>12}" for peer in PEERS)
    print(f"\n{f'at {AIM_AT:,} rules':<42}{ratios}{'warm us':>11} | from {first:,} to {last:,}: all, warm flow")
    aims = "".join(f"{RATIO_AIMS[peer]:>12,}" for peer in PEERS)
    print(f"{'aim':<42}{aims}{WARM_AIM:>11,} | {last / first:>14,.0f}{last / first:>11,.0f}")
    found = {row[:4]: row for row in rows}
    for workload, has_prefixes, label in dict.fromkeys((row.workload, row.has_prefixes, row.label) for row in rows):
        small, large = (found[workload, has_prefixes, size, label].ours for size in (first, last))
        line = f"{_title(workload, has_prefixes)}, {label}".ljust(42)
        row = found.get((workload, has_prefixes, AIM_AT, label))
        for peer in PEERS:
            cost = row.theirs.get(peer) if row else None
            line += f"{_ratio(cost, row.ours) if row and cost else '-':>12}"
        line += f"{format(row.ours.warm * 1e6, ',.1f') if row else '-':>11}"
        all_ = (small.about or large.about) + format(large.total / small.total, ",.1f")
        print(f"{line} | {all_:>14}{large.warm / small.warm:>11,.1f}")


def _ratio(cost: Cost, ours: Cost) -> str:
    return (ours.about or cost.about) + format(cost.total / ours.total, ",.1f")


def _title(workload: str, has_prefixes: bool) -> str:
    return f"{workload}, tags as {'prefixes' if has_prefixes else 'names'}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--service-tags", type=Path, help="a file of Azure's service tags, as Microsoft publishes them")
    parser.add_argument("--peers", default="", help="the Python of a virtual environment with z3-solver and oxidd")
    parser.add_argument("--limit", type=float, default=20, help="seconds after which a pass over the flows is stopped")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of rules")
    given = parser.parse_args()
    known: list[dict[str, Intervals]] = [{}]
    if given.service_tags:
        known.append(prefixes(given.service_tags))
        number = sum(map(len, known[1].values()))
        print(f"{len(known[1])} tags of the file are named by rules or flows: {number:,} intervals of addresses")
    print(f"Python {sys.version.split()[0]}; {FLOWS} flows; an empty loop of {LOOP:,} took {empty_loop() * 1e6:.1f} us")
    print(LEGEND)
    rows: list[Row] = []
    for workload in WORKLOADS:
        for tags in known:
            print(f"\n{_title(workload, bool(tags))}\n{header(bool(given.peers))}")
            for size in given.sizes:
                for question in questions(tags, workload, size, ROUTES, FLOWS):
                    row = compared(workload, bool(tags), size, question, given.peers, given.limit)
                    print(shown(row, bool(given.peers)), *row.differing[:5], sep="\n    ", flush=True)
                    rows.append(row)
    show_aims(rows, given.sizes)
    if not given.peers:
        print(
            "For the comparison, install z3-solver and oxidd into a virtual environment and give its Python: --peers."
        )
        return 0
    differing = sum(len(row.differing) for row in rows)
    print(f"{differing} answers differ, of {sum(row.compared for row in rows):,} that were compared")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
