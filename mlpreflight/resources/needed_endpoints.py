"""The private endpoints that an isolated workspace cannot do without, by themselves and for each of its computes."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from mlpreflight.environment import Environment
from mlpreflight.resources.attributes import text
from mlpreflight.resources.keyvault import KeyVault
from mlpreflight.resources.machine_learning import Workspace
from mlpreflight.resources.places import named_by
from mlpreflight.resources.private_endpoints import links_of
from mlpreflight.resources.registry import ContainerRegistry
from mlpreflight.resources.several import some
from mlpreflight.resources.storage import StorageAccount
from mlpreflight.resources.subjects import ComputeSubnet
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import PrivateEndpoint, PrivateLink
from mlpreflight.resources.zone_needs import WORKSPACE_GROUP, last
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown, Where

Thing = StorageAccount | KeyVault | ContainerRegistry

# The attribute by which a workspace names a thing, the view of it, and the groups of which each needs an endpoint.
NEEDS: tuple[tuple[str, type[Thing], tuple[str, ...]], ...] = (
    ("storage_account", StorageAccount, ("blob", "file")),
    ("key_vault", KeyVault, ("vault",)),
    ("container_registry", ContainerRegistry, ("registry",)),
)


class WorkspaceKind(View, label="workspace"):
    """What kind of workspace it is: the plain one, a hub, or a project, which is reached over its hub."""

    kind = text("/kind", absent="Default")


class Leading(NamedTuple):
    """The private endpoints that certainly lead to something, and why another among the inputs might."""

    sure: tuple[PrivateEndpoint, ...]
    doubt: Unknown | None

    def elsewhere(self, target: Text, group: str) -> NotEnoughEvidence:
        """What to raise where none is among the inputs, and one may be declared in another file."""
        name = f"{last(target)} ({group})"
        return NotEnoughEvidence.because(
            f"no private endpoint among the inputs leads to {name}; it may stand elsewhere: "
            "hand in the file that declares it, or say `complete: true`",
            f"private endpoints of {last(target)}",
        )


def leading_to(target: Text, group: str, env: Environment) -> Leading:
    """The private endpoints among the inputs that lead to a group of something."""
    endpoints, doubt = env.all(PrivateEndpoint)
    sure: list[PrivateEndpoint] = []

    def leads(link: PrivateLink) -> bool:
        return link.target is not None and link.target == target and group in link.group_ids

    for endpoint in endpoints:
        try:
            found = some(links_of(endpoint), leads)
        except NotEnoughEvidence as stopped:
            doubt = doubt or stopped.unknown
            continue
        if found and endpoint.doubt is None:
            sure.append(endpoint)
        doubt = doubt or (endpoint.doubt if found else None)
    return Leading(tuple(sure), doubt)


@dataclass(eq=False, repr=False)
class NeededEndpoint:
    """A workspace, and something that only a private endpoint leads to once the public way is shut.

    It is the workspace itself or what it stands on; `group` is the part of it.
    """

    label: ClassVar[str] = "private endpoint that a workspace may need"
    workspace: Workspace
    target: Text
    group: str
    kind: type[Thing] | None
    doubt: Unknown | None

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        workspaces, doubt = env.all(Workspace)
        for workspace in workspaces:
            yield cls(workspace, workspace.id, WORKSPACE_GROUP, None, workspace.doubt)
            for attribute, kind, groups in NEEDS:
                reference = named_by(workspace.look(attribute))
                for group in groups if reference is not None else ():
                    assert reference is not None
                    yield cls(workspace, reference, group, kind, workspace.doubt)
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def type(self) -> str:
        return self.kind.type if self.kind is not None else Workspace.type

    @property
    def name(self) -> Text:
        return last(self.target) + f" ({self.group})"

    @property
    def id(self) -> Text:
        return self.target

    @property
    def where(self) -> Where:
        return self.workspace.where

    def leading(self, env: Environment) -> Leading:
        """The private endpoints among the inputs that lead to it."""
        return leading_to(self.target, self.group, env)

    def thing(self, env: Environment) -> Thing | None:
        """What the workspace stands on; raises NotEnoughEvidence where it cannot be seen."""
        return env.find(self.target, self.kind) if self.kind is not None else None

    def other_way(self, env: Environment) -> str | None:
        """Why it needs no private endpoint; None where it does. Raises NotEnoughEvidence where that is open."""
        workspace = self.workspace
        if WorkspaceKind(workspace.resource, workspace.node).kind == "Project":
            return "a project is reached over the private endpoints of its hub"
        if workspace.public_network_access != "Disabled":
            return "the workspace lets the public network in"
        if self.kind is None:
            return None
        if workspace.isolation_mode != "Disabled":
            return "the workspace's managed network makes private endpoints of its own"
        thing = self.thing(env)
        if thing is None:
            return f"{last(self.target)} does not exist"
        return _public_way(thing)


def _public_way(thing: Thing) -> str | None:
    """How something is reached without a private endpoint; None where it is not."""
    access = thing.public_network_access
    if access == "Disabled":
        return None
    if access != "Enabled":
        reason = f"publicNetworkAccess of {thing.name} is {access}: a network security perimeter decides who gets in"
        raise NotEnoughEvidence.because(reason, f"the network security perimeter of {thing.name}")
    if thing.default_action == "Allow":
        return "it is open to every network"
    if thing.subnet_rules:
        return "its firewall lets subnets in by rules"
    return None


@dataclass(eq=False, repr=False)
class EndpointForCompute:
    """Something that an isolated workspace needs a private endpoint for, and one compute that has to reach it."""

    label: ClassVar[str] = "private endpoint that a compute may need"
    needed: NeededEndpoint
    nodes: ComputeSubnet
    doubt: Unknown | None

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        needs, doubt = env.all(NeededEndpoint)
        computes, other = env.all(ComputeSubnet)
        for needed, nodes in itertools.product(needs, computes):
            own = nodes.compute.workspace_id if nodes.compute is not None else needed.workspace.id
            same = compare(own, needed.workspace.id)
            if same is False:
                continue
            open_ = None if same else (own.holes or needed.workspace.id.holes)[0]
            yield cls(needed, nodes, needed.doubt or nodes.doubt or open_)
        if found := doubt or (other if needs else None):
            raise NotEnoughEvidence(found)

    @property
    def type(self) -> str:
        return self.needed.type

    @property
    def name(self) -> Text:
        return self.needed.name + " from " + self.nodes.name

    @property
    def id(self) -> Text:
        return self.needed.id

    @property
    def where(self) -> Where:
        return self.nodes.where
