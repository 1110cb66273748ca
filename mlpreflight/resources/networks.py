"""Virtual networks that a workspace uses, and what stands around them: routes and locks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from mlpreflight.environment import Environment
from mlpreflight.finding import Evidence
from mlpreflight.resources.attributes import flag, many, text
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
    next_hop_address = text("nextHopIpAddress")


class RouteTable(View, type="Microsoft.Network/routeTables", label="route table"):
    """Routes of one's own that a subnet follows."""

    routes = many("routes", kind=Route)
    stops_propagation = flag("disableBgpRoutePropagation")


class Lock(View, type="Microsoft.Authorization/locks", label="lock"):
    """A lock on a resource, a resource group or a subscription. `covers` is the id it stands on."""

    level = text("level", absent="")

    @property
    def covers(self) -> Text:
        """The id of what is locked, and all below it."""
        if self.resource.extends is not None:
            return self.resource.extends
        return Text(self.id.split("/providers/Microsoft.Authorization")[0].parts)


@dataclass(eq=False, repr=False)
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
            for use in _uses(workspace, env):
                try:
                    subnet = env.find(use.subnet, Subnet)
                except NotEnoughEvidence as stopped:
                    doubt = doubt or stopped.unknown
                    continue
                key = (id(subnet.network.node), id(use.compute.node) if use.compute else 0) if subnet else (0, 0)
                if subnet is not None and key not in seen:
                    seen.add(key)
                    unsure = workspace.doubt or subnet.doubt or use.doubt
                    yield cls(workspace, unsure, subnet.network, use.by, use.compute)
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def name(self) -> Text:
        return self.view.name + " with " + self.network.name


class _Use(NamedTuple):
    """A subnet that a part of a workspace names, where it does, and the doubt whether it is a part of it."""

    subnet: Text
    by: Evidence
    compute: Compute | None
    doubt: Unknown | None


def _uses(workspace: Workspace, env: Environment) -> Iterator[_Use]:
    """The subnets that a workspace uses: its computes first, then private endpoints, then who is let in."""
    for nodes in env.all(ComputeSubnet)[0]:
        same = compare(nodes.compute.workspace_id, workspace.id) if nodes.compute is not None else False
        if same is not False:
            open_ = None if same else Unknown.because("it is not known whose compute it is", "the name of the compute")
            yield _Use(nodes.place.reference, nodes.at_reference(), nodes.compute, nodes.doubt or open_)
    for endpoint in env.all(PrivateEndpoint)[0]:
        leads, open_ = _leads_to(endpoint, workspace)
        known = endpoint.look("subnet")
        if leads is False or isinstance(known, Unknown) or known.value is None:
            continue
        yield _Use(known.value, endpoint.at("subnet"), None, endpoint.doubt or open_)
    parts: list[WorkspaceStorage | WorkspaceVault] = [*env.all(WorkspaceStorage)[0], *env.all(WorkspaceVault)[0]]
    for part in parts:
        rules = part.view.look("subnet_rules")
        for rule in () if isinstance(rules, Unknown) else rules.value.every:
            if isinstance(rule.reference, Text):
                yield _Use(rule.reference, rule.at("subnet"), None, part.doubt or rule.doubt)


def _leads_to(endpoint: PrivateEndpoint, workspace: Workspace) -> tuple[bool | None, Unknown | None]:
    """Does a private endpoint lead to the workspace? None, and the reason, where that is open."""
    doubt: Unknown | None = None
    for name in ("connections", "manual_connections"):
        links = endpoint.look(name)
        if isinstance(links, Unknown):
            doubt = doubt or links
            continue
        for link in links.value.every:
            target = link.look("target")
            if isinstance(target, Unknown):
                doubt = doubt or target
            elif target.value is not None and (same := compare(target.value, workspace.id)) is not False:
                if same:
                    return True, None
                doubt = doubt or (target.value.holes or workspace.id.holes)[0]
    return (None, doubt) if doubt else (False, None)
