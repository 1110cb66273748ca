"""The routes of a subnet: which of them a flow takes, in the order in which they win."""

from collections.abc import Iterator
from typing import NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.path import Action, Step
from mlpreflight.network.tags import Holds
from mlpreflight.resources import firewalls
from mlpreflight.resources.ends import Bounds, End, Place, Routed, meaning
from mlpreflight.resources.networks import Route, RouteTable
from mlpreflight.resources.vnet import Subnet, VirtualNetwork
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

DEFAULTS = ("0.0.0.0/0", "::/0")

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


Order = tuple[int, int, int]
"""Which route wins: ranges before tags before default routes; the smaller; one's own before learned and Azure's."""

FIRST, RANGE, TAG, DEFAULT = range(4)
OWN, LEARNED, SYSTEM = range(3)


def routes(subnet: Subnet, end: End, env: Environment) -> tuple[list[Hop], list[firewalls.Firewall]]:
    """The routes of a subnet in the order in which they win, and the firewalls that they lead to.

    Service endpoints come before all; then the longer prefix wins, and of equal ones the route of one's own.
    """
    found: list[tuple[Order, Hop]] = [((FIRST, 0, 0), hop) for hop in _endpoints(subnet, end)]
    found += [((RANGE, size, SYSTEM), hop) for size, hop in (*_inside(subnet, end), *_peers(subnet, end, env))]
    table = table_of(subnet, env)
    beyond: list[firewalls.Firewall] = []
    for route in table.routes.every if table is not None else ():
        firewall = firewalls.behind(route, env)
        beyond += [firewall] if firewall is not None and firewall not in beyond else []
        assert table is not None
        found.append((_order(route), _own_route(route, table, subnet, end, firewall)))
    if any(kind == RANGE and order == OWN for (kind, _, order), _ in found):
        # Whether the prefixes of a tag are longer than a range only their list tells: either may win.
        found += [((FIRST, 1, 0), _perhaps(hop)) for (kind, _, _), hop in found if kind == TAG]
    if table is not None and table.routes.more is not None:
        unclear = Step("routes", "a route that is not known", 0, Action.OPEN, table.routes.more.reason)
        found.append(((FIRST, 0, 0), Hop(AddressSet(), end.addresses, unclear)))
    learned = _learned(subnet, table)
    if learned:
        step = Step("routes", "the routes that the gateway learns", 0, Action.OPEN, learned)
        found.append(((DEFAULT, 0, LEARNED), Hop(AddressSet(), end.addresses, step)))
    system = Step("routes", "Azure's default route", 0, Action.SKIP)
    if end.place is Place.PRIVATE:
        system = Step("routes", "Azure's route to nowhere", 0, Action.DROP)
        if not env.complete:
            told = f"no peering or gateway leads there, but {subnet.network.name} may have one beside the inputs"
            system = Step("routes", "no route that is known", 0, Action.OPEN, told)
    found.append(((DEFAULT, 0, SYSTEM), Hop(end.addresses, end.addresses, system)))
    return [hop for _, hop in sorted(found, key=lambda pair: pair[0])], beyond


def table_of(subnet: Subnet, env: Environment) -> RouteTable | None:
    """The route table of a subnet; raises NotEnoughEvidence where it is not among the inputs."""
    return env.find(subnet.route_table, RouteTable) if subnet.route_table is not None else None


def routed(subnet: Subnet, env: Environment) -> Routed:
    """What the tag VirtualNetwork holds besides the network, by the routes of a subnet."""
    table = table_of(subnet, env)
    words = [known for route in (table.routes.every if table else ()) if (known := _prefix(route))]
    ranges = [numbers for word in words if word not in DEFAULTS and (numbers := addresses.prefix(word)) is not None]
    numbers = intervals.merged(pair for one in ranges for pair in one)
    return Routed(numbers, any(word in DEFAULTS for word in words))


def _perhaps(hop: Hop) -> Hop:
    doubt = "whether its prefixes are longer than a range that is routed too is not known without the tag's addresses"
    return Hop(AddressSet(), AddressSet(hop.possible.numbers), hop.step._replace(doubt=hop.step.doubt or doubt))


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


def _inside(subnet: Subnet, end: End) -> Iterator[tuple[int, Hop]]:
    """Each range of the network itself, with its size."""
    step = Step("routes", "the virtual network", 0, Action.SKIP)
    named = AddressSet(names=frozenset({tags.OWN}) & end.addresses.names)
    try:
        ranges = [numbers for word in subnet.network.address_prefixes if (numbers := addresses.prefix(word.known))]
    except NotEnoughEvidence as stopped:
        sure = named | AddressSet(end.addresses.numbers if end.place is Place.OWN else ())
        unclear = step._replace(doubt=stopped.unknown.reason)
        yield 0, Hop(sure, sure | AddressSet(end.addresses.numbers), unclear)
        return
    if not ranges and end.place is Place.OWN:
        ranges = [end.addresses.numbers]
    for numbers in ranges or ([()] if named else []):
        own = named | AddressSet(intervals.intersection(numbers, end.addresses.numbers))
        if own:
            yield intervals.size(numbers), Hop(own, own, step)


def _peers(subnet: Subnet, end: End, env: Environment) -> Iterator[tuple[int, Hop]]:
    """Each range of the networks that this one is peered with, where the flow goes to addresses of theirs."""
    peerings = subnet.network.look("peerings")
    for peering in () if isinstance(peerings, Unknown) or not end.addresses.numbers else peerings.value.every:
        step = Step("routes", f"the peering {peering.own_name}", 0, Action.SKIP, "", peering)
        try:
            remote = env.find(peering.remote, VirtualNetwork) if peering.remote is not None else None
            words = [word.known for word in remote.address_prefixes] if remote is not None else []
        except NotEnoughEvidence as stopped:
            if end.place is not Place.PUBLIC:
                whole = AddressSet(end.addresses.numbers)
                yield 0, Hop(AddressSet(), whole, step._replace(doubt=stopped.unknown.reason))
            continue
        for numbers in (addresses.prefix(word) or () for word in words):
            there = AddressSet(intervals.intersection(numbers, end.addresses.numbers))
            if there:
                yield intervals.size(numbers), Hop(there, there, step)


def _prefix(route: Route) -> str:
    """The prefix of a route as it is written; empty where it is not known."""
    known = route.look("prefix")
    unclear = isinstance(known, Unknown) or known.value is None or known.value.holes
    return "" if unclear or isinstance(known, Unknown) else str(known.value.known).strip().lower()


def _order(route: Route) -> Order:
    word = _prefix(route)
    if word in DEFAULTS:
        return DEFAULT, 0, OWN
    numbers = addresses.prefix(word)
    if numbers is not None:
        return RANGE, intervals.size(numbers), OWN
    # Of equal prefixes the tag that says more wins: a region's before the whole, AzureCloud's last.
    return TAG, ("." not in word) + 2 * word.startswith("azurecloud"), OWN


def _own_route(route: Route, table: RouteTable, subnet: Subnet, end: End, firewall: firewalls.Firewall | None) -> Hop:
    where = table.own_name.written
    known, hop = route.look("prefix"), route.look("next_hop")
    name = f"route {route.own_name}"
    if isinstance(known, Unknown) or known.value is None:
        reason = known.reason if isinstance(known, Unknown) else "it has no prefix"
        return Hop(AddressSet(), end.addresses, Step(where, name, 0, Action.OPEN, reason, route))
    bounds = meaning(known.value, end)
    if tags.OWN in end.addresses.names and _holds_network(_prefix(route), subnet):
        bounds = Bounds(bounds.sure | AddressSet(names=frozenset({tags.OWN})), bounds.possible)
    action, doubt = _action(hop.value if not isinstance(hop, Unknown) else hop, firewall)
    if not doubt and bounds.sure != bounds.possible:
        doubt = f"how much of it {known.value} holds is not known without the addresses of its tags"
    goal = firewall.own_name.written if firewall is not None and action is Action.PASS else ""
    return Hop(bounds.sure, bounds.possible, Step(where, name, 0, action, doubt, route, goal))


def _holds_network(word: str, subnet: Subnet) -> bool:
    """Does a range hold all of the network?"""
    numbers = addresses.prefix(word)
    try:
        own = intervals.merged(
            pair for one in subnet.network.address_prefixes for pair in addresses.prefix(one.known) or ()
        )
    except NotEnoughEvidence:
        return False
    return numbers is not None and bool(own) and intervals.contains(numbers, own)


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
