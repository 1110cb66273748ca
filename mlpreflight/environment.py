"""What is known of an Azure ML environment: its resources, and what was seen of it, at a point in time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Protocol, Self, TypeVar

from mlpreflight.text import compare
from mlpreflight.values import Node, NotEnoughEvidence, Text, Unknown, Where
from mlpreflight.vocabulary import WORKLOADS


class Resource(NamedTuple):
    """One resource in Azure Resource Manager's own shape.

    `type` is whole ("Microsoft.Network/virtualNetworks/subnets") and so is `name` ("vnet/subnet"). `doubt` is the
    reason why it may not be deployed at all. `extends` is the id of the resource that an extension resource is
    scoped to.
    """

    type: str
    name: Text
    id: Text
    node: Node
    doubt: Unknown | None = None
    extends: Text | None = None

    @property
    def where(self) -> Where:
        return self.node.where


class Fetch(NamedTuple):
    """The question whether a document can be fetched over HTTP, asked from a vantage point."""

    url: str
    vantage: str

    def __str__(self) -> str:
        return f"fetch {self.url} from {self.vantage or 'the network that needs it'}"


Question = Fetch


class Observation(NamedTuple):
    """What came of a question. `outcome` is "answered" or says how it failed ("refused", "timed out")."""

    question: Question
    outcome: str
    detail: str = ""
    facts: Mapping[str, str | int] = MappingProxyType({})


class TagList(Protocol):
    """A list of service tags that the user brought: of one cloud, on one day; None where nothing tells which.

    Tags are called without regard to case; addresses are pairs of numbers as `network.addresses` counts them.
    """

    @property
    def file(self) -> str: ...

    @property
    def cloud(self) -> str: ...

    @property
    def change_number(self) -> int | None: ...

    @property
    def day(self) -> date | None: ...

    def __contains__(self, tag: object, /) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...

    def numbers(self, word: str) -> tuple[tuple[int, int], ...]: ...

    def holds(self, outer: str, inner: str) -> bool: ...

    def missing(
        self, tag: str, numbers: tuple[tuple[int, int], ...], *, of: tuple[tuple[int, int], ...] | None = None
    ) -> list[str]: ...


class Subject(Protocol):
    """What a check can be asked of: a resource, or something derived from several."""

    label: ClassVar[str]

    @classmethod
    def found_in(cls, env: "Environment") -> Iterator[Self]: ...

    @property
    def type(self) -> str: ...

    @property
    def name(self) -> Text: ...

    @property
    def id(self) -> Text: ...

    @property
    def where(self) -> Where | None: ...

    @property
    def doubt(self) -> Unknown | None: ...


S = TypeVar("S", bound=Subject)
M = TypeVar("M")


@dataclass(frozen=True)
class Environment:
    """Everything that the rules are asked about. `as_of` is the only clock.

    `complete` says that nothing exists but what is here. `roles` name what plays a part that no reference tells
    ("computeSubnet": ids or names). `assumed` are sentences on what was taken for granted.
    `tags` is the list of service tags that the user brought, if any.
    """

    name: str
    resources: tuple[Resource, ...]
    as_of: date
    profile: str = "current"
    workloads: frozenset[str] = frozenset(WORKLOADS)
    cloud: str = "AzureCloud"
    complete: bool = False
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    observations: Mapping[Question, Observation] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    tags: TagList | None = None

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        table: dict[str, list[Resource]] = {}
        for resource in self.resources:
            table.setdefault(resource.type.lower(), []).append(resource)
        return table

    @cached_property
    def _by_id(self) -> dict[type, dict[tuple[str, ...] | None, object]]:
        return {}

    @cached_property
    def _found(self) -> dict[type, tuple[tuple[object, ...], Unknown | None]]:
        return {}

    @cached_property
    def _made(self) -> dict[object, Any]:
        return {}

    def once(self, key: object, make: Callable[[], M]) -> M:
        """What is worked out of the environment and asked for again and again."""
        if key not in self._made:
            self._made[key] = make()
        made: M = self._made[key]
        return made

    def of_type(self, type: str) -> list[Resource]:
        return self._by_type.get(type.lower(), [])

    def all(self, kind: type[S]) -> tuple[tuple[S, ...], Unknown | None]:
        """Every subject of a kind, and why there may be others (None where there are none)."""
        if kind not in self._found:
            found: list[S] = []
            doubt = None
            try:
                found.extend(kind.found_in(self))
            except NotEnoughEvidence as stopped:
                doubt = stopped.unknown
            self._found[kind] = tuple(found), doubt
        return self._found[kind]  # type: ignore[return-value]  # the key tells the type

    def find(self, reference: Text, kind: type[S]) -> S | None:
        """What an id names. None only where nothing can stand outside of the inputs.

        Raises NotEnoughEvidence where that is not certain, or where the resource itself is only possible.
        """
        subjects, doubt = self.all(kind)
        same = self._called(reference, kind)
        if same is None:
            # No id is written just like it: each is compared, as long as none is certainly meant.
            answers = ((compare(subject.id, reference), subject) for subject in subjects)
            perhaps: S | None = None
            for answer, subject in answers:
                if answer:
                    same = subject
                    break
                perhaps = subject if answer is None and perhaps is None else perhaps
            if same is None and perhaps is not None:
                hole = (reference.holes or perhaps.id.holes)[0]
                told = f"whether {reference} is the {kind.label} {perhaps.name} depends on {hole.cause}"
                raise NotEnoughEvidence(hole.within(told))
        if same is not None:
            if same.doubt:
                raise NotEnoughEvidence(same.doubt)
            return same
        if doubt:
            raise NotEnoughEvidence(doubt)
        if self.complete:
            return None
        raise missing(reference, kind.label)

    def _called(self, reference: Text, kind: type[S]) -> S | None:
        """The first subject whose id is written just as the reference."""
        if kind not in self._by_id:
            table: dict[tuple[str, ...] | None, object] = {}
            for subject in self.all(kind)[0]:
                table.setdefault(subject.id.key, subject)
            table.pop(None, None)
            self._by_id[kind] = table
        return self._by_id[kind].get(reference.key)  # type: ignore[return-value]  # the outer key tells the type

    def see(self, *questions: Question) -> list[Observation]:
        """The observations that answer these questions; raises once for all that are missing."""
        unseen = [question for question in questions if question not in self.observations]
        if unseen:
            raise NotEnoughEvidence.because(
                f"nobody has looked: {unseen[0]}" + (f" (and {len(unseen) - 1} more)" if unseen[1:] else ""),
                f"a look from {unseen[0].vantage or 'the network that needs it'}",
                unseen,
            )
        return [self.observations[question] for question in questions]


def missing(reference: Text, label: str) -> NotEnoughEvidence:
    """What to raise when something that is referred to is not among the inputs."""
    short = reference.written.rsplit("/providers/", 1)[-1].split("/", 1)[-1]
    return NotEnoughEvidence.because(
        f"the {label} {short} is not among the inputs: hand in the file that declares it",
        f"the {label} {short}",
    )
