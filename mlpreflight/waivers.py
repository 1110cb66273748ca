"""Waivers: signed exceptions. A waived failure is still a failure; it only no longer stops the gate."""

from collections.abc import Iterable
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from mlpreflight.documents import DocumentError, from_text, read
from mlpreflight.finding import Finding, Verdict, Waived

KEYS = ("rule", "subject", "owner", "reason", "expires")


class WaiverError(Exception):
    """A waivers file that is not right; names the file and the line."""


class Waiver(NamedTuple):
    """An exception for one rule and the subjects whose name or id a glob matches, until the end of a day."""

    rule: str
    subject: str
    owner: str
    reason: str
    expires: date

    def covers(self, finding: Finding, as_of: date) -> bool:
        if self.rule != finding.rule or as_of > self.expires:
            return False
        pattern = self.subject.lower()
        names = (finding.subject.name or "", finding.subject.id or "")
        return any(fnmatchcase(name.lower(), pattern) for name in names)


def read_waivers(path: Path, name: str, rules: Iterable[str]) -> tuple[Waiver, ...]:
    """The waivers of a file, a YAML list. `rules` are the ids that exist. Raises WaiverError."""
    try:
        document = read(path, name)
        if path.suffix.lower() not in (".yaml", ".yml"):
            document = from_text(document.text, name, yaml=True)
    except DocumentError as error:
        raise WaiverError(f"the waivers file {name} {error}") from None
    known = frozenset(rules)

    def fail(at: tuple[str | int, ...], problem: str) -> WaiverError:
        line, _ = document.position(at)
        return WaiverError(f"{name}:{line}: {problem}")

    if not isinstance(document.value, list):
        raise fail((), "waivers are a list; each has " + ", ".join(KEYS))
    return tuple(_waiver(entry, at, known, fail) for at, entry in enumerate(document.value))


def _waiver(entry: Any, at: int, known: frozenset[str], fail: Any) -> Waiver:
    if not isinstance(entry, dict):
        raise fail((at,), "a waiver has " + ", ".join(KEYS))
    for key, value in entry.items():
        if key not in KEYS:
            raise fail((at, key), f"unknown key {key!r}; a waiver has {', '.join(KEYS)}")
        if not isinstance(value, str) or not value.strip():
            raise fail((at, key), f"{key!r} must be text")
    for key in KEYS:
        if key not in entry:
            raise fail((at,), f"the waiver has no {key!r}")
    if entry["rule"] not in known:
        raise fail((at, "rule"), f"there is no rule {entry['rule']!r}")
    try:
        expires = date.fromisoformat(entry["expires"])
    except ValueError:
        raise fail((at, "expires"), f"{entry['expires']!r} is no date; write it as in 2026-11-20") from None
    return Waiver(entry["rule"], entry["subject"], entry["owner"], entry["reason"], expires)


def waive(findings: Iterable[Finding], waivers: Iterable[Waiver], as_of: date) -> tuple[Finding, ...]:
    """Findings, the failures that a live waiver covers carrying it."""
    live = tuple(waivers)
    return tuple(_waived(finding, live, as_of) for finding in findings)


def _waived(finding: Finding, waivers: tuple[Waiver, ...], as_of: date) -> Finding:
    if finding.verdict is not Verdict.FAIL:
        return finding
    waiver = next((one for one in waivers if one.covers(finding, as_of)), None)
    return finding._replace(waiver=Waived(waiver.owner, waiver.reason, waiver.expires)) if waiver else finding
