"""Questions about the subnets of application gateways: who else is there, how large they are, what gets through."""

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.network import addresses, intervals
from mlpreflight.network.nsg import Outcome
from mlpreflight.resources import walks
from mlpreflight.resources.gateway_subnets import GatewaySubnet, neighbours
from mlpreflight.resources.gateways import ApplicationGateway
from mlpreflight.resources.several import first, some
from mlpreflight.resources.vnet import Subnet
from mlpreflight.resources.walks import told
from mlpreflight.resources.ways_out import table_of, tunnel
from mlpreflight.values import NotEnoughEvidence

IN, OUT = "inbound", "outbound"
MANAGER = "GatewayManager"


def is_dedicated(place: GatewaySubnet, env: Environment) -> Answer:
    """Does nothing but application gateways stand in the subnet?"""
    subnet = place.subnet
    found, doubt = neighbours(subnet, env)
    if found:
        shown = ", ".join(one.told for one in found[:3]) + (", …" if len(found) > 3 else "")
        return failed(f"there stands also {shown}", *(one.evidence for one in found[:3]), subnet=subnet.own_name)
    if doubt:
        raise NotEnoughEvidence(doubt)
    return passed("only application gateways stand there", subnet.at())


def holds_one_generation(place: GatewaySubnet, env: Environment) -> Answer:
    """Are all gateways in the subnet of one generation?"""
    place.raise_where_empty()
    gateways = place.certain()
    new = first(gateways, lambda one: one.is_v2)
    old = first(gateways, lambda one: not one.is_v2)
    if new is not None and old is not None:
        return failed(
            f"{old.name} is of the first generation, {new.name} of the second",
            old.at("sku"),
            new.at("sku"),
            subnet=place.subnet.own_name,
        )
    place.raise_where_more(env)
    return passed("its gateways are of one generation", gateways[0].at("sku"))


def is_as_large_as_recommended(place: GatewaySubnet) -> Answer:
    """Is the subnet as large as Azure recommends for the gateways in it?"""
    place.raise_where_empty()
    wanted = data.table("routes")["gatewayPrefix"]
    prefix = int(wanted["v2"] if some(place.certain(), lambda one: one.is_v2) else wanted["v1"])
    size = _size(place.subnet)
    evidence = place.subnet.at("prefix" if place.subnet.prefix is not None else "prefixes")
    if size < 1 << (32 - prefix):
        return failed(
            f"it has {size} addresses, Azure recommends a /{prefix}",
            evidence,
            subnet=place.subnet.own_name,
            prefix=f"/{prefix}",
        )
    return passed(f"it is at least a /{prefix}", evidence)


def has_room_for_instances(place: GatewaySubnet, env: Environment) -> Answer:
    """Does the subnet have an address for every instance that its gateways may have?"""
    place.raise_where_empty()
    usable = _size(place.subnet) - int(data.table("addresses")["reservedPerSubnet"])
    gateways = place.certain()
    counted = [one for one in gateways if _instances(one)]
    evidence = place.subnet.at("prefix" if place.subnet.prefix is not None else "prefixes")
    if not counted:
        return not_applicable("no number of instances is written", gateways[0].at("capacity"))
    needed = sum(_instances(one) + _private_frontends(one) for one in counted)
    named = ", ".join(f"{one.name} {_instances(one) + _private_frontends(one)}" for one in counted)
    message = f"it has {usable} usable addresses, its gateways may need {needed} ({named})"
    if needed > usable:
        return failed(message, evidence, *(one.at("capacity") for one in counted), subnet=place.subnet.own_name)
    if len(counted) < len(gateways):
        told = f"not all gateways in {place.name} say how many instances they may have"
        raise NotEnoughEvidence.because(told, f"the instances of the gateways in {place.name}")
    place.raise_where_more(env)
    return passed(message, evidence)


def default_route_is_internet(place: GatewaySubnet, env: Environment) -> Answer:
    """Does all that no particular route takes go straight to the Internet?"""
    gateway = place.of_v2()
    if gateway is None:
        return not_applicable("no gateway in it needs that", place.gateways[0].at("sku"))
    subnet = place.subnet
    table = table_of(subnet, env)
    if table is None:
        return passed("the subnet has no routes of its own", subnet.at("route_table"))
    route = tunnel(table)
    if route is None:
        return passed(f"{table.name} sends nothing round", table.at("routes"))
    return failed(
        f"{table.name} sends everything to {route.next_hop}; {gateway.name} is of the second generation",
        route.at("next_hop"),
        subnet.at("route_table"),
        gateway.at("sku"),
        route_table=table.name,
        route=route.own_name,
    )


def lets_gateway_manager_in(place: GatewaySubnet, env: Environment) -> Answer:
    """Do the rules on the subnet let Azure manage the gateways in it?"""
    if (off := _managed_privately(place)) is not None:
        return off
    gateway = place.certain()[0]
    ports = data.table("routes")["gatewayPorts"]["v2" if gateway.is_v2 else "v1"]
    return _lets(place.subnet, env, IN, MANAGER, str(ports), "Tcp")


def lets_probes_in(place: GatewaySubnet, env: Environment) -> Answer:
    """Do the rules on the subnet let Azure's probes reach the gateways?"""
    return _lets(place.subnet, env, IN, "AzureLoadBalancer", "*", "Tcp")


def lets_gateways_out(place: GatewaySubnet, env: Environment) -> Answer:
    """Do the rules on the subnet let the gateways reach the Internet?"""
    if (off := _managed_privately(place)) is not None:
        return off
    return _lets(place.subnet, env, OUT, "Internet", "*", "Tcp")


def _managed_privately(place: GatewaySubnet) -> Answer | None:
    """Why Azure needs no way to the gateways through the rules on the subnet; None where it does."""
    place.raise_where_empty()
    if some(place.certain(), lambda one: not (one.is_v2 and one.is_isolated)):
        return None
    return not_applicable("Azure manages its gateways on a way of its own", place.gateways[0].at("frontends"))


def _lets(subnet: Subnet, env: Environment, direction: str, tag: str, ports: str, protocol: str) -> Answer:
    group = walks.group_on(subnet, env)
    if group is None:
        return passed("the subnet has no network security group, so nothing is refused", subnet.at("security_group"))
    passage = walks.with_tag(subnet, group, direction == IN, tag, ports, protocol)
    what = f"{protocol} {ports} {'from' if direction == IN else 'to'} {tag}"
    if passage.outcome is Outcome.ALLOWED:
        return passed(f"{told(passage.opened)} allows {what}", *passage.evidence(passage.opened))
    if passage.outcome is Outcome.UNKNOWN:
        raise passage.undecided(f"whether {what} gets through")
    partly = " in part" if passage.outcome is Outcome.PARTLY else ""
    return failed(
        f"{told(passage.refused)} denies {what}{partly}",
        *passage.evidence(passage.refused),
        cause=f"{told(passage.refused)} of {group.name}",
        nsg=group.name,
        ports=ports,
    )


def _instances(gateway: ApplicationGateway) -> int:
    """How many instances a gateway may have, one address each; 0 where nothing is written."""
    return max(gateway.capacity, gateway.most_instances)


def _private_frontends(gateway: ApplicationGateway) -> int:
    return int(some(gateway.frontends, lambda one: one.subnet is not None))


def _size(subnet: Subnet) -> int:
    """The IPv4 addresses of a subnet, Azure's own too."""
    return sum(intervals.size(found) for found in subnet.ranges if found[0][0] < addresses.V6)
