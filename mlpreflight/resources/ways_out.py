"""How connections leave a subnet: over its route table, its NAT gateway, or a route that a gateway brings."""

from enum import Enum, auto
from typing import NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.finding import Evidence
from mlpreflight.resources.attributes import reference
from mlpreflight.resources.networks import Route, RouteTable
from mlpreflight.resources.several import some
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import Subnet, VirtualNetwork
from mlpreflight.values import NotEnoughEvidence, Unknown

EVERYTHING = "0.0.0.0/0"
HALVES = ("0.0.0.0/1", "128.0.0.0/1")
INTERNET, NOWHERE = "Internet", "None"
ONWARD = ("VirtualAppliance", "VirtualNetworkGateway")
GATEWAY_SUBNET = "GatewaySubnet"


class HubConnection(
    View, type="Microsoft.Network/virtualHubs/hubVirtualNetworkConnections", label="connection of a virtual hub"
):
    """A virtual network that a hub of Virtual WAN is connected to."""

    remote = reference("remoteVirtualNetwork.id")


class Way(Enum):
    """Where connections go that no particular route takes."""

    OUT = auto()
    NOWHERE = auto()
    UNDECLARED = auto()  # nothing is declared: Azure's own way out, where the network still has it


class Exit(NamedTuple):
    """What is declared of the way out of a subnet, in words, and the places that say so."""

    way: Way
    told: str
    evidence: tuple[Evidence, ...]


def table_of(subnet: Subnet, env: Environment) -> RouteTable | None:
    """The route table of a subnet, None where it has none; raises NotEnoughEvidence where it cannot be seen."""
    written = subnet.route_table
    if written is None:
        return None
    table = env.find(written, RouteTable)
    if table is None:
        raise NotEnoughEvidence.because(f"the route table {written} does not exist", f"the route table {written}")
    return table


def default_route(table: RouteTable) -> Route | None:
    """The route that takes what no other route takes; the first of two where it is written as two halves."""
    routes = table.routes
    halves = [next((one for one in routes.sure if _is(one, half)), None) for half in HALVES]
    if None not in halves:
        return halves[0]
    for route in routes.sure:
        if _is(route, EVERYTHING):
            return route
    for route in routes:  # raises where the list may hold others
        if route.prefix is not None:
            _ = route.prefix == EVERYTHING  # raises where it may be the one
    return None


def tunnel(table: RouteTable) -> Route | None:
    """The default route, where it leads elsewhere than straight to the Internet."""
    route = default_route(table)
    return None if route is None or route.next_hop is None or route.next_hop == INTERNET else route


def exit_of(subnet: Subnet, env: Environment) -> Exit:
    """What is declared of the way out of a subnet; raises NotEnoughEvidence where that is open."""
    table = table_of(subnet, env)
    route = default_route(table) if table is not None else None
    if table is not None and route is not None and route.next_hop is not None and route.next_hop != INTERNET:
        evidence = (route.at("next_hop"), subnet.at("route_table"))
        if any(route.next_hop == word for word in ONWARD):
            return Exit(Way.OUT, f"{table.name} sends everything to {route.next_hop}", evidence)
        return Exit(Way.NOWHERE, f"{table.name} sends everything to {route.next_hop}", evidence)
    if subnet.nat_gateway is not None:
        return Exit(Way.OUT, "it has a NAT gateway", (subnet.at("nat_gateway"),))
    if table is None or not table.stops_propagation:
        _raise_where_brought(subnet.network, env)
    evidence = (subnet.at("nat_gateway"), subnet.at("route_table"))
    return Exit(Way.UNDECLARED, "it has neither a NAT gateway nor a default route", evidence)


def _is(route: Route, prefix: str) -> bool:
    """Is the route certainly for this range?"""
    known = route.look("prefix")
    return not isinstance(known, Unknown) and known.value is not None and known.value.written.strip() == prefix


def _raise_where_brought(network: VirtualNetwork, env: Environment) -> None:
    """Raises NotEnoughEvidence where a gateway, its own, a peer's or a hub's, may bring a default route."""
    told = f"the gateway of {network.name} may bring a default route, which no file shows"
    asked = f"the routes that the gateway of {network.name} learns"
    if some(network.subnets, lambda one: one.own_name == GATEWAY_SUBNET):
        raise NotEnoughEvidence.because(told, asked)
    if some(network.peerings, lambda one: one.uses_remote_gateway):
        raise NotEnoughEvidence.because(told.replace("the gateway of", "the gateway of a peer of"), asked)
    for connection in env.all(HubConnection)[0]:
        if connection.remote is not None and connection.remote == network.id:
            raise NotEnoughEvidence.because(told.replace("the gateway of", "the hub of"), asked)
