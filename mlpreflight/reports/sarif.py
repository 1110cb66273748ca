"""SARIF 2.1.0, streamed: failures and unknowns as results, located where the fix goes."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from mlpreflight import __version__
from mlpreflight.finding import Finding, Judged, Report, Severity, Verdict
from mlpreflight.reports.inert import inert
from mlpreflight.rules.page import Rule
from mlpreflight.values import Where

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.BLOCK: "error", Severity.ERROR: "error", Severity.WARN: "warning", Severity.INFO: "note"}
SECURITY_SEVERITY = {Severity.BLOCK: "8.0", Severity.ERROR: "7.0", Severity.WARN: "4.0", Severity.INFO: "1.0"}


def render(report: Report, rules: Sequence[Rule]) -> Iterator[str]:
    """The report piece by piece. Passes and what does not apply are left out, as code scanning expects."""
    used = {finding.rule for finding in report.findings}
    listed = [rule for rule in rules if rule.id in used]
    index = {rule.id: at for at, rule in enumerate(listed)}
    driver = {
        "name": "mlpreflight",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in listed],
    }
    yield f'{{\n"$schema": "{SCHEMA}",\n"version": "2.1.0",\n"runs": [{{\n"tool": {{"driver": {json.dumps(driver)}}},\n'
    yield '"originalUriBaseIds": {"SRCROOT": {"description": {"text": "where the tool was run"}}},\n'
    yield f'"columnKind": "unicodeCodePoints",\n"invocations": [{json.dumps(_invocation(report))}],\n"results": ['
    first = True
    for judged in report.environments:
        for finding in judged.findings:
            if finding.verdict in (Verdict.FAIL, Verdict.UNKNOWN):
                yield ("\n" if first else ",\n") + json.dumps(_result(finding, judged, index))
                first = False
    yield "\n]" + _lists(report) + "}]\n}\n"


def _rule(rule: Rule) -> dict[str, Any]:
    severity = max(rule.severities.values())
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix, "markdown": f"{rule.why}\n\n## Fix\n{rule.fix}"},
        "helpUri": rule.cites[0],
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": ["azure-machine-learning", rule.area, *rule.requirements],
            "precision": "very-high",
            "security-severity": SECURITY_SEVERITY[severity],
        },
    }


def _lists(report: Report) -> str:
    """The lists of service tags that were judged by, as properties of the run."""
    used = {one.service_tags.file: one.service_tags for one in report.environments if one.service_tags}
    if not used:
        return ""
    lists = [
        {
            "file": inert(tags.file),
            "cloud": tags.cloud,
            "changeNumber": tags.change_number,
            "date": tags.day and tags.day.isoformat(),
        }
        for tags in used.values()
    ]
    return f',\n"properties": {json.dumps({"serviceTags": lists})}'


def _invocation(report: Report) -> dict[str, Any]:
    """The run itself: unread inputs and broken checks are told here, so that nothing of them is green."""
    notes = [
        {"level": "error", "message": {"text": inert(f"{one.file} {one.reason}")}, "descriptor": {"id": "unread-input"}}
        for one in report.unread
    ]
    notes += [
        {"level": "error", "message": {"text": inert(one.message)}, "associatedRule": {"id": one.rule}}
        for one in report.findings
        if one.verdict is Verdict.ERROR
    ]
    return {
        "executionSuccessful": report.exit_code not in (2, 4, 5),
        "exitCode": report.exit_code,
        "toolExecutionNotifications": notes,
    }


def _result(finding: Finding, judged: Judged, index: dict[str, int]) -> dict[str, Any]:
    failed = finding.verdict is Verdict.FAIL
    subject = f"{finding.subject.name}: " if finding.subject.name else ""
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "kind": "fail" if failed else "open",
        "level": LEVELS[finding.severity] if failed else "none",
        "message": {"text": inert(f"{subject}{finding.message}")},
        "partialFingerprints": {"mlpreflight/v1": _fingerprint(finding, judged)},
    }
    place = finding.where
    if place is None or not place.document:
        place = next((one.where for one in finding.evidence if one.where and one.where.document), None)
    location: dict[str, Any] = {}
    if place is not None and place.document:
        location["physicalLocation"] = _physical(place)
    elif judged.inputs:
        location["physicalLocation"] = _physical(Where(judged.inputs[0].document))
    if finding.subject.id:
        location["logicalLocations"] = [
            {
                "name": inert(finding.subject.name or ""),
                "fullyQualifiedName": inert(finding.subject.id),
                "kind": "resource",
            }
        ]
    if location:
        result["locations"] = [location]
    related = [
        {"id": at, "physicalLocation": _physical(one.where), "message": {"text": inert(f"{one.role}: {one.text}")}}
        for at, one in enumerate(finding.evidence, 1)
        if one.where and one.where.document
    ]
    if related:
        result["relatedLocations"] = related
    if finding.waiver:
        result["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted",
                "justification": inert(
                    f"{finding.waiver.reason} (waived by {finding.waiver.owner} until {finding.waiver.expires})"
                ),
            }
        ]
    return result


def _physical(where: Where) -> dict[str, Any]:
    line, column = where.position or (1, 1)
    return {
        "artifactLocation": _artifact(where.file or ""),
        "region": {"startLine": line, "startColumn": column},
    }


def _artifact(file: str) -> dict[str, str]:
    if file.startswith("/"):
        return {"uri": "file://" + quote(file)}
    return {"uri": quote(file), "uriBaseId": "SRCROOT"}


def _fingerprint(finding: Finding, judged: Judged) -> str:
    """The same for the same fault in the same file, wherever its lines have moved."""
    pointer = finding.where.pointer if finding.where else ""
    file = finding.where.file if finding.where else judged.name
    parts = (finding.rule, file or "", finding.subject.id or "", "" if finding.subject.id else pointer)
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
