"""Questions about the ranges of virtual networks and subnets, and about their service endpoints."""

from mlpreflight import data
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.network import addresses, intervals
from mlpreflight.resources.several import first
from mlpreflight.resources.vnet import Subnet, VirtualNetwork, address_range
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

LOCAL_STORAGE, GLOBAL_STORAGE = "Microsoft.Storage", "Microsoft.Storage.Global"


def keeps_out_of_forbidden_ranges(network: VirtualNetwork) -> Answer:
    """Does the network keep out of the ranges that Azure lets none have?"""
    forbidden = [str(word) for word in data.table("addresses")["forbidden"]]
    found = first(network.address_prefixes, lambda prefix: _clash(prefix, forbidden) is not None)
    place = network.at("address_prefixes")
    if found is None:
        return passed("it holds none of the forbidden ranges", place)
    return failed(f"{found} holds addresses of {_clash(found, forbidden)}", place, vnet=network.name)


def has_subnets_that_do_not_overlap(network: VirtualNetwork) -> Answer:
    """Does each address of the network belong to one subnet at most?"""
    subnets = network.subnets
    doubts: list[Unknown] = [subnets.doubt] if subnets.doubt else []
    pieces: list[tuple[int, int, Subnet]] = []
    for subnet in subnets.sure:
        try:
            pieces += [(first_, last, subnet) for first_, last in subnet.numbers]
        except NotEnoughEvidence as stopped:
            doubts.append(stopped.unknown)
    pieces.sort(key=lambda piece: piece[:2])
    before: tuple[int, int, Subnet] | None = None
    for piece in pieces:
        if before is not None and piece[0] <= before[1] and before[2] is not piece[2]:
            same = compare(before[2].own_name, piece[2].own_name)
            if same is False:
                return _overlap(before[2], piece[2], network)
            if same is None:
                told = f"{before[2].own_name} and {piece[2].own_name} may be one subnet"
                doubts.append(Unknown.because(told, f"the names of the subnets of {network.name}"))
        if before is None or piece[1] > before[1]:
            before = piece
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    return passed("its subnets do not overlap", network.at("subnets"))


def lies_in_its_network(subnet: Subnet) -> Answer:
    """Are all addresses of the subnet addresses of its network?"""
    network = subnet.network
    prefixes = network.address_prefixes
    known = [pair for word in prefixes.sure if not word.holes for pair in address_range(word, "addressPrefixes")]
    place = subnet.at("prefix" if subnet.prefix is not None else "prefixes")
    outside = intervals.difference(subnet.numbers, intervals.merged(known))
    if not outside:
        return passed(f"it lies in {network.name}", place, network.at("address_prefixes"))
    written = [word.known for word in prefixes]  # raises where one is not known
    if not written:
        return not_applicable("its network declares no address space", network.at("address_prefixes"))
    return failed(
        f"{addresses.shown(outside)} is none of {network.name}, which has {', '.join(written)}",
        place,
        network.at("address_prefixes"),
        vnet=network.name,
    )


def has_one_kind_of_storage_endpoint(subnet: Subnet) -> Answer:
    """Has the subnet either the local service endpoint for storage or the one for all regions, not both?"""
    endpoints = subnet.service_endpoints
    place = subnet.at("service_endpoints")
    local = first(endpoints, lambda one: one.service == LOCAL_STORAGE)
    far = first(endpoints, lambda one: one.service == GLOBAL_STORAGE) if local is not None else None
    if local is None or far is None:
        return passed("it has not both", place)
    return failed(
        f"it has {LOCAL_STORAGE} and {GLOBAL_STORAGE}",
        local.at("service"),
        far.at("service"),
        subnet=subnet.own_name,
        vnet=subnet.network.name,
    )


def _clash(prefix: Text, forbidden: list[str]) -> str | None:
    """The forbidden range that a range has addresses of; None where it has none."""
    numbers = address_range(prefix, "addressPrefixes")
    return next((word for word in forbidden if intervals.intersection(numbers, addresses.prefix(word) or ())), None)


def _overlap(one: Subnet, other: Subnet, network: VirtualNetwork) -> Answer:
    shared = intervals.intersection(one.numbers, other.numbers)
    return failed(
        f"{one.own_name} and {other.own_name} both have {addresses.shown(shared)}",
        other.at("prefix" if other.prefix is not None else "prefixes"),
        one.at("prefix" if one.prefix is not None else "prefixes"),
        vnet=network.name,
        subnet=other.own_name,
    )
