"""Virtual networks that a workspace uses, and what stands around them: routes and locks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight.environment import Environment
from mlpreflight.finding import Evidence
from mlpreflight.resources.attributes import many, text
from mlpreflight.resources.machine_learning import Compute, Workspace
from mlpreflight.resources.roles import Part
from mlpreflight.resources.subjects import ComputeSubnet, WorkspaceStorage, WorkspaceVault
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import PrivateEndpoint, Subnet, VirtualNetwork
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown


class Route(View, label="route", type="Microsoft.Network/routeTables/routes", collection="routes"):
    prefix = text("addressPrefix")
    next_hop = text("nextHopType")


class RouteTable(View, type="Microsoft.Network/routeTables", label="route table"):
    """Routes of one's own that a subnet follows."""

    routes = many("routes", kind=Route)


class Lock(View, type="Microsoft.Authorization/locks", label="lock"):
    """A lock on a resource, a resource group or a subscription. `covers` is the id it stands on."""

    level = text("level", absent="")

    @property
    def covers(self) -> Text:
        """The id of what is locked, and all below it."""
        if self.resource.extends is not None:
            return self.resource.extends
        return Text(self.id.split("/providers/Microsoft.Authorization")[0].parts)


@dataclass(frozen=True, eq=False)
class WorkspaceNetwork(Part[Workspace]):
    """A workspace and a virtual network that it uses.

    The network is reached over its computes, its private endpoints, or the subnets that its storage account and key
    vault let in. `by` is the place that names it.
    """

    label: ClassVar[str] = "virtual network of the workspace"
    network: VirtualNetwork
    by: Evidence
    compute: Compute | None

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        workspaces, doubt = env.all(Workspace)
        for workspace in workspaces:
            seen: set[tuple[int, int]] = set()
            for reference, by, compute in _references(workspace, env):
                try:
                    subnet = env.find(reference, Subnet)
                except NotEnoughEvidence as stopped:
                    doubt = doubt or stopped.unknown
                    continue
                key = (id(subnet.network.node), id(compute.node) if compute else 0) if subnet else (0, 0)
                if subnet is not None and key not in seen:
                    seen.add(key)
                    yield cls(workspace, workspace.doubt or subnet.doubt, subnet.network, by, compute)
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def name(self) -> Text:
        return self.view.name + " with " + self.network.name


def _references(workspace: Workspace, env: Environment) -> Iterator[tuple[Text, Evidence, Compute | None]]:
    """The ids of the subnets that a workspace's parts name, computes first, and where they do."""
    for nodes in env.all(ComputeSubnet)[0]:
        if nodes.compute is not None and compare(nodes.compute.workspace_id, workspace.id):
            yield nodes.reference, nodes.at_reference(), nodes.compute
    for endpoint in env.all(PrivateEndpoint)[0]:
        if _leads_to(endpoint, workspace):
            known = endpoint.look("subnet")
            if not isinstance(known, Unknown) and known.value is not None:
                yield known.value, endpoint.at("subnet"), None
    for part in (*env.all(WorkspaceStorage)[0], *env.all(WorkspaceVault)[0]):
        rules = part.view.look("subnet_rules")
        for rule in () if isinstance(rules, Unknown) or part.doubt else rules.value.sure:
            if isinstance(rule.reference, Text):
                yield rule.reference, rule.at("subnet"), None


def _leads_to(endpoint: PrivateEndpoint, workspace: Workspace) -> bool:
    if endpoint.doubt:
        return False
    for name in ("connections", "manual_connections"):
        links = endpoint.look(name)
        for link in () if isinstance(links, Unknown) else links.value.sure:
            target = link.look("target")
            if not isinstance(target, Unknown) and target.value is not None and compare(target.value, workspace.id):
                return True
    return False
