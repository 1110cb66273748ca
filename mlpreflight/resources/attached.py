"""Machines of one's own that are attached to a workspace as computes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight.environment import Environment
from mlpreflight.resources.compute import VirtualMachine
from mlpreflight.resources.machine_learning import Compute
from mlpreflight.resources.nsg import NetworkSecurityGroup
from mlpreflight.resources.roles import Part
from mlpreflight.resources.vnet import Subnet
from mlpreflight.resources.walks import group_on
from mlpreflight.values import NotEnoughEvidence


@dataclass(eq=False, repr=False)
class AttachedMachine(Part[Compute]):
    """A virtual machine that a compute of the kind VirtualMachine attaches."""

    label: ClassVar[str] = "attached virtual machine"

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        computes, doubt = env.all(Compute)
        for compute in computes:
            is_machine, open_ = compute.is_one_of(("VirtualMachine",))
            if is_machine is not False:
                yield cls(compute, compute.doubt or open_)
        if doubt:
            raise NotEnoughEvidence(doubt)

    def machine(self, env: Environment) -> VirtualMachine:
        """The machine itself; raises NotEnoughEvidence where it is not among the inputs."""
        reference = self.view.attached
        found = env.find(reference, VirtualMachine) if reference is not None else None
        if found is None:
            raise NotEnoughEvidence.because("the compute names no machine that exists", f"the machine of {self.name}")
        return found

    def guards(self, env: Environment) -> list[tuple[Subnet, NetworkSecurityGroup]]:
        """The groups between Azure ML and the machine: on its subnets, and on its interfaces."""
        found: list[tuple[Subnet, NetworkSecurityGroup]] = []
        for subnet, interface in self.machine(env).places(env):
            own = interface.security_group
            groups = (group_on(subnet, env), env.find(own, NetworkSecurityGroup) if own is not None else None)
            found += [(subnet, group) for group in groups if group is not None]
        return found
