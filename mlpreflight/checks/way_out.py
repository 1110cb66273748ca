"""Questions about the way out of a network: for nodes without public addresses, and for clusters."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.aks import AgentPool
from mlpreflight.resources.clusters import MlCluster
from mlpreflight.resources.several import first, some
from mlpreflight.resources.subjects import ComputeSubnet
from mlpreflight.resources.vnet import Subnet
from mlpreflight.resources.ways_out import ONWARD, Way, default_route, exit_of, table_of
from mlpreflight.values import NotEnoughEvidence


def nodes_in_private_subnet_get_out(nodes: ComputeSubnet, env: Environment) -> Answer:
    """Is there a way out for nodes without a public address where Azure gives them none?"""
    if (off := _with_public_address(nodes)) is not None:
        return off
    subnet = nodes.subnet
    found = exit_of(subnet, env)
    if found.way is Way.OUT:
        return passed(found.told, *found.evidence)
    if found.way is Way.NOWHERE:
        return failed(found.told, *found.evidence, subnet=subnet.own_name, vnet=subnet.network.name)
    place = subnet.at("gives_default_outbound")
    if subnet.gives_default_outbound is None:
        return not_applicable("the subnet does not say that it is private", place)
    if subnet.gives_default_outbound:
        return passed("Azure's default outbound access is switched on", place)
    return failed(
        f"the subnet is private, and {found.told}; its nodes have no public address",
        place,
        *found.evidence,
        subnet=subnet.own_name,
        vnet=subnet.network.name,
    )


def nodes_do_not_count_on_default_outbound(nodes: ComputeSubnet, env: Environment) -> Answer:
    """Is the way out of nodes without a public address declared, and not left to what Azure gives by default?"""
    if (off := _with_public_address(nodes)) is not None:
        return off
    subnet = nodes.subnet
    found = exit_of(subnet, env)
    if found.way is not Way.UNDECLARED:
        return passed(found.told, *found.evidence)
    place = subnet.at("gives_default_outbound")
    if subnet.gives_default_outbound is not None:
        return passed("the subnet says itself whether Azure gives it a way out", place)
    return failed(
        f"{found.told}, and does not say whether Azure gives it a way out",
        place,
        *found.evidence,
        subnet=subnet.own_name,
        vnet=subnet.network.name,
    )


def cluster_has_default_route(cluster: MlCluster, env: Environment) -> Answer:
    """Has a cluster that routes its own way out a default route to an appliance or a gateway?"""
    view = cluster.view
    if view.outbound_type != "userDefinedRouting":
        return not_applicable("it does not route its own way out", view.at("outbound_type"))
    if (unplaced := _in_no_subnet(cluster)) is not None:
        return unplaced
    fault = first(view.pools, lambda pool: _route_fault(pool, env) is not None)
    if fault is None:
        return passed("each subnet of its nodes has a default route", view.at("outbound_type"))
    return _fault(cluster, _route_fault(fault, env) or "", fault, "route_table", env)


def cluster_has_nat_gateway(cluster: MlCluster, env: Environment) -> Answer:
    """Has a cluster that is to leave by a NAT gateway of one's own such a gateway on each subnet of its nodes?"""
    view = cluster.view
    if view.outbound_type != "userAssignedNATGateway":
        return not_applicable("it is not to leave by a NAT gateway of one's own", view.at("outbound_type"))
    if (unplaced := _in_no_subnet(cluster)) is not None:
        return unplaced
    fault = first(view.pools, lambda pool: _lacks_nat_gateway(pool, env))
    if fault is None:
        return passed("each subnet of its nodes has a NAT gateway", view.at("outbound_type"))
    return _fault(cluster, f"the subnet of {fault.own_name} has no NAT gateway", fault, "nat_gateway", env)


def _in_no_subnet(cluster: MlCluster) -> Answer | None:
    """The answer where no pool of a cluster names a subnet of one's own; None where one does."""
    view = cluster.view
    if some(view.pools, lambda pool: pool.subnet is not None):
        return None
    if not view.pools:
        told = f"no node pool of {view.name} is among the inputs"
        raise NotEnoughEvidence.because(told, f"the node pools of {view.name}")
    return failed(
        f"none of its pools names a subnet, so AKS makes one, and the outbound type is {view.outbound_type}",
        view.at("outbound_type"),
        view.at("pools"),
        cause=f"the way out of {view.name}",
    )


def _fault(cluster: MlCluster, told: str, pool: AgentPool, attribute: str, env: Environment) -> Answer:
    subnet = _subnet_of(pool, env)
    assert subnet is not None
    return failed(
        f"{told}, and the outbound type is {cluster.view.outbound_type}",
        subnet.at(attribute),
        cluster.view.at("outbound_type"),
        cause=f"the way out of {cluster.view.name}",
    )


def _with_public_address(nodes: ComputeSubnet) -> Answer | None:
    """Why nodes need no way out of their subnet; None where they do."""
    if nodes.compute is None:
        told = "no compute among the inputs says whether its nodes have public addresses"
        raise NotEnoughEvidence.because(told, f"the computes in {nodes.name}")
    if nodes.compute.has_public_ip:
        return not_applicable("its nodes have public addresses", nodes.compute.at("has_public_ip"))
    return None


def _subnet_of(pool: AgentPool, env: Environment) -> Subnet | None:
    return env.find(pool.subnet, Subnet) if pool.subnet is not None else None


def _route_fault(pool: AgentPool, env: Environment) -> str | None:
    """Why the routes of a pool's subnet do not lead its nodes out; None where they do, or it names no subnet."""
    subnet = _subnet_of(pool, env)
    if subnet is None:
        return None
    table = table_of(subnet, env)
    if table is None:
        return f"the subnet {subnet.name} has no route table"
    route = default_route(table)
    if route is None:
        return f"{table.name} has no default route"
    if route.next_hop is not None and not any(route.next_hop == word for word in ONWARD):
        return f"the default route of {table.name} leads to {route.next_hop}"
    return None


def _lacks_nat_gateway(pool: AgentPool, env: Environment) -> bool:
    subnet = _subnet_of(pool, env)
    return subnet is not None and subnet.nat_gateway is None
