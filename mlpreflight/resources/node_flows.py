"""Traffic inside of an AKS cluster, between nodes and pods, as the groups on its subnets see it."""

from typing import NamedTuple

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.nsg import Flow, walk
from mlpreflight.resources.aks import ManagedCluster
from mlpreflight.resources.ends import End, Place
from mlpreflight.resources.nsg import NetworkSecurityGroup, rules_of
from mlpreflight.resources.vnet import Subnet, address_range
from mlpreflight.resources.walks import Passage
from mlpreflight.values import NotEnoughEvidence, Unknown

# What a cluster cannot do without. AKS's documentation says "all protocols"; of others no rule speaks in practice.
PROTOCOLS = frozenset({"tcp", "udp"})


class Ends(NamedTuple):
    """The addresses that a kind of traffic runs between at one subnet, and what is not known of them."""

    here: End
    everywhere: End
    doubt: Unknown | None


def nodes_of(cluster: ManagedCluster, subnet: Subnet, env: Environment) -> Ends:
    """The nodes in a subnet, and all nodes of the cluster."""
    doubt: Unknown | None = None
    try:
        here = AddressSet(subnet.numbers)
    except NotEnoughEvidence:
        here = AddressSet(names=frozenset({tags.OWN}))
    everywhere = here
    pools = cluster.pools
    for pool in pools.every:
        try:
            other = env.find(pool.subnet, Subnet) if pool.subnet is not None else None
            if other is not None and other.node is not subnet.node:
                everywhere = everywhere | AddressSet(other.numbers)
        except NotEnoughEvidence as stopped:
            doubt = doubt or stopped.unknown
    return Ends(End(here), End(everywhere), doubt or pools.more)


def pods_of(cluster: ManagedCluster) -> Ends:
    """The pods of an overlay cluster; any of them may run in any subnet of its nodes."""
    written = list(cluster.pod_ranges)
    ranges: list[Intervals] = [address_range(word, "podCidr") for word in written]
    if not written:
        ranges = [addresses.prefix(str(data.table("routes")["overlayPods"])) or ()]
    # The pods are in no address space of the network: what VirtualNetwork says of them is documented nowhere.
    end = End(AddressSet(intervals.merged(pair for one in ranges for pair in one)), Place.PRIVATE)
    return Ends(end, end, None)


def through(group: NetworkSecurityGroup, subnet: Subnet, inbound: bool, source: End, destination: End) -> Passage:
    """Connections between two ends on all ports, at the group on a subnet."""
    flow = Flow(PROTOCOLS, source.addresses, addresses.ALL_PORTS, destination.addresses, addresses.ALL_PORTS)
    return Passage(group, subnet, walk(rules_of(group, inbound, source, destination), flow))


def only_defaults_refuse(passage: Passage) -> bool:
    """Does no rule of the group's own refuse anything, so that Azure's defaults decide, which AKS is made for?"""
    pieces = passage.walk.possible
    return not passage.walk.given_up and all(piece.rule.origin is None or piece.allow is True for piece in pieces)
