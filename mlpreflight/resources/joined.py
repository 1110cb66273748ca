"""Virtual networks that are joined: the same, peered with each other, or both peered with a third."""

from mlpreflight.resources.several import some
from mlpreflight.resources.vnet import Peering, VirtualNetwork
from mlpreflight.values import NotEnoughEvidence


def are_joined(one: VirtualNetwork, other: VirtualNetwork) -> bool:
    """Does traffic pass from the one to the other, and back? A peering carries none until both sides declare it."""
    return one.node is other.node or (_opens(one, other) and _opens(other, one))


def meet_elsewhere(one: VirtualNetwork, other: VirtualNetwork) -> bool:
    """Is there a third network that both are peered with, and that may route between them?"""
    return some(
        one.peerings,
        lambda near: (
            near.remote is not None
            and some(other.peerings, lambda far: far.remote is not None and far.remote == near.remote)
        ),
    )


def _opens(one: VirtualNetwork, other: VirtualNetwork) -> bool:
    return some(
        one.peerings, lambda side: side.remote is not None and side.remote == other.id and _carries_traffic(side)
    )


def _carries_traffic(side: Peering) -> bool:
    if not side.joins_whole_networks:
        raise NotEnoughEvidence.because(f"the peering {side.name} joins only some subnets", f"peering {side.name}")
    return side.allows_access is not False and (side.state == "" or side.state == "Connected")
