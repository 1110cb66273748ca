"""The report for people at a terminal: what to mend first, each finding a sentence with its place and its fix."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TextIO

from mlpreflight.environment import TagList
from mlpreflight.finding import Evidence, Finding, Judged, Report, Role, Severity, Verdict
from mlpreflight.reports.inert import inert
from mlpreflight.reports.lines import Print, Span, printer, wrapped
from mlpreflight.values import Where

STYLES = {Severity.BLOCK: "bold red", Severity.ERROR: "red", Severity.WARN: "yellow", Severity.INFO: "cyan"}
MARGIN = 10
# Many answers may wait for one thing: after this many they are counted, not listed.
SHOWN_OF_A_CAUSE = 3
SHOWN_OF_A_VALUE = 100
# One line that breaks at least so many rules is told once, with what it breaks.
ROOT_OF = 3

Paragraph = tuple[Span, list[Span]]
"""A word for the margin, and what stands beside it."""

NO_WORD: Span = ("", "")


def render(report: Report, out: TextIO, verbose: bool = False) -> None:
    """Writes the report to a stream; in colour if that is a terminal that wants it."""
    show, width = printer(out)
    for judged in report.environments:
        show([(inert(judged.name), "bold"), (f"  profile {judged.profile}, as of {judged.as_of}", "dim")])
        for word, text in _environment(judged, verbose):
            _print(show, width, word, text)
        show([])
    show(_last_line(report))


def _print(show: Print, width: int, word: Span, text: list[Span]) -> None:
    margin = [("  ", ""), word, (" " * max(MARGIN - 2 - len(word[0]), 1), "")]
    for line in wrapped(text, max(width - MARGIN, 30)):
        show([*margin, *line])
        margin = [(" " * MARGIN, "")]


def _beside(text: str, style: str = "") -> Paragraph:
    return NO_WORD, [(inert(text), style)]


def _environment(judged: Judged, verbose: bool) -> Iterator[Paragraph]:
    if judged.service_tags:
        yield ("tags", "dim"), [(inert(f"{judged.service_tags}{_change(judged.service_tags)}"), "dim")]
    for sentence in judged.assumed:
        if verbose or " taken for " in sentence:
            yield ("assumed", "dim"), [(inert(sentence), "dim")]
    for unread in judged.unread:
        yield ("UNREAD", "bold magenta"), [(inert(f"{unread.file} {unread.reason}"), "")]
    failures = [one for one in judged.findings if one.verdict in (Verdict.ERROR, Verdict.FAIL)]
    for group in _alike(failures):
        if len({one.rule for one in group}) > 1:
            yield from _root(group, verbose)
        else:
            yield from _failure(group[0], [_subject(one) for one in group], verbose)
    yield from _unknowns([one for one in judged.findings if one.verdict is Verdict.UNKNOWN], verbose)
    passes = [one for one in judged.findings if one.verdict is Verdict.PASS]
    if verbose:
        for finding in passes + [one for one in judged.findings if one.verdict is Verdict.NOT_APPLICABLE]:
            yield _quiet(finding)
    elif passes:
        yield ("PASS", "green"), [(f"{len(passes)} in order (--verbose lists them)", "green")]


def _change(tags: TagList) -> str:
    number = "" if tags.change_number is None else f"change {tags.change_number} of "
    return f" ({number}{tags.cloud}, {tags.file})"


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings that belong together: all that one line does to several rules, and the copies that one loop makes."""
    rules: dict[tuple[object, ...], set[str]] = {}
    for one in findings:
        rules.setdefault(_root_of(one), set()).add(one.rule)
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        is_root = one.where and not one.waiver and len(rules[_root_of(one)]) >= ROOT_OF
        own = (one.rule, one.verdict, one.message, one.where, one.waiver)
        groups.setdefault(_root_of(one) if is_root else own, []).append(one)
    return list(groups.values())


def _root_of(finding: Finding) -> tuple[object, ...]:
    return finding.cause, finding.where, finding.verdict


def _root(group: Sequence[Finding], verbose: bool) -> Iterator[Paragraph]:
    """One line that breaks several things: the line, what it breaks, the worst first, and how to mend each."""
    worst = max(group, key=lambda one: one.severity)
    word = str(worst.severity).upper(), STYLES[worst.severity]
    yield word, [(inert(f"{worst.cause} is behind {len(group)} findings"), "bold")]
    for place in worst.evidence:
        yield NO_WORD, _seen(place, verbose)
    for one in group:
        told = inert(f"{one.title}. {_what(one)}")
        yield NO_WORD, [(f"{one.severity}: ", STYLES[one.severity]), (told, ""), (f" ({one.rule})", "dim")]
        if one.fix and verbose:
            yield _labelled("fix", one.fix, "green")
    if worst.fix and not verbose:
        yield _labelled("fix, of the first", _first_paragraph(worst.fix), "green")


def _what(finding: Finding) -> str:
    return f"{finding.subject.name}: {finding.message}" if finding.subject.name else finding.message


def _failure(finding: Finding, subjects: list[str], verbose: bool) -> Iterator[Paragraph]:
    broken = finding.verdict is Verdict.ERROR
    word = ("BROKEN", "bold magenta") if broken else (str(finding.severity).upper(), STYLES[finding.severity])
    yield word, [(inert(finding.title), "dim" if finding.waiver else "bold")]
    named = ", ".join(subjects if verbose else subjects[:SHOWN_OF_A_CAUSE])
    more = f" and {len(subjects) - SHOWN_OF_A_CAUSE} more" if len(subjects) > SHOWN_OF_A_CAUSE and not verbose else ""
    yield _beside(f"{named}{more}: {finding.message}" if named else finding.message)
    if finding.waiver:
        signed = f"by {finding.waiver.owner} until {finding.waiver.expires}: {finding.waiver.reason}"
        yield _labelled("waived", signed, "magenta")
    for one in finding.evidence:
        yield NO_WORD, _seen(one, verbose)
    if not finding.evidence and finding.where:
        yield _beside(_place(finding.where), "blue")
    if finding.fix and not finding.waiver:
        yield _labelled("fix", finding.fix if verbose else _first_paragraph(finding.fix), "green")
    yield _labelled("rule", finding.rule, "dim")


def _labelled(label: str, text: str, style: str) -> Paragraph:
    return NO_WORD, [(f"{label}: ", style), (inert(text), "")]


def _subject(finding: Finding) -> str:
    return finding.subject.name or ""


def _said(finding: Finding) -> str:
    """A finding in one line: its rule, its subject, and what the check says."""
    parts = (finding.rule, finding.subject.name, finding.message)
    return ": ".join(part for part in parts if part)


def _seen(one: Evidence, verbose: bool) -> list[Span]:
    role = " (input)" if one.role is Role.INPUT else ""
    text = one.text if verbose or len(one.text) <= SHOWN_OF_A_VALUE else one.text[: SHOWN_OF_A_VALUE - 1] + "…"
    return [(_place(one.where), "blue"), (f"  {inert(text)}{role}", "")]


def _place(where: Where | None) -> str:
    if where is None:
        return "(no file)"
    if not where.document:
        return inert(where.id)
    line, column = where.position or (1, 1)
    return inert(f"{where.file}:{line}:{column}")


def _at(where: Where | None) -> list[Span]:
    return [(f"  {_place(where)}", "blue")] if where else []


def _unknowns(findings: list[Finding], verbose: bool) -> Iterator[Paragraph]:
    """Unknown answers, grouped by the one thing that would settle them."""
    by_cause = sorted(findings, key=lambda one: (one.cause, -one.severity, one.rule))
    for cause, grouped in groupby(by_cause, key=lambda one: one.cause):
        group = list(grouped)
        many = "1 answer waits" if len(group) == 1 else f"{len(group)} answers wait"
        yield ("UNKNOWN", "magenta"), [(f"{many} for {inert(cause or 'more evidence')}", "")]
        for finding in group if verbose else group[:SHOWN_OF_A_CAUSE]:
            yield NO_WORD, [(inert(_said(finding)), "dim"), *_at(finding.where)]
        if not verbose and len(group) > SHOWN_OF_A_CAUSE:
            yield _beside(f"and {len(group) - SHOWN_OF_A_CAUSE} more (--verbose)", "dim")


def _quiet(finding: Finding) -> Paragraph:
    passed = finding.verdict is Verdict.PASS
    text = [(inert(_said(finding)), ""), *_at(finding.where if passed else None)]
    return (("PASS", "green") if passed else ("N/A", "dim")), text


def _first_paragraph(text: str) -> str:
    return " ".join(text.split("\n\n", 1)[0].split())


def _last_line(report: Report) -> list[Span]:
    """How it came out, and how much was not decided."""
    failures = [one for one in report.findings if one.verdict is Verdict.FAIL]
    live = [one for one in failures if not one.waiver]
    passes, unknown = report.count(Verdict.PASS), report.count(Verdict.UNKNOWN)
    words = [_counted(live, severity) for severity in sorted(Severity, reverse=True)]
    line = [(", ".join(word for word in words if word) or "no failures", "bold")]
    if len(failures) > len(live):
        line.append((f", {len(failures) - len(live)} waived", ""))
    line.append((f"; {passes} passed", ""))
    for count, told in (
        (report.count(Verdict.ERROR), "checks broke"),
        (unknown, f"of {unknown + passes + len(failures)} not decided"),
        (len(report.unread), "inputs unread"),
    ):
        if count:
            line.append((f"; {count} {told}", "magenta"))
    if not (passes or failures):
        line.append(("; nothing was decided", "magenta"))
    return [*line, (f" (exit code {report.exit_code})", "dim")]


def _counted(findings: Iterable[Finding], severity: Severity) -> str:
    many = sum(one.severity is severity for one in findings)
    names = {Severity.BLOCK: "blocking", Severity.ERROR: "errors", Severity.WARN: "warnings", Severity.INFO: "notes"}
    name = names[severity]
    return f"{many} {name if many != 1 else name.removesuffix('s')}" if many else ""
