"""Questions about private DNS zones: do they exist, do the networks ask them, and what do their records hold?"""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.dns_resolver import sent_on
from mlpreflight.resources.joined import are_joined, meet_elsewhere
from mlpreflight.resources.needed_endpoints import EndpointForCompute
from mlpreflight.resources.private_dns import (
    ARecord,
    LinkedZone,
    PrivateZone,
    home_of,
    is_linked,
    of_workspace,
    own_servers,
    zones_among,
)
from mlpreflight.resources.private_endpoints import (
    EndpointZone,
    GivenAddress,
    links_of,
    subnet_of,
)
from mlpreflight.resources.several import every, first, some
from mlpreflight.resources.subjects import ClusterSubnet, ComputeSubnet
from mlpreflight.resources.vnet import PrivateEndpoint, PrivateLink, VirtualNetwork
from mlpreflight.resources.zone_needs import WORKSPACE_GROUP, last, needs_of
from mlpreflight.values import NotEnoughEvidence, Text


def zone_exists(needed: EndpointZone, env: Environment) -> Answer:
    """Is there the private DNS zone that a private endpoint needs?"""
    zones = needed.zones(env)
    if not zones:
        return failed(
            f"there is no private DNS zone {needed.zone_name}",
            needed.link.at("group_ids"),
            cause=f"the private DNS zone {needed.zone_name}",
            zone=needed.zone_name,
        )
    found = first(zones, _is_declared)
    assert found is not None
    return passed(f"the zone {found.name} is there", found.at(), needed.link.at("group_ids"))


def _is_declared(zone: PrivateZone) -> bool:
    """Is the zone itself declared? Raises where only a child of it is."""
    fields = zone.fields()
    if fields is not None and fields.more:
        raise NotEnoughEvidence(fields.more)
    return True


def endpoint_network_asks_zone(needed: EndpointZone, env: Environment) -> Answer:
    """Is the zone of a private endpoint linked to the virtual network that the endpoint stands in?"""
    zones = needed.zones(env)
    if not zones:
        return not_applicable(f"there is no private DNS zone {needed.zone_name}")
    network = subnet_of(needed.view, env).network
    places = zones[0].at("own_links"), needed.view.at("subnet")
    told = _asks(zones, network, env)
    if told is not None:
        return passed(told, *places)
    told = f"{needed.zone_name} is linked to no virtual network"
    if some(zones, lambda zone: bool(zone.links(env))):
        told = f"{needed.zone_name} is not linked to {network.name}, in which the endpoint stands"
        _refuse_own_servers(network, needed.zone_name)
        if not _hosts_nodes(network, env):
            _refuse_askers_nearby(zones, network, env)
    return failed(told, *places, zone=needed.zone_name, vnet=network.name, vnet_id=network.id)


def compute_network_asks_zones(pair: EndpointForCompute, env: Environment) -> Answer:
    """Are the zones of a private endpoint linked to the virtual network of a compute that stands in another?"""
    if reason := pair.needed.other_way(env):
        return not_applicable(reason)
    leading = pair.needed.leading(env)
    if not leading.sure:
        if leading.doubt:
            raise NotEnoughEvidence(leading.doubt)
        return not_applicable("no private endpoint among the inputs leads to it")
    network = pair.nodes.subnet.network
    if some(leading.sure, lambda one: subnet_of(one, env).network.node is network.node):
        return not_applicable("it stands in the network of the private endpoint", pair.nodes.at_reference())
    asked = first(
        leading.sure, lambda one: every(_zones_of(one, pair, env), lambda zone: _is_asked(zone, network, env))
    )
    if asked is not None:
        names = ", ".join(zone.zone_name for zone in _zones_of(asked, pair, env))
        return passed(f"{network.name} asks {names}", pair.nodes.at_reference(), asked.at("subnet"))
    lacking = first(_zones_of(leading.sure[0], pair, env), lambda zone: not _is_asked(zone, network, env))
    assert lacking is not None
    _refuse_own_servers(network, lacking.zone_name)
    return failed(
        f"{lacking.zone_name} is not linked to {network.name}, in which the compute stands",
        pair.nodes.at_reference(),
        lacking.zones(env)[0].at("own_links"),
        cause=f"the link of {lacking.zone_name} to {network.name}",
        zone=lacking.zone_name,
        vnet=network.name,
        vnet_id=network.id,
    )


def _zones_of(endpoint: PrivateEndpoint, pair: EndpointForCompute, env: Environment) -> list[EndpointZone]:
    """The zones that an endpoint needs for what a compute wants of it."""
    return [
        EndpointZone(endpoint, None, link, zone)
        for link in links_of(endpoint)
        for need in needs_of(link, env)
        for zone in need.zones
        if need.group == pair.needed.group
    ]


def _is_asked(needed: EndpointZone, network: VirtualNetwork, env: Environment) -> bool:
    """Does a network ask a zone? Where there is none there is none to ask, which is told elsewhere."""
    zones = needed.zones(env)
    return not zones or _asks(zones, network, env) is not None


def _asks(zones: list[PrivateZone], network: VirtualNetwork, env: Environment) -> str | None:
    """How it comes that names of a network are looked up in one of the zones; None where they are not, as far as seen.

    DNS servers of its own count where it is certain in which network they stand; whether they forward is another
    question.
    """

    def is_linked_to(home: VirtualNetwork) -> bool:
        if not some(zones, lambda zone: is_linked(zone, home, env)):
            return False
        if not every(zones, lambda zone: is_linked(zone, home, env)):
            told = f"several zones are called {name}, and which of them holds the records is not known"
            raise NotEnoughEvidence.because(told, f"the zones {name}")
        return True

    name, servers = zones[0].name, own_servers(network)
    if not servers and (sent := sent_on(name.known, network, env)):
        if not every(sent, lambda one: is_linked_to(one.home)):
            return None
        asked = ", ".join(dict.fromkeys(one.home.name.written for one in sent))
        return f"{sent[0].rule.own_name} sends its names to {asked}, which {name} is linked to"
    if not servers:
        return f"{name} is linked to {network.name}" if is_linked_to(network) else None
    homes = [home for server in servers if (home := home_of(server, network, env)) is not None]
    if len(homes) < len(servers) or not every(homes, is_linked_to):
        return None
    names = ", ".join(dict.fromkeys(home.name.written for home in homes))
    return f"{name} is linked to {names}, where the DNS servers {', '.join(servers)} stand"


def _refuse_own_servers(network: VirtualNetwork, zone: str) -> None:
    """Raises where servers answer of which it is not known in which network they ask."""
    if servers := own_servers(network):
        raise NotEnoughEvidence.because(
            f"{', '.join(servers)} answer for {network.name}: {zone} must be linked to the network from which they ask",
            f"the network of the DNS servers of {network.name}",
        )


def _hosts_nodes(network: VirtualNetwork, env: Environment) -> bool:
    """Do nodes of a workspace certainly stand in the network?"""
    nodes = [*env.all(ComputeSubnet)[0], *env.all(ClusterSubnet)[0]]
    places = [one.place.subnet for one in nodes if not one.doubt]
    return any(subnet is not None and subnet.network.node is network.node for subnet in places)


def _refuse_askers_nearby(zones: list[PrivateZone], network: VirtualNetwork, env: Environment) -> None:
    """Raises where a zone is linked to another network, from which the endpoint may be reached."""
    for zone in zones:
        for link in zone.links(env):
            other = env.find(link.network, VirtualNetwork) if link.network is not None else None
            if other is not None and (are_joined(network, other) or meet_elsewhere(network, other)):
                raise NotEnoughEvidence.because(
                    f"{zone.name} is linked to {other.name}, not to {network.name}: "
                    "whether anything in the latter has to find the endpoint is not known",
                    f"who uses the endpoints in {network.name}",
                )


def record_holds_address(given: GivenAddress, env: Environment) -> Answer:
    """Does the A record of a private endpoint hold the address that the endpoint is given?"""
    address = given.config.address
    if address is None:
        return not_applicable("no address is given", given.config.at("address"))
    record = _record_of(given, env)
    if record is None:
        return not_applicable("no A record of it is declared", given.config.at("address"))
    held = [one.address for one in record.addresses if one.address is not None]
    listed = ", ".join(one.written for one in held) or "no address"
    if not some(held, lambda one: one == address):
        return failed(
            f"the record {record.name} holds {listed}, the endpoint {address}",
            record.at("addresses"),
            given.config.at("address"),
            record=record.own_name,
            zone=record.name.split("/")[0],
            address=address,
        )
    if len(held) > 1:
        raise NotEnoughEvidence.because(f"the record {record.name} holds {listed}", f"the record {record.name}")
    return passed(f"the record holds {address}", record.at("addresses"), given.config.at("address"))


def _record_of(given: GivenAddress, env: Environment) -> ARecord | None:
    """The record of what an endpoint leads to, where it is certain by which name it goes."""
    for link in links_of(given.view):
        name = _record_name(link, given)
        for need in needs_of(link, env) if name is not None else ():
            if len(link.group_ids) > 1 and given.config.group != need.group:
                continue
            for zone in need.zones:
                found = _record_called(name, zone, env)
                if found is not None:
                    return found
    return None


def _record_called(name: Text | None, zone: str, env: Environment) -> ARecord | None:
    zones, doubt = zones_among(zone, env)
    records = [first(one.records(env), lambda record: record.own_name == name) for one in zones]
    found = next((record for record in records if record is not None), None)
    if found is None and doubt:
        raise NotEnoughEvidence(doubt)
    return found


def _record_name(link: PrivateLink, given: GivenAddress) -> Text | None:
    """The name of the record; None for a workspace, whose records carry an id that Azure gives it."""
    if link.target is None or WORKSPACE_GROUP in link.group_ids:
        return None
    prefix, region = "registry_data_", given.config.member.known.lower()
    own = last(link.target)
    return own + f".{region.removeprefix(prefix)}.data" if region.startswith(prefix) else own


def network_asks_one_zone_of_a_name(linked: LinkedZone, env: Environment) -> Answer:
    """Is a virtual network linked to only one private DNS zone of a name?"""
    zone, network = linked.view, linked.link.network
    zones, doubt = env.all(PrivateZone)
    twin = first(zones, lambda one: _is_namesake(one, zone) and network is not None and _asks_too(one, network, env))
    if twin is not None:
        return failed(
            f"{network} is linked to another zone {zone.name} too",
            linked.link.at("network"),
            twin.at("own_links"),
            cause=f"two zones {zone.name} for one network",
            zone=zone.name,
            link=linked.link.own_name,
        )
    if doubt:
        raise NotEnoughEvidence(doubt)
    if not some(zones, lambda one: _is_namesake(one, zone)):
        return not_applicable("no other zone of its name is among the inputs", linked.link.at("network"))
    return passed("no other zone of its name is linked to the network", linked.link.at("network"))


def _is_namesake(one: PrivateZone, other: PrivateZone) -> bool:
    """Are they two zones of one name? Raises where that is open."""
    return one.node is not other.node and one.name == other.name and one.id != other.id


def _asks_too(zone: PrivateZone, network: Text, env: Environment) -> bool:
    """Is a zone linked to a network? Raises where it is only possible."""
    found = some(zone.links(env), lambda link: link.network is not None and link.network == network)
    if found and zone.doubt:
        raise NotEnoughEvidence(zone.doubt)
    return found


def asks_public_dns_next(linked: LinkedZone, env: Environment) -> Answer:
    """Does a network that asks the zone of Azure ML go on to the public DNS for workspaces that are not in it?"""
    zone = of_workspace(env, "api")
    if linked.view.name != zone:
        return not_applicable(f"it is no link of {zone}", linked.link.at("network"))
    if linked.link.policy == "NxDomainRedirect":
        return passed("the public DNS is asked next", linked.link.at("policy"))
    return failed(
        "names of workspaces that are not in the zone are not found",
        linked.link.at("policy"),
        zone=zone,
        link=linked.link.own_name,
    )
