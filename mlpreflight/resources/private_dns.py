"""Private DNS zones with their links and records, and the DNS servers of one's own that stand before them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from mlpreflight import data
from mlpreflight.environment import Environment, missing
from mlpreflight.network import addresses, intervals
from mlpreflight.resources.attributes import flag, many, present, reference, text, words
from mlpreflight.resources.joined import are_joined
from mlpreflight.resources.roles import Part
from mlpreflight.resources.several import Several, some
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import VirtualNetwork, address_range
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown, Where

V = TypeVar("V", bound=View)


class ZoneLink(
    View,
    type="Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    label="virtual network link",
    collection="virtualNetworkLinks",
):
    """A virtual network in which Azure's resolver answers from a private zone."""

    network = reference("virtualNetwork.id")
    policy = text("resolutionPolicy", absent="Default")


class Address(View, label="address of a record", bare=True):
    address = text("ipv4Address")


class ARecord(View, type="Microsoft.Network/privateDnsZones/A", label="A record", collection="A"):
    """A name in a private zone, and the addresses it stands for."""

    addresses = many("aRecords", kind=Address)


class PrivateZone(View, type="Microsoft.Network/privateDnsZones", label="private DNS zone"):
    """A private DNS zone. Its links and records are resources of their own, which Azure's answers leave out."""

    own_links = many("virtualNetworkLinks", kind=ZoneLink)
    own_records = many("A", kind=ARecord)
    provisioning_state = text("provisioningState")

    def links(self, env: Environment) -> Several[ZoneLink]:
        """The networks that the zone is linked to."""
        return whole(self, self.own_links, "virtual network links", env)

    def records(self, env: Environment) -> Several[ARecord]:
        """The A records in the zone."""
        return whole(self, self.own_records, "A records", env)


def whole(view: View, children: Several[V], what: str, env: Environment) -> Several[V]:
    """The children of a resource, to which others may belong where the resource is an answer of Azure.

    A template declares all children that there are to be; a printed resource leaves out those that are resources of
    their own. `view` has an attribute `provisioning_state`, which only Azure writes.
    """
    state = view.look("provisioning_state")
    is_answer = isinstance(state, Unknown) or state.value is not None
    if env.complete or children.more or not is_answer:
        return children
    label = f"the {what} of {view.name}"
    more = Unknown.because(f"Azure's answer leaves out {label}: hand them in too, or say `complete: true`", label)
    return Several(children.sure, children.possible, more)


@dataclass(eq=False, repr=False)
class LinkedZone(Part[PrivateZone]):
    """One link of a private zone."""

    label: ClassVar[str] = "link of a private DNS zone"
    link: ZoneLink

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        zones, doubt = env.all(PrivateZone)
        for zone in zones:
            known = zone.look("own_links")
            if isinstance(known, Unknown):
                doubt = doubt or known
                continue
            # That others may stand elsewhere does not matter here: asked is what the inputs declare.
            for link in known.value.every:
                yield cls(zone, zone.doubt or link.doubt, link)
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def type(self) -> str:
        return ZoneLink.type

    @property
    def name(self) -> Text:
        return self.link.name

    @property
    def id(self) -> Text:
        return self.link.id

    @property
    def where(self) -> Where:
        return self.link.where


class Forward(View, label="forwarder", bare=True):
    """A zone, "." for every name, and the servers that are asked about the names in it."""

    zone = text("zone")
    to = words("to")


class DnsServer(View, type="Preflight/dnsServers", label="DNS server"):
    """DNS servers of one's own that answer alike: a pair of machines, a firewall's DNS proxy, a server on premises.

    Azure has no type for them, and what they forward stands in their own configuration; so this type is ours, for
    `env.yaml`. `addresses` are those that clients ask, `where` is "vnet" or "on-premises", and `forwards` is a list of
    `{zone, to: […]}`. What no forwarder names the servers are taken to ask of the public DNS.
    """

    addresses = words("addresses")
    stands = text("where")
    forwards = many("forwards", kind=Forward)
    has_forwards = present("forwards")

    @property
    def is_on_premises(self) -> bool:
        """Does it stand outside of Azure? Raises where that is not written."""
        if self.stands is None or not (self.stands == "vnet" or self.stands == "on-premises"):
            raise NotEnoughEvidence.because(
                f"where {self.name} stands is not written: `where` is vnet or on-premises", f"where {self.name} stands"
            )
        return self.stands == "on-premises"


class PrivateApi(View, label="API server"):
    """How the API server of an AKS cluster is found. `privateDNSZone` is "system", "none" or the id of a zone."""

    zone = text("apiServerAccessProfile.privateDNSZone", absent="system")
    has_public_name = flag("apiServerAccessProfile.enablePrivateClusterPublicFQDN", absent=True)


def azure_resolver() -> str:
    """The address of Azure's own resolver, which only machines in a virtual network can ask."""
    return str(data.table("addresses")["platform"])


def of_workspace(env: Environment, which: str) -> str:
    """The zone of a workspace's "api" or "notebooks" in the cloud of the environment."""
    return str(data.table("private_dns")["workspace"][env.cloud][which])


def zones_among(name: str, env: Environment) -> tuple[list[PrivateZone], Unknown | None]:
    """The zones of a name among the inputs, and why another of them may have it too."""
    zones, doubt = env.all(PrivateZone)
    found: list[PrivateZone] = []
    for zone in zones:
        same = compare(zone.name, Text((name,)))
        if same and not zone.doubt:
            found.append(zone)
        elif same is not False:
            doubt = doubt or zone.doubt or zone.name.holes[0]
    return found, doubt


def zones_called(name: str, env: Environment) -> list[PrivateZone]:
    """The zones of a name. Empty only where nothing can stand outside of the inputs; else raises."""
    found, doubt = zones_among(name, env)
    if not found and doubt:
        raise NotEnoughEvidence(doubt)
    if not found and not env.complete:
        raise missing(Text((name,)), PrivateZone.label)
    return found


def is_linked(zone: PrivateZone, network: VirtualNetwork, env: Environment) -> bool:
    """Is a zone linked to a network?"""
    return some(zone.links(env), lambda link: link.network is not None and link.network == network.id)


def own_servers(network: VirtualNetwork) -> list[str]:
    """The addresses of the DNS servers that a network names, Azure's own left out. Raises where one is not known."""
    named = [server.known.strip() for server in network.dns_servers]
    return [name for name in named if name != azure_resolver()]


def home_of(server: str, network: VirtualNetwork, env: Environment) -> VirtualNetwork | None:
    """The virtual network that a DNS server stands in: the one that names it, or one that it is joined with.

    None where that is not certain.
    """
    numbers = addresses.prefix(server)
    for candidate in (network, *env.all(VirtualNetwork)[0]):
        try:
            held = any(
                intervals.intersection(address_range(prefix, "addressPrefixes"), numbers or ())
                for prefix in candidate.address_prefixes
            )
            if held and not candidate.doubt and are_joined(network, candidate):
                return candidate
        except NotEnoughEvidence:
            continue
    return None
