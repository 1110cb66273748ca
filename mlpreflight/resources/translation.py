"""Translations (DNAT): what an Azure Firewall lets in from outside, and where to.

https://learn.microsoft.com/azure/firewall/tutorial-firewall-dnat-policy
"""

from mlpreflight.environment import Environment
from mlpreflight.network import addresses
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.nsg import Flow
from mlpreflight.network.path import Action, Stage, Step
from mlpreflight.network.space import Match, Space
from mlpreflight.resources import firewalls
from mlpreflight.resources.ends import Bounds, End
from mlpreflight.resources.firewalls import Firewall
from mlpreflight.values import NotEnoughEvidence


def stage(firewall: Firewall, source: End, to: End, is_named: bool, env: Environment, space: Space) -> Stage:
    """How a firewall translates what comes to its public addresses; each step's origin is the rule.

    `is_named`: the flow is for whatever public address the firewall has.
    """
    where = firewall.own_name.written
    everything = Flow(sources=source.addresses, destinations=to.addresses).cell(space)
    try:
        rows = sorted(firewalls.rows(firewall, env, translating=True), key=lambda row: row.order)
    except NotEnoughEvidence as stopped:
        step = Step(where, "a translation that is not known", 0, Action.OPEN, stopped.unknown.reason, firewall)
        return Stage(where, [Match(None, everything, step)])
    whole = Bounds(to.addresses, to.addresses) if is_named else None
    found = [firewalls.matched(row, where, source, to, (), space, whole) for row in rows]
    refused = Step(where, "no translation (DNAT)", 0, Action.DROP, "", firewall)
    return Stage(where, [*(one for one in found if one is not None), Match(everything, everything, refused)])


def addresses_of(firewall: Firewall, env: Environment) -> list[Intervals]:
    """The public addresses that translations of a firewall name; those that can be read."""
    try:
        rules = [row.rule for row in firewalls.rows(firewall, env, translating=True)]
        words = [word.known for rule in rules for word in rule.destinations]
    except NotEnoughEvidence:
        return []
    return [numbers for word in words if (numbers := addresses.prefix(word)) is not None]
