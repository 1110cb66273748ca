"""Questions about private endpoints of the workspace itself: approved, of the right group, near the clusters?"""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, Evidence, failed, not_applicable, passed
from mlpreflight.resources.aks import ManagedCluster
from mlpreflight.resources.machine_learning import Workspace
from mlpreflight.resources.needed_endpoints import leading_to
from mlpreflight.resources.several import first, some
from mlpreflight.resources.workspace_links import (
    AttachedCluster,
    LinkState,
    WorkspaceConnection,
    WorkspaceLink,
    connections_of,
)
from mlpreflight.resources.zone_needs import WORKSPACE_GROUP, type_of
from mlpreflight.values import NotEnoughEvidence

_SHUT = ("Pending", "Rejected", "Disconnected")


def is_approved(one: WorkspaceLink, env: Environment) -> Answer:
    """Has the owner of the workspace approved the private endpoint?"""
    state, link = one.state, one.link
    if state.status is not None:
        if _is_shut(state):
            return _shut(one, f"it is {state.status}", state.at("status"))
        return passed("it is approved", state.at("status"))
    assert link.target is not None
    seen = connections_of(link.target, env)
    shut = first(seen, lambda other: _is_of(other, one) and _is_shut(other))
    if shut is not None:
        return _shut(one, f"the workspace says that it is {shut.status}", shut.at("status"), link.at("target"))
    approved = first(seen, lambda other: _is_of(other, one) and other.status is not None)
    if approved is not None:
        return passed("the workspace says that it is approved", approved.at("status"))
    if one.is_manual:
        told = "it asks for an approval that nothing here gives; until somebody does, it is Pending"
        return _shut(one, told, link.at("target"), state.at("status"))
    return passed("it is approved as it is made, or is not made", link.at("target"), state.at("status"))


def asks_for_workspace_group(one: WorkspaceLink) -> Answer:
    """Does a private endpoint that leads to a workspace ask for the group that workspaces have?"""
    groups = one.link.group_ids
    if WORKSPACE_GROUP in groups:
        return passed(f"it asks for {WORKSPACE_GROUP}", one.link.at("group_ids"))
    asked = ", ".join(str(group) for group in groups)
    told = f"it asks for the group {asked}" if asked else "it asks for no group"
    return failed(f"{told}, and a workspace has only {WORKSPACE_GROUP}", one.link.at("group_ids"), endpoint=one.name)


def cluster_is_in_workspace_region(one: AttachedCluster, env: Environment) -> Answer:
    """Is an AKS cluster in the region of its workspace, where a private endpoint leads to the workspace?"""
    compute = one.view
    if compute.attached is None:
        return not_applicable("it names no cluster", compute.at("attached"))
    kind = type_of(compute.attached)
    if kind is not None and kind.lower() != ManagedCluster.type.lower():
        return not_applicable("it is no AKS cluster", compute.at("attached"))
    workspace = env.find(compute.workspace_id, Workspace)
    if workspace is None:
        return not_applicable("its workspace does not exist", compute.at("attached"))
    leading = leading_to(workspace.id, WORKSPACE_GROUP, env)
    seen = connections_of(workspace.id, env)
    if not leading.sure and not seen.sure and not leading.doubt and not seen.doubt and env.complete:
        return not_applicable("no private endpoint leads to the workspace", workspace.at())
    cluster = env.find(compute.attached, ManagedCluster)
    if cluster is None:
        return not_applicable("the cluster does not exist", compute.at("attached"))
    if workspace.location is None or cluster.location is None:
        raise NotEnoughEvidence.because("a location is not written", "the location")
    if workspace.location == cluster.location:
        return passed(f"both are in {workspace.location}", cluster.at("location"), workspace.at("location"))
    if leading.sure:
        by = leading.sure[0].at("connections")
    elif seen.sure:
        by = seen.sure[0].at()
    elif doubt := leading.doubt or seen.doubt:
        raise NotEnoughEvidence(doubt)
    else:
        raise leading.elsewhere(workspace.id, WORKSPACE_GROUP)
    return failed(
        f"the cluster is in {cluster.location}, and the workspace, which a private endpoint leads to, "
        f"in {workspace.location}",
        cluster.at("location"),
        workspace.at("location"),
        by,
        cluster=cluster.name,
        location=workspace.location,
    )


def _is_of(connection: WorkspaceConnection, one: WorkspaceLink) -> bool:
    """Is it the same private endpoint, seen from the workspace?"""
    if connection.endpoint is None:
        told = f"which private endpoint the connection {connection.own_name} is of is not written"
        raise NotEnoughEvidence.because(told, f"the private endpoint of {connection.own_name}")
    return connection.endpoint == one.view.id


def _is_shut(state: LinkState | WorkspaceConnection) -> bool:
    """Does nothing pass? Raises NotEnoughEvidence for a word that Azure does not document."""
    status = state.status
    if status is None or status == "Approved":
        return False
    if not some(_SHUT, lambda word: status == word):
        raise NotEnoughEvidence.because(f"what the status {status} means is not documented", f"the status {status}")
    return True


def _shut(one: WorkspaceLink, told: str, *places: Evidence) -> Answer:
    return failed(told, *places, workspace=one.workspace_name, endpoint=one.name)
