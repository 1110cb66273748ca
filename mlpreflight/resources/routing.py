"""The routes of a subnet: which of them a flow takes, in the order in which they win."""

from collections.abc import Iterator
from typing import NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.path import Action, Step
from mlpreflight.network.tags import Holds
from mlpreflight.resources import firewalls
from mlpreflight.resources.networks import Route, RouteTable
from mlpreflight.resources.nsg import End, Place, meaning
from mlpreflight.resources.vnet import Subnet, VirtualNetwork
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

EVERYTHING = "0.0.0.0/0"

# What a service endpoint of a subnet is for: the service tags whose addresses it leads straight to.
ENDPOINTS = {
    "microsoft.storage": "storage",
    "microsoft.storage.global": "storage",
    "microsoft.keyvault": "azurekeyvault",
    "microsoft.containerregistry": "azurecontainerregistry",
    "microsoft.sql": "sql",
    "microsoft.eventhub": "eventhub",
    "microsoft.servicebus": "servicebus",
}


class Hop(NamedTuple):
    """A route as far as it concerns a flow: which destinations it certainly takes, and which perhaps."""

    sure: AddressSet
    possible: AddressSet
    step: Step


def routes(subnet: Subnet, end: End, env: Environment) -> tuple[list[Hop], firewalls.Firewall | None]:
    """The routes of a subnet in the order in which they win, and the firewall that one of them leads to.

    Service endpoints and the network's own addresses come before any route of one's own; then the longer prefix wins,
    a range before a tag, and a default route comes last.
    """
    hops = [*_endpoints(subnet, end), *_inside(subnet, end, env)]
    beyond: firewalls.Firewall | None = None
    table = env.find(subnet.route_table, RouteTable) if subnet.route_table is not None else None
    doubt: Unknown | None = None
    if table is not None:
        routes = table.routes
        doubt = routes.more
        for route in sorted(routes.every, key=_order):
            firewall = firewalls.behind(route, env)
            beyond = beyond or firewall
            hops.append(_own_route(route, table, end, firewall))
    if doubt is not None:
        unclear = Step("routes", "a route that is not known", 0, Action.OPEN, doubt.reason)
        hops.insert(0, Hop(AddressSet(), end.addresses, unclear))
    learned = _learned(subnet, table)
    if learned:
        step = Step("routes", "the routes that the gateway learns", 0, Action.OPEN, learned)
        hops.append(Hop(AddressSet(), end.addresses, step))
    name, action = (
        ("default route", Action.SKIP) if end.place is not Place.PRIVATE else ("route to nowhere", Action.DROP)
    )
    system = Step("routes", f"Azure's {name}", 0, action)
    return [*hops, Hop(end.addresses, end.addresses, system)], beyond


def _learned(subnet: Subnet, table: RouteTable | None) -> str:
    """Why routes may come from a gateway: one is in the network, or a peering lends one. Empty where none can."""
    if table is not None:
        known = table.look("stops_propagation")
        if not isinstance(known, Unknown) and known.value:
            return ""
    network = subnet.network
    subnets, peerings = network.look("subnets"), network.look("peerings")
    own = () if isinstance(subnets, Unknown) else subnets.value.every
    if any(compare(one.own_name, Text(("GatewaySubnet",))) is True for one in own):
        return f"a gateway stands in {network.name}, and what it learns from the other side is not among the inputs"
    for peering in () if isinstance(peerings, Unknown) else peerings.value.every:
        lends = peering.look("uses_remote_gateway")
        if not isinstance(lends, Unknown) and lends.value:
            return f"{network.name} uses the gateway of a peer, and what that learns is not among the inputs"
    return ""


def _endpoints(subnet: Subnet, end: End) -> Iterator[Hop]:
    location = subnet.network.look("location")
    region = "" if isinstance(location, Unknown) or location.value is None else location.value.written.lower()
    listed = subnet.look("service_endpoints")
    for endpoint in () if isinstance(listed, Unknown) else listed.value.every:
        known = endpoint.look("service")
        if isinstance(known, Unknown) or known.value.holes:
            continue
        family = ENDPOINTS.get(known.value.known.lower())
        names = frozenset(name for name in end.addresses.names if family and tags.holds(family, name) is Holds.ALL)
        near = frozenset(name for name in names if "." not in name or name.endswith(f".{region.replace(' ', '')}"))
        everywhere = known.value.known.lower() in ("microsoft.storage.global", "microsoft.keyvault")
        step = Step("routes", f"the service endpoint {known.value}", 0, Action.SKIP, "", endpoint)
        if end.tags is not None and family is not None:
            yield from _numbered(family, "" if everywhere else region.replace(" ", ""), end, step)
        elif names:
            yield Hop(AddressSet(names=names if everywhere else near), AddressSet(names=names), step)


def _numbered(family: str, region: str, end: End, step: Step) -> Iterator[Hop]:
    """What a service endpoint takes of addresses, by the user's list of service tags."""
    assert end.tags is not None
    near = f"{family}.{region}" if region else family
    whole = end.tags.numbers(family) if family in end.tags else ()
    sure = end.tags.numbers(near) if near in end.tags else ()
    possible = intervals.intersection(whole, end.addresses.numbers)
    if possible:
        yield Hop(AddressSet(intervals.intersection(sure, possible)), AddressSet(possible), step)


def _inside(subnet: Subnet, end: End, env: Environment) -> Iterator[Hop]:
    step = Step("routes", "the virtual network", 0, Action.SKIP)
    own = AddressSet(names=frozenset({tags.OWN}) & end.addresses.names)
    if end.place is Place.OWN:
        own = own | AddressSet(end.addresses.numbers)
    try:
        space = intervals.merged(
            pair for word in subnet.network.address_prefixes for pair in addresses.prefix(word.known) or ()
        )
        own = own | AddressSet(intervals.intersection(space, end.addresses.numbers))
    except NotEnoughEvidence as stopped:
        unclear = step._replace(doubt=stopped.unknown.reason)
        yield Hop(own, AddressSet(end.addresses.numbers) | own, unclear)
        return
    if own:
        yield Hop(own, own, step)
    yield from _peers(subnet, end, env)


def _peers(subnet: Subnet, end: End, env: Environment) -> Iterator[Hop]:
    """The networks that this one is peered with, where the flow goes to addresses of theirs."""
    peerings = subnet.network.look("peerings")
    for peering in () if isinstance(peerings, Unknown) or not end.addresses.numbers else peerings.value.every:
        step = Step("routes", f"the peering {peering.own_name}", 0, Action.SKIP, "", peering)
        try:
            remote = env.find(peering.remote, VirtualNetwork) if peering.remote is not None else None
            words = remote.address_prefixes if remote is not None else ()
            space = intervals.merged(pair for word in words for pair in addresses.prefix(word.known) or ())
        except NotEnoughEvidence as stopped:
            if end.place is not Place.PUBLIC:
                whole = AddressSet(end.addresses.numbers)
                yield Hop(AddressSet(), whole, step._replace(doubt=stopped.unknown.reason))
            continue
        there = AddressSet(intervals.intersection(space, end.addresses.numbers))
        if there:
            yield Hop(there, there, step)


def _order(route: Route) -> tuple[int, int]:
    """Longer prefixes first, tags after ranges and before the default route."""
    known = route.look("prefix")
    word = "" if isinstance(known, Unknown) or known.value is None or known.value.holes else known.value.known
    numbers = addresses.prefix(word)
    if numbers is None:
        return (1, 0)
    size = intervals.size(numbers)
    return (2, 0) if word.strip() in (EVERYTHING, "::/0") else (0, size)


def _own_route(route: Route, table: RouteTable, end: End, firewall: firewalls.Firewall | None) -> Hop:
    where = table.own_name.written
    known, hop = route.look("prefix"), route.look("next_hop")
    name = f"route {route.own_name}"
    if isinstance(known, Unknown) or known.value is None:
        reason = known.reason if isinstance(known, Unknown) else "it has no prefix"
        return Hop(AddressSet(), end.addresses, Step(where, name, 0, Action.OPEN, reason, route))
    bounds = meaning(known.value, end)
    action, doubt = _action(hop.value if not isinstance(hop, Unknown) else hop, firewall)
    if not doubt and bounds.sure != bounds.possible:
        doubt = f"how much of it {known.value} holds is not known without the addresses of its tags"
    return Hop(bounds.sure, bounds.possible, Step(where, name, 0, action, doubt, route))


def _action(hop: Text | Unknown | None, firewall: firewalls.Firewall | None) -> tuple[Action, str]:
    """What a next hop means: straight on, a firewall that is known, or something that only others can answer for."""
    if isinstance(hop, Unknown) or hop is None or hop.holes:
        reason = hop.reason if isinstance(hop, Unknown) else "its next hop is not known"
        return Action.OPEN, reason
    match hop.known.lower():
        case "internet" | "vnetlocal":
            return Action.SKIP, ""
        case "none":
            return Action.DROP, ""
        case "virtualappliance" if firewall is not None:
            return Action.PASS, ""
        case "virtualappliance":
            return Action.OPEN, "what the appliance that it leads to lets through is not among the inputs"
        case "virtualnetworkgateway":
            return Action.OPEN, "it leads to the gateway, and what is allowed beyond it is not among the inputs"
    return Action.OPEN, f"{hop} is no next hop that is known"
