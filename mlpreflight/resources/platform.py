"""Azure's own addresses in every network: name server, probes, metadata. Only rules that name their tags touch them.

https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#azure-platform-considerations
"""

from mlpreflight.network import addresses, intervals
from mlpreflight.network.nsg import Flow, compiled
from mlpreflight.network.path import Action, Stage, Step
from mlpreflight.network.space import Match, Space
from mlpreflight.resources.ends import End
from mlpreflight.resources.nsg import NetworkSecurityGroup, SecurityRule, rules_of

SERVICES = {"azureplatformdns": "168.63.129.16", "azureplatformimds": "169.254.169.254"}


def service_of(end: End) -> str:
    """The tag of the service of the platform that a flow goes to; empty for any other."""
    if end.addresses.names:
        return next((tag for tag in SERVICES if end.addresses.names == {tag}), "")
    for tag, address in SERVICES.items():
        if end.addresses.numbers and intervals.contains(addresses.prefix(address) or (), end.addresses.numbers):
            return tag
    return ""


def stages(group: NetworkSecurityGroup | None, tag: str, source: End, end: End, space: Space) -> list[Stage]:
    """The rules of a group that name the tag, and the platform, which lets all else through."""
    whole = Flow(sources=source.addresses, destinations=end.addresses)
    matches: list[Match[Step]] = []
    named = End(end.addresses._replace(numbers=(), names=frozenset({tag})))
    for one in compiled(rules_of(group, False, source, named), space) if group is not None else ():
        rule = one.rule
        if not isinstance(rule.origin, SecurityRule) or not _names(rule.origin, tag):
            continue
        action = Action.OPEN if rule.allow is None else Action.PASS if rule.allow else Action.DROP
        where = group.own_name.written if group is not None else ""
        step = Step(where, rule.name, rule.priority, action, rule.doubt, rule.origin)
        cell = rule.possible._replace(destinations=end.addresses).cell(space)
        matches.append(Match(cell if rule.sure == rule.possible else None, cell, step))
    cell = whole.cell(space)
    free = Step("the platform", "no rule touches it", 0, Action.PASS)
    return [Stage("the platform", [*matches, Match(cell, cell, free)])]


def _names(rule: SecurityRule, tag: str) -> bool:
    words = (*rule.destination.every, *rule.destinations.every)
    return any(not word.holes and word.known.strip().lower() == tag for word in words)
