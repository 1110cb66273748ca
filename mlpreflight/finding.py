"""What a check answers, and the finding that files the answer under a rule and a subject."""

from collections.abc import Mapping
from datetime import date
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from mlpreflight.environment import Question, TagList
from mlpreflight.values import Text, Where

if TYPE_CHECKING:
    from mlpreflight.documents import Document


class Verdict(StrEnum):
    """How a requirement came out. What could not be read or decided is never a pass."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


class Severity(IntEnum):
    """How bad a failure is: `block` cannot work, `error` breaks a part, `warn` works today, `info` is advice."""

    INFO = 1
    WARN = 2
    ERROR = 3
    BLOCK = 4

    def __str__(self) -> str:
        return self.name.lower()


class Role(StrEnum):
    """What a piece of evidence did: it decided, it fed the decision, or it is where something is absent."""

    DECIDED = "decided"
    INPUT = "input"
    ABSENT = "absent"


class Evidence(NamedTuple):
    """A place and the value seen there. `via` are places outside of the resource that the value came through."""

    role: Role
    text: str
    where: Where | None
    via: tuple[Where, ...] = ()


Fact = str | int | Text | None


class Answer(NamedTuple):
    """What a check says of one subject.

    `cause` is the one thing to mend or to supply; equal causes are grouped. `facts` fill the page's fix.
    """

    verdict: Verdict
    message: str
    evidence: tuple[Evidence, ...] = ()
    cause: str = ""
    facts: Mapping[str, Fact] = MappingProxyType({})
    wanted: tuple[Question, ...] = ()


def passed(message: str, *evidence: Evidence) -> Answer:
    return Answer(Verdict.PASS, message, evidence)


def failed(message: str, *evidence: Evidence, cause: str = "", **facts: Fact) -> Answer:
    """A failure. The first piece of evidence is where the finding is shown."""
    return Answer(Verdict.FAIL, message, evidence, cause, facts)


def not_applicable(reason: str, *evidence: Evidence) -> Answer:
    return Answer(Verdict.NOT_APPLICABLE, reason, evidence)


class SubjectName(NamedTuple):
    """Whom a finding is about, as reports print it; all None where a rule found nobody to ask."""

    type: str | None = None
    name: str | None = None
    id: str | None = None
    where: Where | None = None


class Waived(NamedTuple):
    """The signed exception that rides on a finding."""

    owner: str
    reason: str
    expires: date


class Finding(NamedTuple):
    """An answer under its rule. `fix` is Markdown, given for failures only."""

    rule: str
    verdict: Verdict
    severity: Severity
    title: str
    message: str
    subject: SubjectName
    where: Where | None
    evidence: tuple[Evidence, ...]
    cause: str
    wanted: tuple[Question, ...]
    requirements: tuple[str, ...]
    fix: str | None = None
    waiver: Waived | None = None


class Input(NamedTuple):
    """A file that was read. `kind` is a word for people ("ARM template")."""

    document: "Document"
    kind: str

    @property
    def file(self) -> str:
        return self.document.name


class Unread(NamedTuple):
    """An input that could not be read, and why. It is never green."""

    file: str
    reason: str


class Judged(NamedTuple):
    """One environment with all that was found in it."""

    name: str
    profile: str
    workloads: tuple[str, ...]
    as_of: date
    assumed: tuple[str, ...]
    inputs: tuple[Input, ...]
    unread: tuple[Unread, ...]
    findings: tuple[Finding, ...]
    service_tags: TagList | None = None


class Report(NamedTuple):
    """A whole run, finished: reports render it and decide nothing."""

    environments: tuple[Judged, ...]
    exit_code: int

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for judged in self.environments for finding in judged.findings)

    @property
    def unread(self) -> tuple[Unread, ...]:
        return tuple(unread for judged in self.environments for unread in judged.unread)

    def count(self, verdict: Verdict) -> int:
        return sum(finding.verdict is verdict for finding in self.findings)
