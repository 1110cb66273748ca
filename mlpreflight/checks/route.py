"""Questions about routes of one's own."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.network import addresses, tags
from mlpreflight.resources.networks import RouteTable
from mlpreflight.resources.several import first
from mlpreflight.resources.subjects import ComputeSubnet
from mlpreflight.values import NotEnoughEvidence

TUNNELS = ("VirtualAppliance", "VirtualNetworkGateway", "None")


def keeps_way_back_for(nodes: ComputeSubnet, env: Environment, *, tag: str) -> Answer:
    """Where everything is sent through an appliance, do answers to a service still go straight to the Internet?"""
    subnet = nodes.subnet
    if subnet.route_table is None:
        return passed("the subnet has no routes of its own", subnet.at("route_table"))
    table = env.find(subnet.route_table, RouteTable)
    if table is None:
        raise NotEnoughEvidence.because(f"the route table {subnet.route_table} does not exist", "the route table")
    default = first(table.routes, lambda route: route.prefix is not None and route.prefix == "0.0.0.0/0")
    if default is None or default.next_hop is None or not any(default.next_hop == word for word in TUNNELS):
        return not_applicable("nothing is tunnelled", table.at("routes"))
    if first(table.routes, lambda one: one.next_hop == "Internet" and _is_of(one.prefix, tag)) is not None:
        return passed(f"{tag} has a route to the Internet", table.at("routes"), default.at("next_hop"))
    straight = [
        one for one in table.routes if one.next_hop == "Internet" and one.prefix and addresses.prefix(one.prefix.known)
    ]
    if straight:
        raise NotEnoughEvidence.because(
            f"whether the {len(straight)} routes to the Internet hold all addresses of {tag} "
            "cannot be told without the list of service tags",
            "the list of service tags",
        )
    return failed(
        f"everything goes to {default.next_hop}, and no route leads straight to {tag}",
        default.at("next_hop"),
        subnet.at("route_table"),
        route_table=table.name,
        tag=tag,
    )


def _is_of(prefix: object, tag: str) -> bool:
    written = str(prefix).strip().lower()
    return written == tag.lower() or tags.holds(written, tag) in (tags.Holds.ALL, tags.Holds.SOME)
