"""Questions about peerings between virtual networks."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.network import addresses, intervals
from mlpreflight.resources.peerings import DeclaredPeering, space_of
from mlpreflight.values import NotEnoughEvidence


def has_both_halves(peering: DeclaredPeering, env: Environment) -> Answer:
    """Does the other network peer back, so that the two are connected?"""
    view = peering.view
    if view.state != "":
        if view.state == "Connected":
            return passed("the two networks are connected", view.at("state"))
        return failed(f"its state is {view.state}, not Connected", view.at("state"), **_facts(peering))
    half = peering.other_half(env)
    if half is not None:
        return passed(f"{half.name} leads back", view.at("remote"), half.at("remote"))
    other = peering.other(env)
    return failed(
        f"{other.name} declares no peering with {peering.network.name}",
        view.at("remote"),
        other.at("peerings"),
        **_facts(peering),
    )


def lets_networks_reach_each_other(peering: DeclaredPeering) -> Answer:
    """Does the peering let what stands in the two networks reach each other?"""
    view = peering.view
    place = view.at("allows_access")
    if view.allows_access is None:
        told = "allowVirtualNetworkAccess is not written, and Azure documents no default for it"
        raise NotEnoughEvidence.because(told, f"allowVirtualNetworkAccess of {view.name}")
    if view.allows_access:
        return passed("the networks reach each other", place)
    return failed("it keeps the networks apart", place, **_facts(peering))


def takes_what_the_hub_forwards(peering: DeclaredPeering, env: Environment) -> Answer:
    """Where routes lead to an appliance in the other network, does the peering take what that forwards?"""
    view = peering.view
    found = peering.forwarding(env)
    if found is None:
        return not_applicable("no route leads to an appliance in the other network", view.at("remote"))
    route, subnet = found
    if view.takes_forwarded_traffic:
        return passed("it takes forwarded traffic", view.at("takes_forwarded_traffic"))
    return failed(
        f"{subnet.own_name} sends {route.prefix} to {route.next_hop_address} in the other network, "
        "and what is forwarded there is not taken",
        view.at("takes_forwarded_traffic"),
        route.at("next_hop_address"),
        subnet.at("route_table"),
        **_facts(peering),
    )


def is_given_the_gateway_it_uses(peering: DeclaredPeering, env: Environment) -> Answer:
    """Where a network uses the gateway of the other, does that one share it?"""
    view = peering.view
    if not view.uses_remote_gateway:
        return not_applicable("it uses no gateway of the other network", view.at("uses_remote_gateway"))
    half = peering.other_half(env)
    if half is None:
        return not_applicable("the other network does not peer back", view.at("remote"))
    if half.shares_gateway:
        return passed(f"{half.name} shares its gateway", half.at("shares_gateway"))
    return failed(
        f"it uses the gateway of the other network, which {half.name} does not share",
        half.at("shares_gateway"),
        view.at("uses_remote_gateway"),
        other=half.own_name,
        other_network=peering.other(env).name,
    )


def joins_networks_that_do_not_overlap(peering: DeclaredPeering, env: Environment) -> Answer:
    """Do the two networks have no address in common?"""
    view = peering.view
    if not view.joins_whole_networks:
        return not_applicable("it joins subnets, not whole networks", view.at("joins_whole_networks"))
    one, other = peering.network, peering.other(env)
    shared = intervals.intersection(space_of(one), space_of(other))
    places = (one.at("address_prefixes"), other.at("address_prefixes"))
    if not shared:
        return passed("the two networks share no address", *places)
    return failed(
        f"{one.name} and {other.name} both have {addresses.shown(shared)}",
        *places,
        cause=" and ".join(sorted((one.name.written, other.name.written))) + " overlap",
    )


def _facts(peering: DeclaredPeering) -> dict[str, str]:
    facts = {"peering": peering.view.own_name.written, "network": peering.network.name.written}
    remote = peering.view.remote
    return facts if remote is None else {**facts, "other": remote.split("/")[-1].written}
