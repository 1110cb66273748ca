"""The engine: what it makes of doubt, of breakage, and of looking for more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from mlpreflight.engine import examine, investigate
from mlpreflight.environment import Environment, Fetch, Observation, Question
from mlpreflight.finding import Answer, Verdict
from mlpreflight.resources.storage import StorageAccount
from mlpreflight.rules.page import Rule
from mlpreflight.rules.reader import built_in
from tests.builders import environment

RULES = {rule.id: rule for rule in built_in()}

CERTIFICATE = """
- type: Preflight/certificates
  name: gateway
  properties:
    crlDistributionPoints: ["http://pki.contoso.com/a.crl", "http://pki.contoso.com/b.crl"]
    validatedFrom: [snet-appgw]
"""


def verdicts(env: Environment, rule: str) -> list[Verdict]:
    return [finding.verdict for finding in examine(env, [RULES[rule]])]


def test_without_a_look_a_probe_stays_unknown_and_says_what_it_wanted() -> None:
    findings = examine(environment(CERTIFICATE), [RULES["crl-cannot-be-fetched"]])
    assert [finding.verdict for finding in findings] == [Verdict.UNKNOWN, Verdict.UNKNOWN]
    assert {question for finding in findings for question in finding.wanted} == {
        Fetch("http://pki.contoso.com/a.crl", "snet-appgw"),
        Fetch("http://pki.contoso.com/b.crl", "snet-appgw"),
    }


def test_investigate_asks_everything_at_once_and_judges_again() -> None:
    asked: list[Sequence[Question]] = []

    def look(questions: Sequence[Question]) -> list[Observation]:
        asked.append(questions)
        return [Observation(one, "answered" if one.url.endswith("a.crl") else "timed out") for one in questions]

    findings, seen = investigate(environment(CERTIFICATE), [RULES["crl-cannot-be-fetched"]], look)
    assert sorted(finding.verdict for finding in findings) == ["fail", "pass"]
    assert [len(questions) for questions in asked] == [2]
    replayed = examine(seen, [RULES["crl-cannot-be-fetched"]])
    assert [(one.verdict, one.message) for one in replayed] == [(one.verdict, one.message) for one in findings]


def test_investigate_ends_when_nobody_answers() -> None:
    calls = []

    def look(questions: Sequence[Question]) -> list[Observation]:
        calls.append(questions)
        return []

    findings, _ = investigate(environment(CERTIFICATE), [RULES["crl-cannot-be-fetched"]], look)
    assert {finding.verdict for finding in findings} == {Verdict.UNKNOWN}
    assert len(calls) == 1


def test_nothing_is_asked_that_no_selected_rule_wants() -> None:
    def look(questions: Sequence[Question]) -> list[Observation]:
        raise AssertionError(f"asked {questions}")

    investigate(environment(CERTIFICATE), [RULES["storage-open-to-all-networks"]], look)


def test_what_a_possible_resource_would_fail_is_unknown_and_says_why() -> None:
    env = environment("""
    - type: Microsoft.Storage/storageAccounts
      name: st
      condition: "[parameters('wanted')]"
      properties: {}
    """)
    (finding,) = examine(env, [RULES["storage-open-to-all-networks"]])
    assert finding.verdict is Verdict.UNKNOWN
    assert "parameter `wanted`" in finding.message
    assert finding.cause == "parameter `wanted`"


def test_what_a_possible_resource_would_pass_it_passes() -> None:
    env = environment("""
    - type: Microsoft.Storage/storageAccounts
      name: st
      condition: "[parameters('wanted')]"
      properties: {networkAcls: {defaultAction: Deny}}
    """)
    assert verdicts(env, "storage-open-to-all-networks") == [Verdict.PASS]


def test_a_condition_that_is_false_leaves_nothing() -> None:
    env = environment("""
    - type: Microsoft.Storage/storageAccounts
      name: st
      condition: false
      properties: {}
    """)
    assert verdicts(env, "storage-open-to-all-networks") == [Verdict.NOT_APPLICABLE]


def test_a_rule_without_subjects_gives_one_finding_about_nobody() -> None:
    (finding,) = examine(environment("[]"), [RULES["storage-open-to-all-networks"]])
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert finding.subject.name is None
    assert finding.subject.where is None


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("y"), RecursionError()])
def test_a_check_that_breaks_is_an_error_and_never_a_pass(error: Exception) -> None:
    def broken(account: StorageAccount) -> Answer:
        raise error

    rule: Rule = RULES["storage-open-to-all-networks"]._replace(function=broken, kind=StorageAccount)
    env = environment("[{type: Microsoft.Storage/storageAccounts, name: st}]")
    (finding,) = examine(env, [rule])
    assert finding.verdict is Verdict.ERROR
    assert type(error).__name__ in finding.message


def test_dates_silence_a_page_only_under_the_current_profile() -> None:
    rule = RULES["storage-open-to-all-networks"]._replace(until=date(2026, 3, 31))
    env = environment("[{type: Microsoft.Storage/storageAccounts, name: st}]", as_of=date(2026, 4, 1))
    assert examine(env, [rule]) == ()
    (finding,) = examine(replace(env, profile="legacy-2019"), [rule])
    assert finding.verdict is Verdict.FAIL
    assert "retired this requirement on 2026-03-31" in finding.message
    assert len(examine(replace(env, as_of=date(2026, 3, 31)), [rule])) == 1
