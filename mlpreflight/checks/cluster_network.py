"""Questions about the address ranges that a cluster lives in."""

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, Evidence, failed, not_applicable, passed
from mlpreflight.network import addresses, intervals
from mlpreflight.network.intervals import Intervals
from mlpreflight.resources.clusters import ClusterNetwork
from mlpreflight.resources.vnet import Subnet, address_range
from mlpreflight.values import NotEnoughEvidence, Unknown


def service_cidr_is_free(network: ClusterNetwork, env: Environment) -> Answer:
    """Does the range of the cluster's services overlap no subnet of its virtual network?"""
    services = _services(network)
    clash = _clash(network, env, services)
    if clash is None:
        return not_applicable("AKS makes a virtual network of its own for it", network.view.at())
    subnet, looked = clash
    own = network.view.at("service_cidr")
    if subnet is None:
        return passed(f"{addresses.shown(services)} overlaps none of {looked} subnets", own)
    return failed(
        f"services get {addresses.shown(services)}, which overlaps the subnet {subnet.name}",
        own,
        subnet.at("prefix" if subnet.prefix is not None else "prefixes"),
        cluster=network.view.own_name,
    )


def dns_ip_is_in_service_cidr(network: ClusterNetwork) -> Answer:
    """Is the address of the cluster's DNS one of its service addresses, and not the first?"""
    services = _services(network)
    written = network.view.dns_service_ip
    defaults = data.table("aks")["defaults"]
    if written is None and network.view.service_cidr is None:
        return passed(f"AKS's defaults fit: {defaults['dnsServiceIP']} in {defaults['serviceCidr']}", _at_dns(network))
    text = written.known if written is not None else str(defaults["dnsServiceIP"])
    own = addresses.prefix(text)
    if own is None or own[0][0] != own[0][1]:
        raise NotEnoughEvidence.because(f"dnsServiceIP {text} is no address", "dnsServiceIP")
    if not intervals.contains(services, own):
        return failed(
            f"{text} is not in the services' range {addresses.shown(services)}",
            _at_dns(network),
            network.view.at("service_cidr"),
        )
    if own[0][0] == services[0][0] + 1:
        return failed(
            f"{text} is the first service address, which belongs to the API server",
            _at_dns(network),
            network.view.at("service_cidr"),
        )
    return passed(f"{text} is in {addresses.shown(services)}", _at_dns(network))


def docker_bridge_is_free(network: ClusterNetwork, env: Environment) -> Answer:
    """Does the range of the Docker bridge overlap neither a subnet nor the services?"""
    written = network.view.docker_bridge_cidr
    if written is None:
        return not_applicable("no Docker bridge is declared", network.view.at("docker_bridge_cidr"))
    bridge = address_range(written, "dockerBridgeCidr")
    own = network.view.at("docker_bridge_cidr")
    services = _services(network)
    if intervals.intersection(bridge, services):
        return failed(
            f"the bridge {written} overlaps the services' range {addresses.shown(services)}",
            own,
            network.view.at("service_cidr"),
        )
    clash = _clash(network, env, bridge)
    if clash is not None and clash[0] is not None:
        subnet = clash[0]
        return failed(f"the bridge {written} overlaps the subnet {subnet.name}", own, subnet.at("prefix"))
    return passed(f"{written} overlaps neither services nor subnets", own)


def avoids_reserved_ranges(network: ClusterNetwork) -> Answer:
    """Does the cluster keep out of the ranges that AKS has for itself?"""
    for attribute in ("service_cidr", "pod_cidr"):
        written = getattr(network.view, attribute, None)
        if written is None:
            continue
        numbers = address_range(written, attribute)
        for reserved in data.table("aks")["reservedRanges"]:
            if intervals.intersection(numbers, addresses.prefix(reserved) or ()):
                return failed(f"{written} overlaps {reserved}, which AKS has for itself", network.view.at(attribute))
    return passed("its ranges are free", network.view.at("service_cidr"))


def _services(network: ClusterNetwork) -> Intervals:
    written = network.view.service_cidr
    if written is None:
        return addresses.prefix(data.table("aks")["defaults"]["serviceCidr"]) or ()
    return address_range(written, "serviceCidr")


def _at_dns(network: ClusterNetwork) -> Evidence:
    return network.view.at("dns_service_ip")


def _clash(network: ClusterNetwork, env: Environment, numbers: Intervals) -> tuple[Subnet | None, int] | None:
    """The subnet that a range overlaps in the networks that the nodes stand in, and how many were compared.

    None where the nodes stand in no network of one's own. An overlap that is certain is not hidden by a subnet of
    which the range is not known.
    """
    references = network.subnets()
    if not references:
        return None
    doubts: list[Unknown] = []
    looked = 0
    for reference in references:
        own = env.find(reference, Subnet)
        if own is None:
            raise NotEnoughEvidence.because(f"the subnet {reference} does not exist", f"the subnet {reference}")
        subnets = own.network.subnets
        for subnet in subnets.sure:
            try:
                looked += 1
                if intervals.intersection(subnet.numbers, numbers):
                    return subnet, looked
            except NotEnoughEvidence as stopped:
                doubts.append(stopped.unknown)
        if subnets.doubt:
            doubts.append(subnets.doubt)
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    return None, looked
