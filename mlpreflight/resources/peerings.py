"""Peerings: halves of a way between two virtual networks, each followed to the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight.environment import Environment
from mlpreflight.network import intervals
from mlpreflight.network.intervals import Intervals
from mlpreflight.resources.networks import Route
from mlpreflight.resources.roles import Part
from mlpreflight.resources.several import first
from mlpreflight.resources.vnet import Peering, Subnet, VirtualNetwork, address_range
from mlpreflight.resources.ways_out import table_of
from mlpreflight.values import Fields, NotEnoughEvidence, Unknown


@dataclass(eq=False, repr=False)
class DeclaredPeering(Part[Peering]):
    """A peering as one of its two networks declares it."""

    label: ClassVar[str] = "peering"

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        networks, doubt = env.all(VirtualNetwork)
        for network in networks:
            # Of a network of which only children are among the inputs nobody has to declare others.
            value = network.node.value
            is_whole = not (isinstance(value, Fields) and value.more)
            peerings = network.look("peerings")
            if isinstance(peerings, Unknown):
                doubt = doubt or (peerings if is_whole else None)
                continue
            for peering in peerings.value.every:
                yield cls(peering, peering.doubt)
            doubt = doubt or (peerings.value.more if is_whole else None)
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def network(self) -> VirtualNetwork:
        """The network that declares it."""
        assert isinstance(self.view.parent, VirtualNetwork)
        return self.view.parent

    def other(self, env: Environment) -> VirtualNetwork:
        """The network at its other end; raises NotEnoughEvidence where it is not among the inputs."""
        reference = self.view.remote
        found = env.find(reference, VirtualNetwork) if reference is not None else None
        if found is None:
            told = f"the network that {self.name} leads to does not exist"
            raise NotEnoughEvidence.because(told, f"the network beyond {self.name}")
        return found

    def other_half(self, env: Environment) -> Peering | None:
        """What the other network says of the way back; None where it declares no peering with this one."""
        here = self.network.id
        return first(self.other(env).peerings, lambda one: one.remote is not None and one.remote == here)

    def forwarding(self, env: Environment) -> tuple[Route, Subnet] | None:
        """A route of this network to an appliance in the other one, and a subnet that follows it.

        None where there certainly is none. Raises NotEnoughEvidence where that is open.
        """
        return env.once(("forwarding", id(self.view.node)), lambda: self._forwarding(env))

    def _forwarding(self, env: Environment) -> tuple[Route, Subnet] | None:
        beyond: Intervals | None = None
        doubts: list[Unknown] = []
        subnets = self.network.subnets
        for subnet in subnets.sure:
            try:
                table = table_of(subnet, env)
                for route in table.routes if table is not None else ():
                    hop = route.next_hop_address
                    if route.next_hop is None or route.next_hop != "VirtualAppliance" or hop is None:
                        continue
                    beyond = beyond or space_of(self.other(env))
                    if intervals.intersection(beyond, address_range(hop, "nextHopIpAddress")):
                        return route, subnet
            except NotEnoughEvidence as stopped:
                doubts.append(stopped.unknown)
        if subnets.doubt:
            doubts.append(subnets.doubt)
        if doubts:
            raise NotEnoughEvidence.of_all(doubts)
        return None


def space_of(network: VirtualNetwork) -> Intervals:
    """All addresses of a network; raises NotEnoughEvidence where they are not known or none is declared."""
    written = list(network.address_prefixes)
    if not written:
        told = f"the network {network.name} declares no address space"
        raise NotEnoughEvidence.because(told, f"the address space of {network.name}")
    return intervals.merged(pair for word in written for pair in address_range(word, "addressPrefixes"))
