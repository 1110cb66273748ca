"""Questions about the DNS servers of virtual networks."""

from mlpreflight import data
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.network import addresses
from mlpreflight.resources.several import Several
from mlpreflight.resources.vnet import NetworkInterface, VirtualNetwork
from mlpreflight.values import NotEnoughEvidence, Text


def has_azure_dns(network: VirtualNetwork) -> Answer:
    """Is Azure's own resolver among the DNS servers, where others are named?"""
    servers = network.dns_servers
    if not servers:
        return not_applicable("no DNS servers are named, so Azure's own answer", network.at("dns_servers"))
    if _azure() in servers:
        _listed(servers)
        place = [server == _azure() for server in servers.sure].index(True) + 1
        return passed(f"{_azure()} is server {place} of {len(servers.sure)}", network.at("dns_servers"))
    named = _listed(servers)
    return failed(
        f"{', '.join(named)} are asked, {_azure()} is not",
        network.at("dns_servers"),
        vnet=network.name,
        servers=" ".join(named),
    )


def has_azure_dns_last(network: VirtualNetwork) -> Answer:
    """Are the network's own DNS servers asked before Azure's?"""
    servers = network.dns_servers
    if not servers or _azure() not in servers:
        return not_applicable(f"{_azure()} is not among the DNS servers", network.at("dns_servers"))
    named = _listed(servers)
    own = [name for name in named if name != _azure()]
    if not own:
        return not_applicable("only Azure's own resolver is named", network.at("dns_servers"))
    if named.index(_azure()) == len(named) - 1:
        return passed(f"{', '.join(own)} are asked first", network.at("dns_servers"))
    late = named[named.index(_azure()) + 1 :]
    return failed(
        f"{_azure()} stands before {', '.join(late)}: names that only they know are not found, "
        "since no server is asked after one that has answered",
        network.at("dns_servers"),
        vnet=network.name,
        servers=" ".join([*own, _azure()]),
    )


def leaves_dns_to_azure(network: VirtualNetwork) -> Answer:
    """Does Azure's own resolver answer, with private zones that are linked to the network?"""
    servers = network.dns_servers
    own = [name for name in _listed(servers) if name != _azure()] if servers else []
    if not own:
        return passed("Azure's own resolver answers", network.at("dns_servers"))
    return failed(
        f"{', '.join(own)} answer: each of them must forward the zones of Azure ML",
        network.at("dns_servers"),
        vnet=network.name,
    )


def leaves_dns_to_its_network(interface: NetworkInterface) -> Answer:
    """Does the interface use the DNS servers of its virtual network?"""
    servers = interface.dns_servers
    if not servers:
        return passed("it uses the DNS servers of its virtual network", interface.at("dns_servers"))
    named = _listed(servers)
    return failed(
        f"{', '.join(named)} replace the DNS servers of the virtual network",
        interface.at("dns_servers"),
        nic=interface.name,
    )


def _azure() -> str:
    return str(data.table("addresses")["platform"])


def _listed(servers: Several[Text]) -> list[str]:
    """The servers as addresses; raises NotEnoughEvidence where one is none."""
    named = [server.known.strip() for server in servers]
    for name in named:
        numbers = addresses.prefix(name)
        if numbers is None or numbers[0][0] != numbers[0][1]:
            raise NotEnoughEvidence.because(f"the DNS server {name!r} is no address", "the DNS servers")
    return named
