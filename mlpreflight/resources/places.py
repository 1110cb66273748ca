"""Subnets as something names them: followed to the subnet itself, where that can be seen."""

from dataclasses import dataclass
from typing import NamedTuple, Self

from mlpreflight.environment import Environment
from mlpreflight.resources.vnet import Subnet
from mlpreflight.values import Known, NotEnoughEvidence, Text, Unknown


def named_by(known: Known | Unknown) -> Text | None:
    """A reference that was looked up, as a text that is one hole where it is not known."""
    if isinstance(known, Unknown):
        return Text((known,))
    found: Text | None = known.value
    return found


class Place(NamedTuple):
    """A reference to a subnet, followed. `subnet` is None, and `lost` says why, where it cannot be seen."""

    reference: Text
    subnet: Subnet | None
    lost: Unknown | None

    @classmethod
    def of(cls, reference: Text, env: Environment) -> Self:
        """Follow a reference."""
        try:
            subnet = env.find(reference, Subnet)
        except NotEnoughEvidence as stopped:
            return cls(reference, None, stopped.unknown)
        lost = None if subnet else Unknown.because(f"the subnet {reference} does not exist", f"the subnet {reference}")
        return cls(reference, subnet, lost)

    @property
    def name(self) -> Text:
        """The names of network and subnet, as far as the reference tells."""
        if self.subnet is not None:
            return self.subnet.name
        steps = self.reference.split("/")
        return steps[-3] + "/" + steps[-1] if len(steps) > 3 else self.reference


@dataclass(eq=False, repr=False)
class Placed:
    """What stands in a subnet. Subjects that are about nodes and their subnet derive from it."""

    place: Place
    doubt: Unknown | None

    @property
    def subnet(self) -> Subnet:
        """The subnet itself; raises NotEnoughEvidence where it cannot be seen."""
        if self.place.subnet is None:
            assert self.place.lost is not None
            raise NotEnoughEvidence(self.place.lost)
        return self.place.subnet

    @property
    def type(self) -> str:
        return Subnet.type

    @property
    def id(self) -> Text:
        return self.place.subnet.id if self.place.subnet else self.place.reference
