"""Security administrator rules of Azure Virtual Network Manager, which come before network security groups.

`AlwaysAllow` and `Deny` end the matter, `Allow` leaves it to the groups.
https://learn.microsoft.com/azure/virtual-network-manager/concept-security-admins
"""

from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.nsg import Flow
from mlpreflight.network.path import Action, Stage, Step
from mlpreflight.network.space import Match, Space
from mlpreflight.resources.attributes import many, number, prefixes, reference, text
from mlpreflight.resources.ends import Bounds, End, meaning
from mlpreflight.resources.several import Several
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import Subnet, VirtualNetwork
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

CONFIGURATIONS = "Microsoft.Network/networkManagers/securityAdminConfigurations"

ACTIONS = {"allow": Action.PASS, "alwaysallow": Action.SKIP, "deny": Action.DROP}


class Prefix(View, label="address prefix", bare=True):
    prefix = text("addressPrefix", absent="")


class AdminRule(View, type=f"{CONFIGURATIONS}/ruleCollections/rules", label="security administrator rule"):
    priority = number("priority")
    direction = text("direction")
    access = text("access")
    protocol = text("protocol", absent="Any")
    sources = many("sources", kind=Prefix)
    destinations = many("destinations", kind=Prefix)
    source_ports = prefixes("sourcePortRanges")
    ports = prefixes("destinationPortRanges")


class GroupOfCollection(View, label="network group", bare=True):
    group = reference("networkGroupId")


class AdminCollection(View, type=f"{CONFIGURATIONS}/ruleCollections", label="rule collection"):
    groups = many("appliesToGroups", kind=GroupOfCollection)


class StaticMember(View, type="Microsoft.Network/networkManagers/networkGroups/staticMembers", label="static member"):
    member = reference("resourceId")


def stage(subnet: Subnet, inbound: bool, source: End, destination: End, env: Environment, space: Space) -> Stage | None:
    """The administrator's rules before a subnet; None where there are none among the inputs."""
    rules, doubt = env.all(AdminRule)
    if not rules and doubt is None:
        return None
    matches: list[Match[Step]] = []
    everything = Flow(sources=source.addresses, destinations=destination.addresses)
    if doubt is not None:
        step = Step("the network manager", "a rule that is not known", 0, Action.OPEN, doubt.reason)
        matches.append(Match(None, everything.cell(space), step))
    for rule in sorted(rules, key=_priority):
        match = _match(rule, _applies(rule, subnet.network, env), inbound, source, destination, space)
        if match is not None:
            matches.append(match)
    left = Step("the network manager", "no rule", 0, Action.PASS)
    cell = everything.cell(space)
    return Stage("the network manager", [*matches, Match(cell, cell, left)])


def _priority(rule: AdminRule) -> int:
    known = rule.look("priority")
    return 0 if isinstance(known, Unknown) or known.value is None else int(known.value)


def _applies(rule: AdminRule, network: VirtualNetwork, env: Environment) -> str:
    """Why it is not sure that a rule applies to a network; empty where it does."""
    whole = rule.id.split("/rules/")[0]
    collections = [one for one in env.all(AdminCollection)[0] if compare(one.id, whole) is True]
    groups = [one.group for each in collections for one in each.groups.sure if one.group is not None]
    for member in env.all(StaticMember)[0]:
        if member.member is None or compare(member.member, network.id) is not True:
            continue
        if any(compare(member.id.split("/staticMembers/")[0], group) is True for group in groups):
            return ""
    return f"whether the rule applies to {network.name} is not known: no static member of its groups says so"


def _match(
    rule: AdminRule, doubt: str, inbound: bool, source: End, destination: End, space: Space
) -> Match[Step] | None:
    action = Action.OPEN
    from_ = to = Bounds(AddressSet(), AddressSet())
    protocols, from_ports, ports = addresses.PROTOCOLS, addresses.ALL_PORTS, addresses.ALL_PORTS
    try:
        if rule.direction is not None and rule.direction != ("Inbound" if inbound else "Outbound"):
            return None
        action = ACTIONS.get(rule.access.known.lower() if rule.access else "", Action.OPEN)
        protocols = addresses.protocols(rule.protocol.known) or addresses.PROTOCOLS
        from_ports, ports = _ports(rule.source_ports), _ports(rule.ports)
        from_, to = _bounds(rule.sources, source), _bounds(rule.destinations, destination)
    except NotEnoughEvidence as stopped:
        doubt = stopped.unknown.reason
        from_, to = Bounds(AddressSet(), source.addresses), Bounds(AddressSet(), destination.addresses)
    possible = Flow(protocols, from_.possible, from_ports, to.possible, ports)
    sure = Flow(protocols, from_.sure, from_ports, to.sure, ports)
    if not possible:
        return None
    if sure != possible and not doubt:
        doubt = f"how much of it {rule.own_name} means is not known without the addresses of its tags"
    step = Step("the network manager", rule.own_name.written, _priority(rule), action, doubt, rule)
    cell = possible.cell(space)
    if doubt:
        return Match(None, cell, step)
    return Match(cell if sure == possible else sure.cell(space), cell, step)


def _ports(written: Several[Text]) -> intervals.Intervals:
    ranges = [addresses.ports(word.known) or () for word in written]
    return intervals.merged(pair for one in ranges for pair in one) or addresses.ALL_PORTS


def _bounds(listed: Several[Prefix], end: End) -> Bounds:
    """What the prefixes of a rule mean at one end; none at all means everything."""
    sure, possible = AddressSet(), AddressSet()
    found = list(listed)
    for one in found:
        bounds = meaning(one.prefix, end)
        sure, possible = sure | bounds.sure, possible | bounds.possible
    return Bounds(sure, possible) if found else Bounds(end.addresses, end.addresses)
