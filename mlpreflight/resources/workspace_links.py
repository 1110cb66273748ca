"""Private endpoints of workspaces as far as somebody has to approve them, and the clusters that workspaces attach."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight.environment import Environment
from mlpreflight.resources.attributes import many, reference, text
from mlpreflight.resources.clusters import ATTACHED
from mlpreflight.resources.machine_learning import Compute, Workspace, before
from mlpreflight.resources.private_endpoints import links_of
from mlpreflight.resources.roles import Part
from mlpreflight.resources.several import Several
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import PrivateEndpoint, PrivateLink
from mlpreflight.resources.zone_needs import last, type_of
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown, Where

STATUS = "privateLinkServiceConnectionState.status"


class LinkState(View, label="private link connection"):
    """What the owner of the other side has said to a connection, where that is written."""

    status = text(STATUS)


class WorkspaceConnection(
    View,
    type="Microsoft.MachineLearningServices/workspaces/privateEndpointConnections",
    label="private endpoint connection",
    collection="privateEndpointConnections",
):
    """A private endpoint as the workspace sees it, by itself or in the workspace."""

    endpoint = reference("privateEndpoint.id")
    status = text(STATUS)


class ConnectedWorkspace(View, label="workspace"):
    """A workspace with the private endpoints that it sees."""

    connections = many("privateEndpointConnections", kind=WorkspaceConnection)


def connections_of(workspace_id: Text, env: Environment) -> Several[WorkspaceConnection]:
    """The private endpoints that a workspace sees, as far as the inputs tell."""
    sure: list[WorkspaceConnection] = []
    doubt: Unknown | None = None
    for workspace in env.all(Workspace)[0]:
        same = compare(workspace.id, workspace_id)
        if same is False:
            continue
        known = ConnectedWorkspace(workspace.resource, workspace.node).look("connections")
        if isinstance(known, Unknown):
            doubt = doubt or known
            continue
        sure += known.value.sure if same and not workspace.doubt else ()
        open_ = None if same else (workspace.id.holes or workspace_id.holes)[0]
        doubt = doubt or known.value.doubt or ((workspace.doubt or open_) if known.value.every else None)
    apart, other = env.all(WorkspaceConnection)
    for connection in apart:
        same = compare(before(connection.id, "/privateEndpointConnections/"), workspace_id)
        if same and not connection.doubt:
            sure.append(connection)
        elif same is not False:
            doubt = doubt or connection.doubt or (connection.id.holes or workspace_id.holes)[0]
    return Several(tuple(sure), (), None, doubt or other)


@dataclass(eq=False, repr=False)
class WorkspaceLink(Part[PrivateEndpoint]):
    """A connection of a private endpoint that leads to a workspace. A manual one asks for somebody's approval."""

    label: ClassVar[str] = "private endpoint of the workspace itself"
    link: PrivateLink
    is_manual: bool

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        endpoints, doubt = env.all(PrivateEndpoint)
        workspaces, _ = env.all(Workspace)
        for endpoint in endpoints:
            for link in links_of(endpoint).every:
                leads, open_ = _leads_to_workspace(link, workspaces)
                if leads is not False:
                    is_manual = _is_manual(endpoint, link)
                    yield cls(endpoint, endpoint.doubt or link.doubt or open_, link, is_manual)
            doubt = doubt or links_of(endpoint).more
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def where(self) -> Where:
        return self.link.where

    @property
    def state(self) -> LinkState:
        """What is written of its state."""
        return LinkState(self.link.resource, self.link.node, self.link.use, self.link.parent)

    @property
    def workspace_name(self) -> Text:
        """The name of what it leads to, perhaps with holes."""
        known = self.link.look("target")
        target = known if isinstance(known, Unknown) else known.value
        return last(target) if isinstance(target, Text) else Text((target,) if isinstance(target, Unknown) else ())


def _is_manual(endpoint: PrivateEndpoint, link: PrivateLink) -> bool:
    known = endpoint.look("manual_connections")
    return not isinstance(known, Unknown) and any(one.node is link.node for one in known.value.every)


def _leads_to_workspace(link: PrivateLink, workspaces: tuple[Workspace, ...]) -> tuple[bool | None, Unknown | None]:
    """Does a connection lead to a workspace? None, and the reason, where that is open."""
    known = link.look("target")
    if isinstance(known, Unknown):
        return None, known
    target: Text | None = known.value
    if target is None:
        return False, None
    kind = type_of(target)
    if kind is not None:
        return kind.lower() == Workspace.type.lower(), None
    if any(compare(target, one.id) is True for one in workspaces):
        return True, None
    return (None, target.holes[0]) if target.holes else (False, None)


@dataclass(eq=False, repr=False)
class AttachedCluster(Part[Compute]):
    """A cluster that a workspace attaches as a compute."""

    label: ClassVar[str] = "attached cluster"

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        computes, doubt = env.all(Compute)
        for compute in computes:
            attaches, open_ = compute.is_one_of(ATTACHED)
            if attaches is not False:
                yield cls(compute, compute.doubt or open_)
        if doubt:
            raise NotEnoughEvidence(doubt)
