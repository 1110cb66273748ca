"""The paths of flows that leave a subnet: through its network security group, over its routes, through a firewall."""

from collections.abc import Iterator
from typing import NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.nsg import Flow, Rule, compiled
from mlpreflight.network.path import Action, Journey, Stage, Step, follow
from mlpreflight.network.space import Match, Ordered, Space
from mlpreflight.resources import admin_rules, firewalls, platform, routing
from mlpreflight.resources.ends import End, Place
from mlpreflight.resources.nsg import NetworkSecurityGroup, rules_of
from mlpreflight.resources.routing import Hop
from mlpreflight.resources.vnet import Subnet
from mlpreflight.resources.walks import group_on
from mlpreflight.values import NotEnoughEvidence


class Wanted(NamedTuple):
    """A connection that somebody wants to open from a subnet. `hosts` are the names it is for, where they are known.

    `among` is an end that holds this one and others: the rules of a group are read once for all of them.
    """

    to: End
    ports: Intervals
    protocols: frozenset[str]
    hosts: tuple[str, ...] = ()
    among: End | None = None


def leaving(subnet: Subnet, wanted: Wanted, env: Environment, source: End | None = None) -> Journey:
    """What becomes of connections that the machines of a subnet open."""
    space = env.once("space", Space)
    source = source or own_end(subnet)
    to = _of_one_version(wanted.to.addresses, source.addresses)
    flow = Flow(wanted.protocols, source.addresses, addresses.ALL_PORTS, to, wanted.ports)
    service = platform.service_of(wanted.to)
    if service:
        group = group_on(subnet, env)
        return follow(flow, platform.stages(group, service, source, wanted.to, space), space)
    stages = list(_stages(subnet, source, wanted, env, space))
    return follow(flow, stages, space)


def arriving(
    subnet: Subnet, source: End, ports: Intervals, protocols: frozenset[str], env: Environment, own: End | None = None
) -> Journey:
    """What becomes of connections that somebody opens to the machines of a subnet."""
    space = env.once("space", Space)
    own = own or own_end(subnet)
    group = group_on(subnet, env)
    admin = admin_rules.stage(subnet, True, source, own, env, space)
    stages = [admin] if admin is not None else []
    flow = Flow(protocols, source.addresses, addresses.ALL_PORTS, own.addresses, ports)
    if group is not None:
        stages.append(_of_group(group, True, source, own, space))
    elif source.place in (Place.WORLD, Place.PUBLIC) or "internet" in source.addresses.names:
        stages.append(_without_group(flow, space))
    return follow(flow, stages, space)


def answering(subnet: Subnet, asker: End, question: Journey | None, wanted: Wanted, env: Environment) -> Journey:
    """What becomes of the answers to connections that arrived at a subnet: they take its routes, not the way back.

    A firewall refuses answers to questions that it has not seen. `question` is the way of the connection out of the
    asker's subnet, None where the asker stands elsewhere; `wanted` is what was opened to the subnet.
    """
    space = env.once("space", Space)
    seen = {step.goal for leg in (question.legs if question else ()) for step in leg.trace if step.goal}
    routes, _ = routing.routes(subnet, asker, env)
    to = _of_one_version(asker.addresses, wanted.to.addresses)
    flow = Flow(wanted.protocols, wanted.to.addresses, wanted.ports, to, addresses.ALL_PORTS)
    everywhere = Flow(sources=wanted.to.addresses, destinations=asker.addresses)
    found = [_matched(hop._replace(step=_answer_by(hop.step, seen, asker)), everywhere, space) for hop in routes]
    return follow(flow, [Stage("routes", found)], space)


def _answer_by(step: Step, seen: set[str], asker: End) -> Step:
    """What a route means for answers, where the question passed the firewalls `seen`."""
    if step.action is Action.PASS and step.goal not in seen:
        if asker.place is Place.PRIVATE and not seen:
            return step._replace(
                action=Action.OPEN, doubt=f"whether the question came through {step.goal} is not known"
            )
        return step._replace(action=Action.DROP, name=f"{step.name} to {step.goal}, which has not seen the question,")
    if step.action is Action.SKIP and seen:
        doubt = f"the answer goes past {', '.join(sorted(seen))}, which refuses what follows unless it hides the asker"
        return step._replace(action=Action.OPEN, doubt=doubt)
    return step


def _without_group(flow: Flow, space: Space) -> Stage:
    """Public addresses of the Standard SKU are closed until a group lets something in."""
    step = Step("the subnet", "no network security group, which a public address waits for,", 0, Action.DROP)
    cell = flow.cell(space)
    return Stage("the subnet", [Match(cell, cell, step)])


def _of_one_version(there: AddressSet, here: AddressSet) -> AddressSet:
    """Without the IPv6 addresses that machines which have IPv4 addresses alone cannot speak to."""
    if not there.numbers or not here.numbers or here.numbers[-1][1] >= addresses.V6:
        return there
    return AddressSet(intervals.intersection(there.numbers, addresses.ALL_V4), there.names)


def own_end(subnet: Subnet, may_be_members: bool = False) -> End:
    """The addresses of a subnet; by name where they are not known."""
    try:
        return End(AddressSet(subnet.numbers), may_be_members=may_be_members)
    except NotEnoughEvidence:
        return End(AddressSet(names=frozenset({tags.OWN})), may_be_members=may_be_members)


def _stages(subnet: Subnet, source: End, wanted: Wanted, env: Environment, space: Space) -> Iterator[Stage]:
    admin = admin_rules.stage(subnet, False, source, wanted.to, env, space)
    if admin is not None:
        yield admin
    group = group_on(subnet, env)
    if group is not None:
        end = (wanted.among or wanted.to)._replace(routed=routing.routed(subnet, env))
        yield _of_group(group, False, source, end, space)
    routes, beyond = routing.routes(subnet, wanted.to, env)
    everywhere = Flow(sources=source.addresses, destinations=wanted.to.addresses)
    yield Stage("routes", [_matched(one, everywhere, space) for one in routes])
    for firewall in beyond:
        yield firewalls.stage(firewall, source, wanted.to, wanted.hosts, env, space)


def _of_group(group: NetworkSecurityGroup, inbound: bool, source: End, destination: End, space: Space) -> Stage:
    key = ("stage", id(space), inbound, source, destination)
    return group.once(key, lambda: _compiled(group, inbound, source, destination, space))


def _compiled(group: NetworkSecurityGroup, inbound: bool, source: End, destination: End, space: Space) -> Stage:
    where = group.own_name.written
    matches = [
        Match(one.sure, one.possible, _step(one.rule, where))
        for one in compiled(rules_of(group, inbound, source, destination), space)
    ]
    return Stage(where, Ordered(matches), can_be_skipped=True)


def _step(rule: Rule, where: str) -> Step:
    action = Action.OPEN if rule.allow is None else Action.PASS if rule.allow else Action.DROP
    return Step(where, rule.name, rule.priority if rule.origin else 0, action, rule.doubt, rule.origin)


def _matched(hop: Hop, everywhere: Flow, space: Space) -> Match[Step]:
    possible = everywhere._replace(destinations=hop.possible).cell(space)
    if hop.sure == hop.possible:
        return Match(possible, possible, hop.step)
    sure = everywhere._replace(destinations=hop.sure)
    return Match(sure.cell(space) if sure else None, possible, hop.step)
