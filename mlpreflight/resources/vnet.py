"""Virtual networks, their subnets, and the interfaces and private endpoints in them."""

from collections.abc import Iterator
from typing import Self

from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals
from mlpreflight.network.intervals import Intervals
from mlpreflight.resources.attributes import flag, many, reference, text, words
from mlpreflight.resources.several import some
from mlpreflight.resources.stated import stated
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
    user = reference("/id")


class Subnet(View, label="subnet", type="Microsoft.Network/virtualNetworks/subnets", collection="subnets"):
    """A subnet of a virtual network."""

    prefix = text("addressPrefix")
    prefixes = words("addressPrefixes")
    security_group = reference("networkSecurityGroup.id")
    route_table = reference("routeTable.id")
    nat_gateway = reference("natGateway.id")
    gives_default_outbound = stated("defaultOutboundAccess")
    service_endpoints = many("serviceEndpoints", kind=ServiceEndpoint)
    delegations = many("delegations", kind=Delegation)
    occupied = many("ipConfigurations", kind=IpConfiguration)
    endpoint_policies = text("privateEndpointNetworkPolicies")
    link_service_policies = text("privateLinkServiceNetworkPolicies", absent="Enabled")

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


class Peering(
    View,
    label="peering",
    type="Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
    collection="virtualNetworkPeerings",
):
    """One half of a peering: what a virtual network says of the way to another."""

    remote = reference("remoteVirtualNetwork.id")
    state = text("peeringState", absent="")
    allows_access = stated("allowVirtualNetworkAccess")
    takes_forwarded_traffic = flag("allowForwardedTraffic")
    shares_gateway = flag("allowGatewayTransit")
    uses_remote_gateway = flag("useRemoteGateways")
    joins_whole_networks = flag("peerCompleteVnets", absent=True)


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


class EndpointAddress(View, label="address of a private endpoint"):
    """An address that a private endpoint is given, for one of the names behind it."""

    group = text("groupId", absent="")
    member = text("memberName", absent="")
    address = text("privateIPAddress")


class ZoneConfig(View, label="zone of a DNS zone group"):
    zone = reference("privateDnsZoneId")


class ZoneGroup(
    View,
    type="Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    label="DNS zone group",
    collection="privateDnsZoneGroups",
):
    """The private DNS zones that Azure keeps the records of a private endpoint in."""

    configs = many("privateDnsZoneConfigs", kind=ZoneConfig)


class EndpointName(View, label="DNS name of an endpoint", bare=True):
    """A name that Azure's answer lists for an endpoint of which it keeps no records, and its addresses."""

    host = text("fqdn")
    addresses = words("ipAddresses")


class PrivateEndpoint(View, type="Microsoft.Network/privateEndpoints", label="private endpoint"):
    subnet = reference("subnet.id")
    connections = many("privateLinkServiceConnections", kind=PrivateLink)
    manual_connections = many("manualPrivateLinkServiceConnections", kind=PrivateLink)
    addresses = many("ipConfigurations", kind=EndpointAddress)
    names = many("customDnsConfigs", kind=EndpointName)
    own_zone_groups = many("privateDnsZoneGroups", kind=ZoneGroup)
    provisioning_state = text("provisioningState")
