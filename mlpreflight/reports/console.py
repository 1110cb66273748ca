"""The report for people at a terminal: what to mend first, each finding a sentence with its place and its fix."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TextIO

from rich.console import Console
from rich.text import Text as Line

from mlpreflight.finding import Evidence, Finding, Judged, Report, Role, Severity, Verdict
from mlpreflight.reports.inert import inert
from mlpreflight.values import Where

STYLES = {Severity.BLOCK: "bold red", Severity.ERROR: "red", Severity.WARN: "yellow", Severity.INFO: "cyan"}
MARGIN = 10
# Many answers may wait for one thing: after this many they are counted, not listed.
SHOWN_OF_A_CAUSE = 3
SHOWN_OF_A_VALUE = 100
# Output that is no terminal has no width of its own.
WIDTH_OF_A_FILE = 120

Paragraph = tuple[Line, Line]
"""A word for the margin, and what stands beside it."""


def render(report: Report, out: TextIO, verbose: bool = False) -> None:
    """Writes the report to a stream; in colour if that is a terminal that wants it."""
    console = Console(file=out, width=None if out.isatty() else WIDTH_OF_A_FILE, highlight=False)
    for judged in report.environments:
        head = Line.assemble((inert(judged.name), "bold"), (f"  profile {judged.profile}, as of {judged.as_of}", "dim"))
        console.print(head, soft_wrap=True)
        for word, text in _environment(judged, verbose):
            _print(console, word, text)
        console.print()
    console.print(_last_line(report), soft_wrap=True)


def _print(console: Console, word: Line, text: Line) -> None:
    margin = Line("  ").append_text(word)
    margin.append(" " * max(MARGIN - len(margin), 1))
    # A place is one long word: it is copied into an editor, so it is never cut in two.
    width = max(console.width - MARGIN, 30, *(len(word) for word in text.plain.split()[:1]))
    for line in text.wrap(console, width):
        line.rstrip()
        console.print(margin.append_text(line), soft_wrap=True)
        margin = Line(" " * MARGIN)


def _beside(text: str, style: str = "") -> Paragraph:
    return Line(""), Line(inert(text), style=style)


def _environment(judged: Judged, verbose: bool) -> Iterator[Paragraph]:
    for sentence in judged.assumed:
        if verbose or " taken for " in sentence:
            yield Line("assumed", "dim"), Line(inert(sentence), "dim")
    for unread in judged.unread:
        yield Line("UNREAD", "bold magenta"), Line(inert(f"{unread.file} {unread.reason}"))
    failures = [one for one in judged.findings if one.verdict in (Verdict.ERROR, Verdict.FAIL)]
    for alike in _alike(failures):
        yield from _failure(alike[0], [_subject(one) for one in alike], verbose)
    yield from _unknowns([one for one in judged.findings if one.verdict is Verdict.UNKNOWN], verbose)
    passes = [one for one in judged.findings if one.verdict is Verdict.PASS]
    if verbose:
        for finding in passes + [one for one in judged.findings if one.verdict is Verdict.NOT_APPLICABLE]:
            yield _quiet(finding)
    elif passes:
        yield Line("PASS", "green"), Line(f"{len(passes)} in order (--verbose lists them)", "green")


def _alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings that say the same of the same line together: the copies that one loop makes."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.rule, one.verdict, one.message, one.where, one.waiver), []).append(one)
    return list(groups.values())


def _failure(finding: Finding, subjects: list[str], verbose: bool) -> Iterator[Paragraph]:
    broken = finding.verdict is Verdict.ERROR
    word = Line("BROKEN", "bold magenta") if broken else Line(str(finding.severity).upper(), STYLES[finding.severity])
    yield word, Line(inert(finding.title), "dim" if finding.waiver else "bold")
    named = ", ".join(subjects if verbose else subjects[:SHOWN_OF_A_CAUSE])
    more = f" and {len(subjects) - SHOWN_OF_A_CAUSE} more" if len(subjects) > SHOWN_OF_A_CAUSE and not verbose else ""
    yield _beside(f"{named}{more}: {finding.message}" if named else finding.message)
    if finding.waiver:
        signed = f"by {finding.waiver.owner} until {finding.waiver.expires}: {finding.waiver.reason}"
        yield _labelled("waived", signed, "magenta")
    for one in finding.evidence:
        yield Line(""), _seen(one, verbose)
    if not finding.evidence and finding.where:
        yield _beside(_place(finding.where), "blue")
    if finding.fix and not finding.waiver:
        yield _labelled("fix", finding.fix if verbose else _first_paragraph(finding.fix), "green")
    yield _labelled("rule", finding.rule, "dim")


def _labelled(label: str, text: str, style: str) -> Paragraph:
    return Line(""), Line.assemble((f"{label}: ", style), inert(text))


def _subject(finding: Finding) -> str:
    return finding.subject.name or ""


def _said(finding: Finding) -> str:
    """A finding in one line: its rule, its subject, and what the check says."""
    parts = (finding.rule, finding.subject.name, finding.message)
    return ": ".join(part for part in parts if part)


def _seen(one: Evidence, verbose: bool) -> Line:
    role = " (input)" if one.role is Role.INPUT else ""
    text = one.text if verbose or len(one.text) <= SHOWN_OF_A_VALUE else one.text[: SHOWN_OF_A_VALUE - 1] + "…"
    return Line.assemble((_place(one.where), "blue"), f"  {inert(text)}{role}")


def _place(where: Where | None) -> str:
    if where is None:
        return "(no file)"
    if not where.document:
        return inert(where.id)
    line, column = where.position or (1, 1)
    return inert(f"{where.file}:{line}:{column}")


def _unknowns(findings: list[Finding], verbose: bool) -> Iterator[Paragraph]:
    """Unknown answers, grouped by the one thing that would settle them."""
    by_cause = sorted(findings, key=lambda one: (one.cause, -one.severity, one.rule))
    for cause, grouped in groupby(by_cause, key=lambda one: one.cause):
        group = list(grouped)
        many = "1 answer waits" if len(group) == 1 else f"{len(group)} answers wait"
        yield Line("UNKNOWN", "magenta"), Line(f"{many} for {inert(cause or 'more evidence')}")
        for finding in group if verbose else group[:SHOWN_OF_A_CAUSE]:
            text = Line(inert(_said(finding)), "dim")
            if finding.where:
                text.append(f"  {_place(finding.where)}", "blue")
            yield Line(""), text
        if not verbose and len(group) > SHOWN_OF_A_CAUSE:
            yield _beside(f"and {len(group) - SHOWN_OF_A_CAUSE} more (--verbose)", "dim")


def _quiet(finding: Finding) -> Paragraph:
    passed = finding.verdict is Verdict.PASS
    text = Line(inert(_said(finding)))
    if finding.where and passed:
        text.append(f"  {_place(finding.where)}", "blue")
    return (Line("PASS", "green") if passed else Line("N/A", "dim")), text


def _first_paragraph(text: str) -> str:
    return " ".join(text.split("\n\n", 1)[0].split())


def _last_line(report: Report) -> Line:
    """How it came out, and how much was not decided."""
    failures = [one for one in report.findings if one.verdict is Verdict.FAIL]
    live = [one for one in failures if not one.waiver]
    passes, unknown = report.count(Verdict.PASS), report.count(Verdict.UNKNOWN)
    words = [_counted(live, severity) for severity in sorted(Severity, reverse=True)]
    line = Line(", ".join(word for word in words if word) or "no failures", "bold")
    if len(failures) > len(live):
        line.append(f", {len(failures) - len(live)} waived")
    line.append(f"; {passes} passed")
    for count, told in (
        (report.count(Verdict.ERROR), "checks broke"),
        (unknown, f"of {unknown + passes + len(failures)} not decided"),
        (len(report.unread), "inputs unread"),
    ):
        if count:
            line.append(f"; {count} {told}", "magenta")
    if not (passes or failures):
        line.append("; nothing was decided", "magenta")
    return line.append(f" (exit code {report.exit_code})", "dim")


def _counted(findings: Iterable[Finding], severity: Severity) -> str:
    many = sum(one.severity is severity for one in findings)
    names = {Severity.BLOCK: "blocking", Severity.ERROR: "errors", Severity.WARN: "warnings", Severity.INFO: "notes"}
    name = names[severity]
    return f"{many} {name if many != 1 else name.removesuffix('s')}" if many else ""
