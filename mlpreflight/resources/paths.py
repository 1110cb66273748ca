"""The paths of flows that leave a subnet: through its network security group, over its routes, through a firewall."""

from collections.abc import Iterator
from typing import NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.nsg import Flow, Rule, compiled
from mlpreflight.network.path import Action, Journey, Stage, Step, follow
from mlpreflight.network.space import Match, Space
from mlpreflight.network.tags import Holds
from mlpreflight.resources import firewalls
from mlpreflight.resources.networks import Route, RouteTable
from mlpreflight.resources.nsg import End, NetworkSecurityGroup, Place, meaning, rules_of
from mlpreflight.resources.vnet import Subnet
from mlpreflight.resources.walks import group_on
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


class Wanted(NamedTuple):
    """A connection that somebody wants to open from a subnet. `hosts` are the names it is for, where they are known."""

    to: End
    ports: Intervals
    protocols: frozenset[str]
    hosts: tuple[str, ...] = ()


def leaving(subnet: Subnet, wanted: Wanted, env: Environment) -> Journey:
    """What becomes of connections that the machines of a subnet open."""
    space = env.once("space", Space)
    source = own_end(subnet)
    flow = Flow(wanted.protocols, source.addresses, addresses.ALL_PORTS, wanted.to.addresses, wanted.ports)
    stages = list(_stages(subnet, source, wanted, env, space))
    return follow(flow, stages, space)


def arriving(subnet: Subnet, source: End, ports: Intervals, protocols: frozenset[str], env: Environment) -> Journey:
    """What becomes of connections that somebody opens to the machines of a subnet."""
    space = env.once("space", Space)
    own = own_end(subnet)
    group = group_on(subnet, env)
    stages = [] if group is None else [_of_group(group, True, source, own, space)]
    flow = Flow(protocols, source.addresses, addresses.ALL_PORTS, own.addresses, ports)
    return follow(flow, stages, space)


def own_end(subnet: Subnet) -> End:
    """The addresses of a subnet; by name where they are not known."""
    try:
        return End(AddressSet(subnet.numbers))
    except NotEnoughEvidence:
        return End(AddressSet(names=frozenset({tags.OWN})))


def _stages(subnet: Subnet, source: End, wanted: Wanted, env: Environment, space: Space) -> Iterator[Stage]:
    group = group_on(subnet, env)
    if group is not None:
        yield _of_group(group, False, source, wanted.to, space)
    routes, beyond = _routes(subnet, wanted.to, env)
    everywhere = Flow(sources=source.addresses, destinations=wanted.to.addresses)
    yield Stage("routes", [_matched(one, everywhere, space) for one in routes])
    if beyond is not None:
        yield firewalls.stage(beyond, source, wanted.to, wanted.hosts, env, space)


def _of_group(group: NetworkSecurityGroup, inbound: bool, source: End, destination: End, space: Space) -> Stage:
    key = ("stage", id(space), inbound, source, destination)
    return group.once(key, lambda: _compiled(group, inbound, source, destination, space))


def _compiled(group: NetworkSecurityGroup, inbound: bool, source: End, destination: End, space: Space) -> Stage:
    where = group.own_name.written
    matches = [
        Match(one.sure, one.possible, _step(one.rule, where))
        for one in compiled(rules_of(group, inbound, source, destination), space)
    ]
    return Stage(where, matches, can_be_skipped=True)


def _step(rule: Rule, where: str) -> Step:
    action = Action.OPEN if rule.allow is None else Action.PASS if rule.allow else Action.DROP
    return Step(where, rule.name, rule.priority if rule.origin else 0, action, rule.doubt, rule.origin)


class _Hop(NamedTuple):
    """A route as far as it concerns a flow: which destinations it certainly takes, and which perhaps."""

    sure: AddressSet
    possible: AddressSet
    step: Step


def _matched(hop: _Hop, everywhere: Flow, space: Space) -> Match[Step]:
    possible = everywhere._replace(destinations=hop.possible).cell(space)
    if hop.sure == hop.possible:
        return Match(possible, possible, hop.step)
    sure = everywhere._replace(destinations=hop.sure)
    return Match(sure.cell(space) if sure else None, possible, hop.step)


def _routes(subnet: Subnet, end: End, env: Environment) -> tuple[list[_Hop], firewalls.Firewall | None]:
    """The routes of a subnet in the order in which they win, and the firewall that one of them leads to.

    Service endpoints and the network's own addresses come before any route of one's own; then the longer prefix wins,
    a range before a tag, and a default route comes last.
    """
    hops = [*_endpoints(subnet, end), *_inside(subnet, end)]
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
        hops.insert(0, _Hop(AddressSet(), end.addresses, unclear))
    system = Step("routes", "Azure's default route", 0, Action.SKIP)
    return [*hops, _Hop(end.addresses, end.addresses, system)], beyond


def _endpoints(subnet: Subnet, end: End) -> Iterator[_Hop]:
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
        if names:
            yield _Hop(AddressSet(names=names if everywhere else near), AddressSet(names=names), step)


def _inside(subnet: Subnet, end: End) -> Iterator[_Hop]:
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
        yield _Hop(own, AddressSet(end.addresses.numbers) | own, unclear)
        return
    if own:
        yield _Hop(own, own, step)


def _order(route: Route) -> tuple[int, int]:
    """Longer prefixes first, tags after ranges and before the default route."""
    known = route.look("prefix")
    word = "" if isinstance(known, Unknown) or known.value is None or known.value.holes else known.value.known
    numbers = addresses.prefix(word)
    if numbers is None:
        return (1, 0)
    size = intervals.size(numbers)
    return (2, 0) if word.strip() in (EVERYTHING, "::/0") else (0, size)


def _own_route(route: Route, table: RouteTable, end: End, firewall: firewalls.Firewall | None) -> _Hop:
    where = table.own_name.written
    known, hop = route.look("prefix"), route.look("next_hop")
    name = f"route {route.own_name}"
    if isinstance(known, Unknown) or known.value is None:
        reason = known.reason if isinstance(known, Unknown) else "it has no prefix"
        return _Hop(AddressSet(), end.addresses, Step(where, name, 0, Action.OPEN, reason, route))
    bounds = meaning(known.value, end)
    action, doubt = _action(hop.value if not isinstance(hop, Unknown) else hop, firewall)
    if not doubt and bounds.sure != bounds.possible:
        doubt = f"how much of it {known.value} holds is not known without the addresses of its tags"
    return _Hop(bounds.sure, bounds.possible, Step(where, name, 0, action, doubt, route))


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
