"""Judging: every rule asked of every subject, on the evidence there is, or after looking for more."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from mlpreflight.environment import Environment, Observation, Question, Subject
from mlpreflight.finding import Answer, Evidence, Fact, Finding, Role, SubjectName, Verdict
from mlpreflight.rules.page import Rule
from mlpreflight.values import NotEnoughEvidence, Unknown

Look = Callable[[Sequence[Question]], Iterable[Observation]]
"""Asks questions of the world, all at once. It gives what it saw, refusals included, and never judges."""

MAX_ROUNDS = 10

_WORST_FIRST = {
    Verdict.ERROR: 0,
    Verdict.FAIL: 1,
    Verdict.UNKNOWN: 2,
    Verdict.PASS: 3,
    Verdict.NOT_APPLICABLE: 4,
}


class _Case(NamedTuple):
    """One rule asked of one subject (None: there is nobody to ask, or the rule is about the whole)."""

    rule: Rule
    subject: Subject | None
    answer: Answer


def examine(env: Environment, rules: Iterable[Rule]) -> tuple[Finding, ...]:
    """Judges on the evidence there is. Worst first; equal causes stand together."""
    cases = [case for rule in rules if rule.fires(env) for case in _ask(rule, env)]
    return _filed(cases, env)


def investigate(env: Environment, rules: Iterable[Rule], look: Look) -> tuple[tuple[Finding, ...], Environment]:
    """Judges, asks what unknown answers wanted, and judges those rules again until nothing new is wanted.

    Gives the findings and the environment with all observations, which replays the run.
    """
    fired = [rule for rule in rules if rule.fires(env)]
    answered: dict[str, list[_Case]] = {rule.id: list(_ask(rule, env)) for rule in fired}
    for _ in range(MAX_ROUNDS):
        wanting = {id_: _wanted(cases) for id_, cases in answered.items()}
        questions = list(dict.fromkeys(one for wanted in wanting.values() for one in wanted))
        unasked = [one for one in questions if one not in env.observations]
        if not unasked:
            break
        seen = {observation.question: observation for observation in look(unasked)}
        if not seen:
            break
        env = replace(env, observations={**env.observations, **seen})
        for rule in fired:
            if wanting[rule.id]:
                answered[rule.id] = list(_ask(rule, env))
    return _filed([case for cases in answered.values() for case in cases], env), env


def _wanted(cases: Iterable[_Case]) -> list[Question]:
    return [question for case in cases for question in case.answer.wanted]


def _ask(rule: Rule, env: Environment) -> Iterator[_Case]:
    if rule.kind is Environment:
        yield _Case(rule, None, _answer(rule, None, env))
        return
    kind: type[Subject] = rule.kind
    try:
        subjects, doubt = env.all(kind)
    except Exception as error:  # noqa: BLE001 - a derived subject that breaks must not end the run
        yield _Case(rule, None, _broken(error))
        return
    for subject in subjects:
        yield _Case(rule, subject, _possibly(_answer(rule, subject, env), subject.doubt))
    if doubt:
        reason = f"there may be another {kind.label}: {doubt.reason}"
        yield _Case(rule, None, Answer(Verdict.UNKNOWN, reason, cause=doubt.cause, wanted=doubt.wanted))
    elif not subjects:
        reason = f"there is no {kind.label} among the inputs"
        yield _Case(rule, None, Answer(Verdict.NOT_APPLICABLE, reason))


def _answer(rule: Rule, subject: Subject | None, env: Environment) -> Answer:
    try:
        return rule.ask(subject, env)
    except NotEnoughEvidence as stopped:
        doubt = stopped.unknown
        return Answer(Verdict.UNKNOWN, doubt.reason, cause=doubt.cause, wanted=doubt.wanted)
    except Exception as error:  # noqa: BLE001 - whatever a check does, it is never a pass
        return _broken(error)


def _broken(error: Exception) -> Answer:
    kind = type(error).__name__
    return Answer(Verdict.ERROR, f"the check itself broke ({kind}: {error}); please report it", cause=f"a bug: {kind}")


def _possibly(answer: Answer, doubt: Unknown | None) -> Answer:
    """What a subject that is only possible would fail is unknown."""
    if answer.verdict is not Verdict.FAIL or doubt is None:
        return answer
    message = f"{answer.message}, if it is so at all: {doubt.reason}"
    return answer._replace(verdict=Verdict.UNKNOWN, message=message, cause=doubt.cause, wanted=doubt.wanted)


def _filed(cases: Iterable[_Case], env: Environment) -> tuple[Finding, ...]:
    """Findings, worst first, then by severity, cause and place, so that what one change mends stands together."""
    findings = [_finding(case, env) for case in cases]
    return tuple(
        sorted(
            findings,
            key=lambda one: (
                _WORST_FIRST[one.verdict],
                -one.severity,
                one.cause,
                one.rule,
                one.subject.name or "",
                one.message,
            ),
        )
    )


def _finding(case: _Case, env: Environment) -> Finding:
    rule, subject, answer = case.rule, case.subject, case.answer
    first = next((one.where for one in answer.evidence if one.where), None)
    return Finding(
        rule=rule.id,
        verdict=answer.verdict,
        severity=rule.severity(env.profile),
        title=rule.title,
        message=answer.message + _era(rule, env, answer.verdict),
        subject=_name(subject),
        where=first or (subject.where if subject is not None else None),
        evidence=tuple(_spread(answer.evidence)),
        cause=answer.cause or (subject.name.written if subject is not None else ""),
        wanted=answer.wanted,
        requirements=rule.requirements,
        fix=rule.mend({**facts_of(subject), **answer.facts}) if answer.verdict is Verdict.FAIL else None,
    )


def _era(rule: Rule, env: Environment, verdict: Verdict) -> str:
    """What an asked-for profile of the past has to be told of a requirement that Azure has retired."""
    if verdict is Verdict.FAIL and rule.until and env.as_of > rule.until:
        return f" (Azure retired this requirement on {rule.until})"
    return ""


def _spread(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """Each piece of evidence, followed by the places that its value came through."""
    for one in evidence:
        yield one
        for where in one.via:
            yield Evidence(Role.INPUT, "the value comes from here", where)


def _name(subject: Subject | None) -> SubjectName:
    if subject is None:
        return SubjectName()
    return SubjectName(subject.type, subject.name.written, subject.id.written, subject.where)


def facts_of(subject: Subject | None) -> dict[str, Fact]:
    """What every fix may use of a subject: its name, its parent's, resource group, subscription and id."""
    if subject is None:
        return {}
    names = subject.name.split("/")
    facts: dict[str, Fact] = {"name": names[-1], "id": subject.id}
    if len(names) > 1:
        facts["parent"] = names[0]
    steps = subject.id.split("/")
    for at, step in enumerate(steps[:-1]):
        for word, fact in (("subscriptions", "subscription"), ("resourceGroups", "resource_group")):
            if not step.holes and step == word:
                facts.setdefault(fact, steps[at + 1])
    return facts
