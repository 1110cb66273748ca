"""Who plays a part in an Azure ML environment: reached by reference, named under `roles`, or taken for granted.

A rule that demands something asks only what plays the part it is about; else every gateway subnet of a landing zone
would be flooded with demands that only training nodes have.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from mlpreflight.environment import Environment
from mlpreflight.resources.machine_learning import Workspace
from mlpreflight.resources.view import View
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown, Where

V = TypeVar("V", bound=View)

# The parts that `roles:` of env.yaml can give, and to what.
ROLES = {
    "computeSubnet": "subnet",
    "clusterSubnet": "subnet",
    "gatewaySubnet": "subnet",
    "mlCluster": "cluster",
    "workspaceStorage": "storage account",
    "workspaceVault": "key vault",
}


@dataclass(eq=False, repr=False)
class Part(Generic[V]):
    """A resource in a part that it plays, with the doubt whether it does. Subjects of demands derive from it."""

    label: ClassVar[str] = "part"
    view: V
    doubt: Unknown | None

    @property
    def type(self) -> str:
        return self.view.type

    @property
    def name(self) -> Text:
        return self.view.name

    @property
    def id(self) -> Text:
        return self.view.id

    @property
    def where(self) -> Where:
        return self.view.where


def named(env: Environment, role: str, view: View) -> bool:
    """Does `roles:` give this part to a resource, by id or by name?"""
    wanted = [Text((word,)) for word in env.roles.get(role, ())]
    return any(compare(word, own) is True for word in wanted for own in (view.id, view.name, view.own_name))


def referred(env: Environment, kind: type[V], role: str, attribute: str) -> Iterator[Part[V]]:
    """The resources of a kind that a workspace refers to by one of its attributes.

    Without a workspace among the inputs each is taken for the workspace's.
    """
    workspaces, _ = env.all(Workspace)
    references: list[Text] = []
    unsure: Unknown | None = None
    for workspace in workspaces:
        known = workspace.look(attribute)
        if isinstance(known, Unknown):
            unsure = unsure or known
        elif known.value is not None:
            references.append(known.value)
    yield from playing(env, kind, role, references, unsure, assumed=not workspaces)


def playing(
    env: Environment, kind: type[V], role: str, references: list[Text], unsure: Unknown | None, assumed: bool
) -> Iterator[Part[V]]:
    """The resources of a kind that references, or `roles:`, give a part; all of them where that is assumed."""
    views, doubt = env.all(kind)
    for view in views:
        if assumed or named(env, role, view):
            yield Part(view, view.doubt)
            continue
        answers = [(compare(reference, view.id), reference) for reference in references]
        if any(same for same, _ in answers):
            yield Part(view, view.doubt)
            continue
        perhaps = next((reference for same, reference in answers if same is None), None)
        open_ = unsure or ((perhaps.holes or view.id.holes)[0] if perhaps is not None else None)
        if open_ is not None:
            reason = f"whether {view.name} is used by the workspace depends on {open_.cause}"
            yield Part(view, view.doubt or open_.within(reason))
    if doubt:
        raise NotEnoughEvidence(doubt)
