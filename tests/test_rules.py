"""Every sample on every page gets the verdict on its fence, and no doubt turns a verdict round."""

import json
from typing import Any

import pytest

from mlpreflight.documents import DocumentError, from_text
from mlpreflight.engine import examine
from mlpreflight.finding import Verdict
from mlpreflight.rules.page import Rule, Sample
from mlpreflight.rules.reader import built_in
from mlpreflight.sources.samples import environment_of

ORDER = [Verdict.ERROR, Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS, Verdict.NOT_APPLICABLE]

SAMPLES = [(rule, sample) for rule in built_in() for sample in rule.samples]


def worst(rule: Rule, env) -> Verdict | None:
    verdicts = {finding.verdict for finding in examine(env, [rule])}
    return next((verdict for verdict in ORDER if verdict in verdicts), None)


@pytest.mark.parametrize(
    ("rule", "sample"), SAMPLES, ids=[f"{rule.id}:{sample.line}-{sample.verdict}" for rule, sample in SAMPLES]
)
def test_sample_gets_the_verdict_on_its_fence(rule: Rule, sample: Sample) -> None:
    env = environment_of(rule, sample)
    findings = [finding for finding in examine(env, [rule]) if finding.verdict is not Verdict.NOT_APPLICABLE]
    shown = [(finding.verdict.value, finding.message) for finding in findings]
    assert worst(rule, env) == sample.verdict, shown


def leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all single values in plain data."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for at, inner in enumerate(value) for leaf in leaves(inner, (*path, at))]
    return [path]


def changed(value: Any, path: tuple[str | int, ...], leaf: object) -> Any:
    """Plain data with one value replaced."""
    if not path:
        return leaf
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], leaf)
    return copy


@pytest.mark.parametrize(
    ("rule", "sample"),
    [(rule, sample) for rule, sample in SAMPLES if sample.verdict in ("pass", "fail")],
    ids=[f"{rule.id}:{sample.line}" for rule, sample in SAMPLES if sample.verdict in ("pass", "fail")],
)
def test_no_value_that_becomes_unknown_turns_the_verdict_round(rule: Rule, sample: Sample) -> None:
    whole = from_text(sample.text, "sample.yaml", yaml=True).value
    for path in leaves(whole):
        if path[-1] in ("type", "asOf", "complete") or path[0] == "observations":
            continue
        text = json.dumps(changed(whole, path, f"[parameters('{'-'.join(map(str, path))}')]"))
        try:
            verdict = worst(rule, environment_of(rule, sample._replace(text=text)))
        except DocumentError:
            continue  # said aloud, and never green
        allowed = {Verdict(sample.verdict), Verdict.UNKNOWN}
        assert verdict in allowed, f"{path} unknown: {sample.verdict} became {verdict}"
