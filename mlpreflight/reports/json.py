"""The JSON report, format 1. Fields may be added, never renamed; schema/report.schema.json describes it."""

import json
from collections.abc import Iterator
from typing import Any

from mlpreflight.environment import Question, TagList
from mlpreflight.finding import Evidence, Finding, Judged, Report, Verdict
from mlpreflight.values import Where

FORMAT = 1


def render(report: Report) -> Iterator[str]:
    """The report piece by piece, so that a large one is never in memory twice."""
    yield f'{{\n"format": {FORMAT},\n"environments": ['
    for at, judged in enumerate(report.environments):
        yield ",\n" if at else "\n"
        yield from _environment(judged)
    summary = {verdict.value: report.count(verdict) for verdict in Verdict}
    yield f'\n],\n"summary": {json.dumps(summary)},\n"exit_code": {report.exit_code}\n}}\n'


def _environment(judged: Judged) -> Iterator[str]:
    head = {
        "name": judged.name,
        "profile": judged.profile,
        "workloads": list(judged.workloads),
        "as_of": judged.as_of.isoformat(),
        "service_tags": judged.service_tags and _list(judged.service_tags),
        "assumed": list(judged.assumed),
        "inputs": [{"file": one.file, "kind": one.kind, "sha256": one.document.digest} for one in judged.inputs],
        "unread": [{"file": one.file, "reason": one.reason} for one in judged.unread],
    }
    yield json.dumps(head, indent=1)[:-2] + ',\n "findings": ['
    for at, finding in enumerate(judged.findings):
        yield ",\n  " if at else "\n  "
        yield json.dumps(finding_of(finding))
    yield "\n ]\n}"


def _list(tags: TagList) -> dict[str, Any]:
    return {
        "file": tags.file,
        "cloud": tags.cloud,
        "change_number": tags.change_number,
        "date": tags.day and tags.day.isoformat(),
    }


def finding_of(finding: Finding) -> dict[str, Any]:
    """One finding as plain data."""
    return {
        "rule": finding.rule,
        "verdict": finding.verdict.value,
        "severity": str(finding.severity),
        "title": finding.title,
        "message": finding.message,
        "subject": {
            "type": finding.subject.type,
            "name": finding.subject.name,
            "id": finding.subject.id,
            "where": _where(finding.subject.where),
        },
        "where": _where(finding.where),
        "evidence": [_evidence(one) for one in finding.evidence],
        "cause": finding.cause,
        "wanted": [_question(one) for one in finding.wanted],
        "requirements": list(finding.requirements),
        "fix": finding.fix,
        "waiver": finding.waiver
        and {
            "owner": finding.waiver.owner,
            "reason": finding.waiver.reason,
            "expires": finding.waiver.expires.isoformat(),
        },
    }


def _where(where: Where | None) -> dict[str, Any] | None:
    if where is None or not where.document:
        return None
    line, column = where.position or (None, None)
    return {"file": where.file, "line": line, "column": column, "pointer": where.pointer}


def _evidence(one: Evidence) -> dict[str, Any]:
    place = _where(one.where) or {"file": None, "line": None, "column": None, "pointer": None}
    return {"role": one.role.value, "text": one.text, **place}


def _question(question: Question) -> dict[str, str]:
    return {"ask": "fetch", "url": question.url, "from": question.vantage}
