"""The list of rules, as a table and as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from mlpreflight.rules.page import Rule


def as_json(rules: Sequence[Rule]) -> str:
    """Every rule's front matter."""
    return json.dumps([_entry(rule) for rule in rules], indent=1) + "\n"


def _entry(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "area": rule.area,
        "title": rule.title,
        "check": rule.check,
        "with": {name: list(one) if isinstance(one, tuple) else one for name, one in rule.parameters.items()},
        "severity": {profile: str(severity) for profile, severity in rule.severities.items()},
        "workloads": list(rule.workloads),
        "profiles": list(rule.profiles),
        "since": rule.since and rule.since.isoformat(),
        "until": rule.until and rule.until.isoformat(),
        "requirements": list(rule.requirements),
        "benchmarks": {name: list(controls) for name, controls in rule.benchmarks.items()},
        "cites": list(rule.cites),
        "reviewed": rule.reviewed.isoformat(),
        "file": rule.file,
    }


def as_table(rules: Sequence[Rule]) -> str:
    """Id, severity, profiles and title, one line a rule."""
    rows = [
        (
            rule.id,
            "/".join(sorted({str(one) for one in rule.severities.values()})),
            ", ".join(rule.profiles),
            rule.title,
        )
        for rule in rules
    ]
    rows.insert(0, ("rule", "severity", "profiles", "title"))
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    lines = ["  ".join([*(cell.ljust(widths[at]) for at, cell in enumerate(row[:3])), row[3]]) for row in rows]
    return "".join(line.rstrip() + "\n" for line in lines)
