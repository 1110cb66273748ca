"""Virtual networks, their subnets, and the interfaces and private endpoints in them."""

from collections.abc import Iterator
from typing import Self

from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals
from mlpreflight.network.intervals import Intervals
from mlpreflight.resources.attributes import many, reference, text, words
from mlpreflight.resources.several import some
from mlpreflight.resources.view import View
from mlpreflight.values import NotEnoughEvidence, Text


def address_range(text: Text, label: str) -> Intervals:
    """The addresses of a written range; raises NotEnoughEvidence where it is not known or is none."""
    numbers = addresses.prefix(text.known)
    if numbers is None:
        raise NotEnoughEvidence.because(f"{label} {text} is no address range", label)
    return numbers


class ServiceEndpoint(View, label="service endpoint", bare=True):
    service = text("service", absent="")


class Delegation(View, label="delegation"):
    service = text("serviceName", absent="")


class IpConfiguration(View, label="IP configuration"):
    subnet = reference("subnet.id")


class Subnet(View, label="subnet", type="Microsoft.Network/virtualNetworks/subnets", collection="subnets"):
    """A subnet of a virtual network."""

    prefix = text("addressPrefix")
    prefixes = words("addressPrefixes")
    security_group = reference("networkSecurityGroup.id")
    route_table = reference("routeTable.id")
    service_endpoints = many("serviceEndpoints", kind=ServiceEndpoint)
    delegations = many("delegations", kind=Delegation)
    occupied = many("ipConfigurations", kind=IpConfiguration)

    @property
    def ranges(self) -> list[Intervals]:
        """Its address ranges; raises NotEnoughEvidence where one is not known or is no range."""
        written = [self.prefix] if self.prefix is not None else list(self.prefixes)
        if not written:
            raise NotEnoughEvidence.because(f"the subnet {self.name} has no address prefix", "addressPrefix")
        return [address_range(text, "addressPrefix") for text in written]

    @property
    def numbers(self) -> Intervals:
        """All its addresses; raises NotEnoughEvidence where they are not known."""
        return intervals.merged(pair for one in self.ranges for pair in one)

    @property
    def network(self) -> "VirtualNetwork":
        """The virtual network that it belongs to."""
        assert isinstance(self.parent, VirtualNetwork)
        return self.parent

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        networks, doubt = env.all(VirtualNetwork)
        for network in networks:
            try:
                subnets = network.subnets
            except NotEnoughEvidence as stopped:
                doubt = doubt or stopped.unknown
                continue
            yield from subnets.every  # type: ignore[misc]  # Self is Subnet
            doubt = doubt or subnets.more
        if doubt:
            raise NotEnoughEvidence(doubt)


class Peering(View, label="peering"):
    remote = reference("remoteVirtualNetwork.id")


class VirtualNetwork(View, type="Microsoft.Network/virtualNetworks", label="virtual network"):
    """A virtual network."""

    location = text("/location")
    address_prefixes = words("addressSpace.addressPrefixes")
    dns_servers = words("dhcpOptions.dnsServers")
    subnets = many("subnets", kind=Subnet)
    peerings = many("virtualNetworkPeerings", kind=Peering)

    def reaches(self, other: "VirtualNetwork") -> bool:
        """Is it the other network, or peered with it?"""
        if self.node is other.node:
            return True
        return some(self.peerings, lambda one: one.remote is not None and one.remote == other.id)


class NetworkInterface(View, type="Microsoft.Network/networkInterfaces", label="network interface"):
    """A network interface. Its DNS servers, where it has any, replace those of the virtual network."""

    dns_servers = words("dnsSettings.dnsServers")
    security_group = reference("networkSecurityGroup.id")
    ip_configurations = many("ipConfigurations", kind=IpConfiguration)


class PrivateLink(View, label="private link connection"):
    """What a private endpoint connects to."""

    target = reference("privateLinkServiceId")
    group_ids = words("groupIds")


class PrivateEndpoint(View, type="Microsoft.Network/privateEndpoints", label="private endpoint"):
    subnet = reference("subnet.id")
    connections = many("privateLinkServiceConnections", kind=PrivateLink)
    manual_connections = many("manualPrivateLinkServiceConnections", kind=PrivateLink)
