"""Connections that a user asks about: from a subnet or to one, hop by hop, and the whole table of needed flows."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.nsg import Flow, Outcome
from mlpreflight.network.path import Journey, follow
from mlpreflight.network.space import Space
from mlpreflight.resources import needed_flows, platform, translation
from mlpreflight.resources.ends import End, Place
from mlpreflight.resources.firewalls import Firewall, FirewallRule, covers
from mlpreflight.resources.paths import Wanted, answering, arriving, leaving, own_end
from mlpreflight.resources.subjects import ClusterSubnet, ComputeSubnet
from mlpreflight.resources.vnet import Subnet
from mlpreflight.suggestions import nearest
from mlpreflight.values import NotEnoughEvidence


class TraceError(Exception):
    """A question that cannot be asked; says why and what to ask instead."""


class Hop(NamedTuple):
    """One part of the way: out of a subnet, or into one."""

    title: str
    journey: Journey


class Asked(NamedTuple):
    """One end of the question: a subnet among the inputs, or addresses elsewhere."""

    written: str
    subnet: Subnet | None
    end: End
    hosts: tuple[str, ...] = ()
    firewall: Firewall | None = None


def trace(env: Environment, start: str, goal: str, ports: str, protocol: str) -> list[Hop]:
    """The way of a connection.

    Raises TraceError, or NotEnoughEvidence where something on the way is not among the inputs.
    """
    found_ports, protocols = addresses.ports(ports), addresses.protocols(protocol)
    if found_ports is None:
        raise TraceError(f"{ports!r} names no ports; write 443, 80-90 or 80,443")
    if protocols is None:
        raise TraceError(f"{protocol!r} is no protocol; write tcp, udp, icmp or *")
    source = _asked(env, start, None)
    target = _asked(env, goal, source.subnet)
    if target.firewall is not None:
        return list(_translated(env, source, target, found_ports, protocols))
    if source.subnet is None and target.subnet is None:
        names = [one.name.written for one in env.all(Subnet)[0]]
        raise TraceError(
            f"neither {start!r} nor {goal!r} is a subnet among the inputs; there are {', '.join(names[:5]) or 'none'}"
        )
    return list(_hops(env, source, target, found_ports, protocols))


def _hops(env: Environment, source: Asked, target: Asked, ports: Intervals, protocols: frozenset[str]) -> Iterator[Hop]:
    journey: Journey | None = None
    if source.subnet is not None:
        wanted = Wanted(target.end, ports, protocols, target.hosts)
        journey = leaving(source.subnet, wanted, env, source.end)
        yield Hop(f"out of {source.subnet.name}", journey)
        if journey.outcome is Outcome.DENIED:
            return
    if target.subnet is not None:
        into = arriving(target.subnet, source.end, ports, protocols, env, target.end)
        yield Hop(f"into {target.subnet.name}", into)
        same = source.subnet is not None and source.subnet.node is target.subnet.node
        if into.outcome is not Outcome.DENIED and not same and not _is_of_platform(source.end):
            opened = Wanted(target.end, ports, protocols)
            yield Hop("the answers back", answering(target.subnet, source.end, journey, opened, env))


def _translated(
    env: Environment, source: Asked, target: Asked, ports: Intervals, protocols: frozenset[str]
) -> Iterator[Hop]:
    """Through a firewall that translates its public addresses (DNAT), and on into the subnet behind it.

    The firewall puts its own address in place of the asker's, so that the answers come back to it.
    """
    assert target.firewall is not None
    space = env.once("space", Space)
    flow = Flow(protocols, source.end.addresses, addresses.ALL_PORTS, target.end.addresses, ports)
    is_named = not target.end.addresses.numbers
    stage = translation.stage(target.firewall, source.end, target.end, is_named, env, space)
    journey = follow(flow, [stage], space)
    yield Hop(f"through {target.firewall.name}", journey)
    seen: list[FirewallRule] = []
    for leg in journey.legs if not journey.given_up else ():
        rule = leg.trace[-1].origin
        if leg.arrives and isinstance(rule, FirewallRule) and rule not in seen:
            seen.append(rule)
            yield from _behind(env, target.firewall, rule, leg.flow.ports, protocols)


def _behind(
    env: Environment, firewall: Firewall, rule: FirewallRule, ports: Intervals, protocols: frozenset[str]
) -> Iterator[Hop]:
    """From a firewall into the subnet that holds what a rule translates to."""
    numbers = addresses.prefix(rule.translated_address.known) if rule.translated_address is not None else None
    if numbers is None:
        told = f"rule {rule.own_name} of {firewall.name} translates to no address that is known"
        raise NotEnoughEvidence.because(told, f"what {rule.own_name} translates to")
    inside = next((one for one in env.all(Subnet)[0] if intervals.contains(one.numbers, numbers)), None)
    stands = next((one.subnet for one in firewall.configurations if one.subnet is not None), None)
    own = env.find(stands, Subnet) if stands is not None else None
    if inside is None or own is None:
        lacking = f"the subnet of {addresses.shown(numbers)}" if inside is None else f"the subnet of {firewall.name}"
        raise NotEnoughEvidence.because(f"{lacking} is not among the inputs", lacking)
    if rule.translated_port is not None:
        ports = addresses.ports(rule.translated_port.known) or ports
    place = Place.OWN if own.network.node is inside.network.node else Place.PRIVATE
    machine = End(AddressSet(numbers), place, may_be_members=True)
    yield Hop(f"out of {own.name}", leaving(own, Wanted(machine, ports, protocols), env))
    asker = own_end(own)._replace(place=place)
    into = arriving(inside, asker, ports, protocols, env, machine._replace(place=Place.OWN))
    yield Hop(f"into {inside.name}", into)


def _is_of_platform(end: End) -> bool:
    """Does a flow come from Azure's own load balancer or the addresses that it has in every network?"""
    return end.addresses.names == {"azureloadbalancer"} or bool(platform.service_of(end))


def _asked(env: Environment, written: str, beside: Subnet | None) -> Asked:
    """What a word means: a subnet by its name or id, a range, a service tag, or else a host."""
    for subnet in env.all(Subnet)[0]:
        if written.lower() in (name.lower() for name in _names(subnet)):
            end = own_end(subnet, may_be_members=True)
            near = beside is None or beside.network.node is subnet.network.node
            return Asked(written, subnet, end if near else end._replace(place=Place.PRIVATE))
    numbers = addresses.prefix(written)
    for firewall in env.all(Firewall)[0] if beside is None else ():
        if written.lower() in (firewall.own_name.written.lower(), firewall.id.written.lower()):
            return Asked(written, None, End(AddressSet(names=frozenset({written.lower()}))), firewall=firewall)
        if numbers is not None and any(numbers == one for one in translation.addresses_of(firewall, env)):
            return Asked(written, None, End(AddressSet(numbers), Place.PUBLIC), firewall=firewall)
    if numbers is not None:
        return Asked(written, None, End(AddressSet(numbers), _place(numbers, beside), env.tags))
    if tags.is_known(written) or "." not in written:
        if not tags.is_known(written):
            like = nearest(written, [name for one in env.all(Subnet)[0] for name in _names(one)])
            hint = f"; did you mean {like!r}?" if like else ""
            raise TraceError(f"{written!r} is no subnet among the inputs, no address and no service tag{hint}")
        return Asked(written, None, needed_flows.end_of(written, env))
    tag = _tag_of(written, env)
    end = (
        needed_flows.end_of(tag, env)
        if env.tags is not None and tag in env.tags
        else End(AddressSet(names=frozenset({tag})))
    )
    return Asked(written, None, end, (written.lower(),))


def _place(numbers: Intervals, beside: Subnet | None) -> Place:
    """Where addresses are, seen from a subnet: in its own network, elsewhere in private, or public."""
    try:
        words = beside.network.address_prefixes if beside is not None else ()
        own = intervals.merged(pair for word in words for pair in addresses.prefix(word.known) or ())
    except NotEnoughEvidence:
        own = ()
    if own and intervals.contains(own, numbers):
        return Place.OWN
    return Place.PRIVATE if intervals.intersection(numbers, tags.PRIVATE) else Place.PUBLIC


def _names(subnet: Subnet) -> tuple[str, ...]:
    """What a user may call a subnet."""
    return subnet.own_name.written, subnet.name.written, subnet.id.written


def _tag_of(host: str, env: Environment) -> str:
    """The service tag that a host's addresses are in, where the flow table knows it; else the host for itself."""
    for row in data.table("flows")["flows"].values():
        for pattern in row.get("hosts", {}).get(env.cloud, ()):
            if "{" not in pattern and covers(pattern, host):
                return str(row["to"]).split(".{")[0].lower()
    return host.lower()


class Line(NamedTuple):
    """A needed flow in the table: for whom, which, and what becomes of it."""

    nodes: str
    flow: str
    told: str
    outcome: Outcome
    decided_by: str


def table(env: Environment) -> list[Line]:
    """Every flow that the nodes among the inputs need, and what becomes of it."""
    nodes: Sequence[ComputeSubnet | ClusterSubnet] = [*env.all(ComputeSubnet)[0], *env.all(ClusterSubnet)[0]]
    return [line for one in nodes for name in needed_flows.names() for line in _line(one, name, env)]


def _line(nodes: ComputeSubnet | ClusterSubnet, name: str, env: Environment) -> Iterator[Line]:
    kinds = needed_flows.kinds(name)
    compute = nodes.compute if isinstance(nodes, ComputeSubnet) else None
    if kinds and (compute is None or not any(compute.kind == kind for kind in kinds)):
        return
    row = needed_flows.row(nodes, name, env)
    if row is None:
        return
    try:
        way = needed_flows.way(nodes, row, env)
    except NotEnoughEvidence as stopped:
        yield Line(nodes.name.written, name, str(row), Outcome.UNKNOWN, stopped.unknown.reason)
        return
    outside, inside = way.outside, way.inside
    if inside is not None and way.served is True and inside.outcome is Outcome.ALLOWED:
        yield Line(nodes.name.written, name, str(row), Outcome.ALLOWED, "a private endpoint")
        return
    leg = outside.arrived if outside.outcome is Outcome.ALLOWED else outside.refused
    step = outside.doubtful if outside.outcome is Outcome.UNKNOWN else None
    if step is None and leg is not None and leg.trace:
        own = [one for one in leg.trace if one.origin is not None]
        step = leg.trace[-1] if not leg.arrives else own[-1] if own else leg.trace[0]
    yield Line(nodes.name.written, name, str(way.row), outside.outcome, str(step) if step is not None else "")
