"""Every sample on every page gets the verdict on its fence, and no doubt turns a verdict round."""

import pytest

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
