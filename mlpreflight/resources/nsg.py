"""Network security groups, and their rules as the walk wants them."""

from collections.abc import Iterable

from mlpreflight import data
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.nsg import Flow, Rule
from mlpreflight.resources.attributes import many, number, prefixes, reference, text
from mlpreflight.resources.ends import Bounds, End, meaning
from mlpreflight.resources.several import Several
from mlpreflight.resources.view import View
from mlpreflight.values import Known, NotEnoughEvidence, Text, Unknown


class GroupReference(View, label="application security group", bare=True):
    group = reference("id")


class SecurityRule(
    View,
    type="Microsoft.Network/networkSecurityGroups/securityRules",
    label="security rule",
    collection="securityRules",
):
    """One rule. Singular and plural fields are alternatives; what they hold together is what the rule means."""

    priority = number("priority")
    direction = text("direction")
    access = text("access")
    protocol = text("protocol")
    source = prefixes("sourceAddressPrefix")
    sources = prefixes("sourceAddressPrefixes")
    source_groups = many("sourceApplicationSecurityGroups", kind=GroupReference)
    source_port = prefixes("sourcePortRange")
    source_ports = prefixes("sourcePortRanges")
    destination = prefixes("destinationAddressPrefix")
    destinations = prefixes("destinationAddressPrefixes")
    destination_groups = many("destinationApplicationSecurityGroups", kind=GroupReference)
    port = prefixes("destinationPortRange")
    ports = prefixes("destinationPortRanges")


class NetworkSecurityGroup(View, type="Microsoft.Network/networkSecurityGroups", label="network security group"):
    """A network security group. The default rules that exports list are not read: every group has them anyway."""

    location = text("/location")
    rules = many("securityRules", kind=SecurityRule)


ALL_ADDRESSES: Intervals = intervals.union(addresses.ALL_V4, addresses.ALL_V6)
WORLD: Intervals = intervals.difference(ALL_ADDRESSES, tags.PRIVATE)


def rules_of(group: NetworkSecurityGroup, inbound: bool, source: End, destination: End) -> list[Rule]:
    """The rules of a group in one direction, default rules too, as far as they concern flows between two ends."""
    key = ("rules_of", inbound, source, destination)
    return group.once(key, lambda: _rules(group, inbound, source, destination))


def _rules(group: NetworkSecurityGroup, inbound: bool, source: End, destination: End) -> list[Rule]:
    whole = Flow(sources=source.addresses, destinations=destination.addresses)
    rules: list[Rule] = []
    try:
        listed = group.rules
    except NotEnoughEvidence as stopped:
        return [_anything(stopped.unknown, whole), *_defaults(inbound, source, destination)]
    rules = [one for rule in listed.every if (one := _rule(rule, inbound, source, destination)) is not None]
    if listed.more:
        rules.append(_anything(listed.more, whole))
    return rules + _defaults(inbound, source, destination)


def _anything(doubt: Unknown, whole: Flow) -> Rule:
    """A rule of which nothing is known: it may stand first and do either."""
    return Rule("a rule that is not known", 0, None, Flow(), whole, doubt.reason)


def _rule(rule: SecurityRule, inbound: bool, source: End, destination: End) -> Rule | None:
    doubts: list[Unknown] = [rule.doubt] if rule.doubt else []
    direction = _look(rule, "direction", doubts)
    if isinstance(direction, Text) and not direction.holes and direction != ("Inbound" if inbound else "Outbound"):
        return None
    access = _look(rule, "access", doubts)
    allow = access == "Allow" if isinstance(access, Text) and not access.holes else None
    protocols = _protocols(_look(rule, "protocol", doubts))
    ends = (
        _bounds(_listed(rule, ("source", "sources"), doubts), _groups(rule, "source_groups", doubts), source),
        _bounds(
            _listed(rule, ("destination", "destinations"), doubts),
            _groups(rule, "destination_groups", doubts),
            destination,
        ),
    )
    from_ports = _ports(_listed(rule, ("source_port", "source_ports"), doubts))
    ports = _ports(_listed(rule, ("port", "ports"), doubts))
    possible = Flow(
        protocols or addresses.PROTOCOLS,
        ends[0].possible,
        from_ports or addresses.ALL_PORTS,
        ends[1].possible,
        ports or addresses.ALL_PORTS,
    )
    settled = not doubts and allow is not None and protocols and from_ports and ports
    sure = Flow(protocols or frozenset(), ends[0].sure, from_ports or (), ends[1].sure, ports or ())
    priority = rule.look("priority")
    known = isinstance(priority, Known) and priority.value is not None
    told = doubts[0].reason if doubts else "" if settled and known else f"the rule {rule.own_name} is not whole"
    unsure = told or (_open_prefix(rule) if sure != possible else "")
    return Rule(
        rule.own_name.written,
        priority.value if isinstance(priority, Known) and known else 0,
        allow,
        sure if settled and known else Flow(),
        possible,
        unsure,
        rule,
    )


def _look(rule: SecurityRule, attribute: str, doubts: list[Unknown]) -> object:
    known = rule.look(attribute)
    if isinstance(known, Unknown):
        doubts.append(known)
        return None
    if isinstance(known.value, Text) and known.value.holes:
        doubts.append(known.value.holes[0].told_of(attribute))
    return known.value


def _listed(rule: SecurityRule, names: Iterable[str], doubts: list[Unknown]) -> list[Text] | None:
    """The words of a singular and a plural field together; None where they may hold others."""
    found: list[Text] = []
    whole = True
    for name in names:
        value = rule.look(name)
        if isinstance(value, Unknown):
            doubts.append(value)
            whole = False
        elif isinstance(value.value, Several):
            found += value.value.every
            if value.value.more:
                doubts.append(value.value.more)
                whole = False
    return found if whole else None


def _groups(rule: SecurityRule, name: str, doubts: list[Unknown]) -> list[str]:
    value = rule.look(name)
    if isinstance(value, Unknown):
        doubts.append(value)
        return []
    references = [one.look("group") for one in value.value.every]
    return [group_name(one.value) for one in references if isinstance(one, Known) and one.value is not None]


def group_name(id: Text) -> str:
    """The name by which the walk knows the members of an application security group."""
    return f"(members of {id.written.lower()})"


def _protocols(written: object) -> frozenset[str] | None:
    return addresses.protocols(written.known) if isinstance(written, Text) and not written.holes else None


def _ports(written: list[Text] | None) -> Intervals | None:
    if not written or any(one.holes for one in written):
        return None
    found = [addresses.ports(one.known) for one in written]
    return None if None in found else intervals.merged(pair for one in found for pair in one or ())


def _bounds(written: list[Text] | None, groups: list[str], end: End) -> Bounds:
    """What prefixes, tags and groups mean of the addresses at one end of a flow."""
    sure = AddressSet(names=frozenset(groups) & end.addresses.names)
    possible = sure | end.addresses if groups and end.may_be_members else sure
    if written is None or not (written or groups):
        return Bounds(sure, end.addresses)
    for word in written:
        one = meaning(word, end)
        sure, possible = sure | one.sure, possible | one.possible
    return Bounds(sure, possible)


def _open_prefix(rule: SecurityRule) -> str:
    words_ = [
        *(_listed(rule, ("source", "sources"), []) or ()),
        *(_listed(rule, ("destination", "destinations"), []) or ()),
    ]
    hole = next((hole for word in words_ for hole in word.holes), None)
    return (
        hole.reason if hole else f"how much of it {rule.own_name} means is not known without the addresses of its tags"
    )


def _defaults(inbound: bool, source: End, destination: End) -> list[Rule]:
    rows = data.table("nsg_default_rules")["inbound" if inbound else "outbound"]
    rules: list[Rule] = []
    for row in rows:
        ends = meaning(Text((row["source"],)), source), meaning(Text((row["destination"],)), destination)
        rules.append(
            Rule(
                f"{row['name']} (Azure's default)",
                row["priority"],
                row["access"] == "Allow",
                Flow(sources=ends[0].sure, destinations=ends[1].sure),
                Flow(sources=ends[0].possible, destinations=ends[1].possible),
                "" if ends[0].sure == ends[0].possible and ends[1].sure == ends[1].possible else "what the tags hold",
            )
        )
    return rules


def words_at(group: NetworkSecurityGroup, end: str) -> list[Text]:
    """Every prefix, tag or expression that the rules of a group name at one end ("source" or "destination")."""
    return group.once(("words_at", end), lambda: _words_at(group, end))


def _words_at(group: NetworkSecurityGroup, end: str) -> list[Text]:
    listed = group.look("rules")
    every = () if isinstance(listed, Unknown) else listed.value.every
    return [word for rule in every for word in _listed(rule, (end, f"{end}s"), []) or ()]


def groups_at(group: NetworkSecurityGroup, end: str) -> list[str]:
    """The names of the application security groups that the rules of a group name at one end."""
    listed = group.look("rules")
    every = () if isinstance(listed, Unknown) else listed.value.every
    return [name for rule in every for name in _groups(rule, f"{end}_groups", [])]
