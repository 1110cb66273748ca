"""Azure Firewalls, what of a flow they let through, and the routes that lead to them.

Network rules come before application rules, each kind by the priority of its group and then of its collection; the
first that matches decides, and what none matches is refused.
https://learn.microsoft.com/azure/firewall/rule-processing
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.nsg import Flow
from mlpreflight.network.path import Action, Stage, Step
from mlpreflight.network.space import Match, Space
from mlpreflight.resources.attributes import many, number, reference, text, words
from mlpreflight.resources.ends import Bounds, End, meaning
from mlpreflight.resources.networks import Route
from mlpreflight.resources.view import View
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

MAX_POLICIES = 10
SMB = 445, 445
DEFAULT_PORTS = {"http": "80", "https": "443", "mssql": "1433"}


class Protocol(View, label="protocol", bare=True):
    kind = text("protocolType", absent="Https")
    port = number("port")


class FirewallRule(View, label="firewall rule", bare=True):
    """A network rule, an application rule or a translation (DNAT); which of them its fields tell."""

    kind = text("ruleType", absent="")
    sources = words("sourceAddresses")
    source_groups = words("sourceIpGroups")
    destinations = words("destinationAddresses")
    destination_groups = words("destinationIpGroups")
    destination_hosts = words("destinationFqdns")
    ip_protocols = words("ipProtocols", "protocols")
    ports = words("destinationPorts")
    app_protocols = many("protocols", kind=Protocol)
    hosts = words("targetFqdns")
    host_tags = words("fqdnTags")
    urls = words("targetUrls")
    categories = words("webCategories")
    translated_address = text("translatedAddress")
    translated_port = text("translatedPort")


class RuleCollection(View, label="rule collection", bare=True):
    kind = text("ruleCollectionType", absent="FirewallPolicyFilterRuleCollection")
    priority = number("priority")
    action = text("action.type")
    rules = many("rules", kind=FirewallRule)


class ClassicCollection(View, label="rule collection"):
    priority = number("priority")
    action = text("action.type")
    rules = many("rules", kind=FirewallRule)


class RuleCollectionGroup(
    View, type="Microsoft.Network/firewallPolicies/ruleCollectionGroups", label="rule collection group"
):
    priority = number("priority")
    collections = many("ruleCollections", kind=RuleCollection)


class FirewallPolicy(View, type="Microsoft.Network/firewallPolicies", label="firewall policy"):
    """A policy; what stands in the one that it is based on comes first, kind by kind."""

    base = reference("basePolicy.id")


class IpConfiguration(View, label="IP configuration"):
    address = text("privateIPAddress")
    subnet = reference("subnet.id")


class Firewall(View, type="Microsoft.Network/azureFirewalls", label="Azure Firewall"):
    """A firewall; its rules stand in a policy, or, of the older kind, in itself."""

    policy = reference("firewallPolicy.id")
    configurations = many("ipConfigurations", kind=IpConfiguration)
    network_collections = many("networkRuleCollections", kind=ClassicCollection)
    application_collections = many("applicationRuleCollections", kind=ClassicCollection)
    nat_collections = many("natRuleCollections", kind=ClassicCollection)


class Row(NamedTuple):
    """A rule in the order in which the firewall tries it."""

    order: tuple[bool, int, int, int]
    rule: FirewallRule
    action: Text | None
    is_application: bool


def behind(route: Route, env: Environment) -> Firewall | None:
    """The firewall among the inputs that a route leads to; None where none of them certainly is it."""
    hop = route.look("next_hop_address")
    if isinstance(hop, Unknown) or hop.value is None:
        return None
    written: Text = hop.value
    for firewall in env.all(Firewall)[0]:
        if written.holes:
            # The address that Azure will give it: the template asks for it by the firewall's id.
            if any(firewall.id.written.lower() in hole.key.lower() for hole in written.holes):
                return firewall
            continue
        configurations = firewall.look("configurations")
        for one in () if isinstance(configurations, Unknown) else configurations.value.every:
            address = one.look("address")
            own = None if isinstance(address, Unknown) else address.value
            if own is not None and not own.holes and own.known == written.known:
                return firewall
    return None


def stage(
    firewall: Firewall, source: End, destination: End, hosts: tuple[str, ...], env: Environment, space: Space
) -> Stage:
    """What a firewall does with flows between two ends; `hosts` are the names that they are for, where known."""
    where = firewall.own_name.written
    matches: list[Match[Step]] = []
    try:
        listed = sorted(rows(firewall, env), key=lambda row: row.order)
    except NotEnoughEvidence as stopped:
        step = Step(where, "a rule that is not known", 0, Action.OPEN, stopped.unknown.reason, firewall)
        everything = Flow(sources=source.addresses, destinations=destination.addresses).cell(space)
        return Stage(where, [Match(None, everything, step)], can_be_skipped=True)
    for row in listed:
        match = matched(row, where, source, destination, hosts, space)
        if match is not None:
            matches.append(match)
    everything = Flow(sources=source.addresses, destinations=destination.addresses).cell(space)
    refused = Step(where, "the default refusal", 0, Action.DROP, "", firewall)
    return Stage(where, [*matches, Match(everything, everything, refused)], can_be_skipped=True)


def rows(firewall: Firewall, env: Environment, translating: bool = False) -> Iterator[Row]:
    """The rules of a firewall, those of its policies with them: what filters, or what translates (DNAT)."""
    kinds = ((False, firewall.network_collections), (True, firewall.application_collections))
    for is_application, collections in ((False, firewall.nat_collections),) if translating else kinds:
        for collection in collections:
            for rule in collection.rules:
                yield Row((is_application, 0, 0, collection.priority or 0), rule, collection.action, is_application)
    for depth, policy in enumerate(_policies(firewall, env)):
        yield from _rows_of(policy, depth, env, translating)


def _policies(firewall: Firewall, env: Environment) -> list[Text]:
    """The policies of a firewall, the one that all others are based on first."""
    chain: list[Text] = []
    following = firewall.policy
    while following is not None and len(chain) < MAX_POLICIES:
        chain.insert(0, following)
        policy = env.find(following, FirewallPolicy)
        following = policy.base if policy is not None else None
    return chain


def _rows_of(policy: Text, depth: int, env: Environment, translating: bool) -> Iterator[Row]:
    groups, doubt = env.all(RuleCollectionGroup)
    mine = [one for one in groups if one.id.split("/ruleCollectionGroups/")[0] == policy]
    if doubt:
        raise NotEnoughEvidence(doubt)
    if not mine and not env.complete:
        told = f"the rules of the policy {policy} are not among the inputs"
        raise NotEnoughEvidence.because(told, f"the rule collection groups of {policy}")
    for group in mine:
        for inner in group.collections:
            for rule in inner.rules if (inner.kind == "FirewallPolicyNatRuleCollection") is translating else ():
                is_application = rule.kind == "ApplicationRule"
                order = is_application, depth, group.priority or 0, inner.priority or 0
                yield Row(order, rule, inner.action, is_application)


def matched(
    row: Row,
    where: str,
    source: End,
    destination: End,
    hosts: tuple[str, ...],
    space: Space,
    whole: Bounds | None = None,
) -> Match[Step] | None:
    """What a rule matches of a flow; `whole` in place of what it says of destinations."""
    rule = row.rule
    allow = None if row.action is None or row.action.holes else row.action in (Text(("Allow",)), Text(("Dnat",)))
    action = Action.OPEN if allow is None else Action.PASS if allow else Action.DROP
    doubt = ""
    try:
        from_ = _bounds(rule.sources, bool(rule.source_groups.every), source)
        protocols, ports = _application(rule) if row.is_application else _network(rule)
        to = _to_hosts(rule, destination, hosts) if row.is_application else _to_addresses(rule, destination, hosts)
        to = whole or to
    except NotEnoughEvidence as stopped:
        doubt, protocols, ports = stopped.unknown.reason, addresses.PROTOCOLS, addresses.ALL_PORTS
        from_ = to = Bounds(AddressSet(), AddressSet())
        to, from_ = Bounds(AddressSet(), destination.addresses), Bounds(AddressSet(), source.addresses)
    possible = Flow(protocols, from_.possible, addresses.ALL_PORTS, to.possible, ports)
    sure = Flow(protocols, from_.sure, addresses.ALL_PORTS, to.sure, ports)
    if not possible:
        return None
    if sure != possible and not doubt:
        doubt = "what it matches of the flow is not known without the names that the flow is for"
    step = Step(where, f"rule {_name(rule)}", row.order[3], action, doubt, rule)
    cell = possible.cell(space)
    return Match(cell if sure == possible else sure.cell(space) if sure else None, cell, step)


def _name(rule: FirewallRule) -> str:
    return rule.own_name.written


def _network(rule: FirewallRule) -> tuple[frozenset[str], Intervals]:
    named = [addresses.protocols(word.known) or frozenset() for word in rule.ip_protocols]
    ranges = [addresses.ports(word.known) or () for word in rule.ports]
    protocols = frozenset(protocol for one in named for protocol in one) or addresses.PROTOCOLS
    found = intervals.merged(pair for one in ranges for pair in one)
    if found != addresses.ALL_PORTS:
        # A rule for ports, whatever its protocols, is one for the protocols that have them.
        protocols = protocols & {"tcp", "udp"}
    return protocols, found


def _application(rule: FirewallRule) -> tuple[frozenset[str], Intervals]:
    found: list[tuple[int, int]] = []
    for one in rule.app_protocols:
        port = str(one.port) if one.port is not None else DEFAULT_PORTS.get(one.kind.known.lower(), "443")
        found += addresses.ports(port) or ()
    # What such a rule lets through speaks HTTP, TLS or SQL; a port of file shares in it is no way for them.
    return frozenset({"tcp"}), intervals.merged(pair for pair in found or [(443, 443)] if pair != SMB)


def _bounds(listed: Iterable[Text], has_groups: bool, end: End) -> Bounds:
    """What address ranges, tags and IP groups mean at one end; the addresses of groups are not looked up."""
    sure, possible = AddressSet(), AddressSet()
    for word in listed:
        one = meaning(word, end)
        sure, possible = sure | one.sure, possible | one.possible
    return Bounds(sure, end.addresses) if has_groups else Bounds(sure, possible)


def _to_addresses(rule: FirewallRule, end: End, hosts: tuple[str, ...]) -> Bounds:
    named = _bounds(rule.destinations, bool(rule.destination_groups.every), end)
    by_host = _by_host([word.known for word in rule.destination_hosts], end, hosts)
    return Bounds(named.sure | by_host.sure, named.possible | by_host.possible)


def _to_hosts(rule: FirewallRule, end: End, hosts: tuple[str, ...]) -> Bounds:
    found = _by_host([word.known for word in rule.hosts], end, hosts)
    others = [*rule.host_tags.every, *rule.urls.every, *rule.categories.every]
    return Bounds(found.sure, end.addresses) if others else found


def _by_host(patterns: list[str], end: End, hosts: tuple[str, ...]) -> Bounds:
    """What of the flow is for hosts that patterns name: all of it, none, or, where its hosts are not known, perhaps."""
    if not patterns:
        return Bounds(AddressSet(), AddressSet())
    if not hosts:
        whole = any(pattern.strip() == "*" for pattern in patterns)
        return Bounds(end.addresses if whole else AddressSet(), end.addresses)
    if all(any(covers(pattern, host) for pattern in patterns) for host in hosts):
        return Bounds(end.addresses, end.addresses)
    # A host with a wildcard stands for many: a pattern inside it holds some of them.
    touched = any(covers(pattern, host) or covers(host, pattern) for pattern in patterns for host in hosts)
    return Bounds(AddressSet(), end.addresses if touched else AddressSet())


def covers(pattern: str, host: str) -> bool:
    """Does a pattern of a firewall hold a host, or all that a pattern with a leading wildcard stands for?"""
    pattern, host = pattern.strip().lower().rstrip("."), host.strip().lower().rstrip(".")
    if pattern in ("*", host):
        return True
    return pattern.startswith("*") and host.endswith(pattern[1:])
