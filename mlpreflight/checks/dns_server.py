"""Questions about DNS servers of one's own: what they forward, and whether they find a private API server."""

from collections.abc import Iterable, Iterator
from typing import Any

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.clusters import MlCluster
from mlpreflight.resources.dns_resolver import home_of_inbound
from mlpreflight.resources.places import Place
from mlpreflight.resources.private_dns import (
    DnsServer,
    Forward,
    PrivateApi,
    PrivateZone,
    azure_resolver,
    home_of,
    is_linked,
    own_servers,
)
from mlpreflight.resources.several import every, first, some
from mlpreflight.resources.vnet import VirtualNetwork
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

Seen = tuple[DnsServer, ...]


def forwards_azure_ml(server: DnsServer, env: Environment) -> Answer:
    """Does a DNS server in a virtual network leave the public names of Azure ML to Azure's own resolver?"""
    if server.is_on_premises:
        return not_applicable("it stands on premises", server.at("stands"))
    if not server.has_forwards:
        raise NotEnoughEvidence.because(f"what {server.name} forwards is not written", f"`forwards` of {server.name}")
    rows = [row["zones"] for row in data.table("private_dns")["forwarded"][env.cloud] if _is_asked_for(row, env)]
    lacking = _not_forwarded(rows, server, env)
    if not lacking:
        return passed(f"{_listed(row[0] for row in rows)} are left to {azure_resolver()}", server.at("forwards"))
    private = next((f"privatelink.{zone}" for zone in lacking if _names(server, f"privatelink.{zone}")), None)
    return failed(
        f"{_listed(lacking)} {'are' if lacking[1:] else 'is'} not forwarded to {azure_resolver()}"
        + (f"; to forward {private} does not help, since nobody asks for that name" if private else ""),
        server.at("forwards"),
        zones=_listed(lacking),
    )


def _is_asked_for(row: dict[str, Any], env: Environment) -> bool:
    return "serves" not in row or row["serves"] in env.workloads


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _not_forwarded(rows: list[list[str]], server: DnsServer, env: Environment) -> list[str]:
    """The zones that certainly do not reach Azure's resolver; raises where none is certain and one may not."""
    lacking: list[str] = []
    doubts: list[Unknown] = []
    for zones in rows:
        try:
            if not some(zones, lambda zone: _reaches_azure(server, zone, env, ())):
                lacking.append(zones[0])
        except NotEnoughEvidence as stopped:
            doubts.append(stopped.unknown)
    if doubts and not lacking:
        raise NotEnoughEvidence.of_all(doubts)
    return lacking


def _reaches_azure(server: DnsServer, zone: str, env: Environment, seen: Seen) -> bool:
    """Do all questions about a zone end at Azure's resolver, over whatever servers?"""
    forward = _forward_for(server, zone)
    if forward is None or any(one.node is server.node for one in seen):
        return False
    return bool(forward.to) and every(forward.to, lambda to: _leads_to_azure(to, server, zone, env, (*seen, server)))


def _leads_to_azure(to: Text, server: DnsServer, zone: str, env: Environment, seen: Seen) -> bool:
    if to == azure_resolver():
        return not server.is_on_premises
    if home_of_inbound(to, env) is not None:
        return True
    servers, doubt = env.all(DnsServer)
    following = first(servers, lambda one: to in one.addresses)
    if following is None:
        unseen = Unknown.because(
            f"{server.name} forwards {zone} to {to}, of which nothing is known", f"DNS server {to}"
        )
        raise NotEnoughEvidence(doubt or unseen)
    return _reaches_azure(following, zone, env, seen)


def _forward_for(server: DnsServer, zone: str) -> Forward | None:
    """The forwarder that a server uses for a zone: the one that names the most of it."""
    exact = first(server.forwards, lambda one: one.zone is not None and one.zone == zone)
    if exact is not None:
        return exact
    wider = [(size, one) for one in server.forwards for size in _shared(one, zone)]
    return max(wider, key=lambda pair: pair[0])[1] if wider else None


def _shared(forward: Forward, zone: str) -> Iterator[int]:
    """How much of a zone a forwarder names, where it is one for it."""
    named = forward.zone.known.strip(".").lower() if forward.zone is not None else "?"
    if not named or zone == named or zone.endswith("." + named):
        yield len(named)


def _names(server: DnsServer, zone: str) -> bool:
    """Does a server certainly name a zone?"""
    try:
        return some(server.forwards, lambda one: one.zone is not None and one.zone == zone)
    except NotEnoughEvidence:
        return False


def asks_azure_only_from_inside(server: DnsServer) -> Answer:
    """Does a DNS server on premises leave Azure's own resolver to servers in a virtual network?"""
    if not server.is_on_premises:
        return not_applicable("it stands in a virtual network", server.at("stands"))
    wrong = first(server.forwards, lambda one: azure_resolver() in one.to)
    if wrong is None:
        return passed(f"nothing is forwarded to {azure_resolver()}", server.at("forwards"))
    return failed(
        f"{wrong.zone} is forwarded to {azure_resolver()}, which answers only inside of Azure",
        wrong.at("to"),
        zone=wrong.zone,
    )


def finds_api_server(part: MlCluster, env: Environment) -> Answer:
    """Can the network of a private cluster look up its API server?"""
    cluster = part.view
    if not cluster.is_private:
        return not_applicable("its API server is public", cluster.at("is_private"))
    api = PrivateApi(cluster.resource, cluster.node)
    if api.zone == "none":
        if api.has_public_name:
            return not_applicable("its API server has a public name, and no private zone", api.at("zone"))
        told = "it has neither a private DNS zone nor a public name, which AKS does not support"
        return failed(told, api.at("zone"), api.at("has_public_name"), cause=f"privateDNSZone of {cluster.name}")
    networks = _networks(part, env)
    asked = [(network, server) for network in networks for server in own_servers(network)]
    if not asked:
        return passed(
            "AKS links the zone to the network of the nodes, and Azure's own resolver answers", api.at("zone")
        )
    for network, server in asked:
        home = home_of(server, network, env)
        if home is not None and home.node is network.node:
            continue  # AKS links the zone to this network by itself
        if api.zone == "system":
            told = f"the zone that AKS makes is linked to {network.name} only, and {server} asks from elsewhere"
            raise NotEnoughEvidence.because(told, f"the network of the DNS server {server}")
        zone = env.find(api.zone, PrivateZone)
        if zone is None:
            return failed(f"the zone {api.zone} does not exist", api.at("zone"))
        if home is None:
            told = f"{server} answers for {network.name}: {zone.name} must be linked to the network from which it asks"
            raise NotEnoughEvidence.because(told, f"the network of the DNS server {server}")
        if not is_linked(zone, home, env):
            return failed(
                f"{zone.name} is not linked to {home.name}, from which the DNS server {server} asks",
                zone.at("own_links"),
                network.at("dns_servers"),
            )
    return passed("the zone is linked to the networks of the DNS servers", api.at("zone"))


def _networks(part: MlCluster, env: Environment) -> list[VirtualNetwork]:
    """The virtual networks of the nodes; none where AKS makes one, which has Azure's own resolver."""
    found: dict[int, VirtualNetwork] = {}
    for pool in part.view.pools:
        if pool.subnet is not None:
            place = Place.of(pool.subnet, env)
            if place.subnet is None:
                assert place.lost is not None
                raise NotEnoughEvidence(place.lost)
            found[id(place.subnet.network.node)] = place.subnet.network
    return list(found.values())
