"""Subjects that are derived from several resources: who plays a part, and where nodes stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight.environment import Environment
from mlpreflight.resources.keyvault import KeyVault
from mlpreflight.resources.machine_learning import Compute
from mlpreflight.resources.roles import Part, named, referred
from mlpreflight.resources.storage import StorageAccount
from mlpreflight.resources.vnet import Subnet
from mlpreflight.values import NotEnoughEvidence, Text, Unknown, Where

TRAINING_COMPUTES = ("AmlCompute", "ComputeInstance")


@dataclass(frozen=True, eq=False)
class WorkspaceStorage(Part[StorageAccount]):
    """The default storage account of a workspace."""

    label: ClassVar[str] = "storage account of the workspace"

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        for part in referred(env, StorageAccount, "workspaceStorage", "storage_account"):
            yield cls(part.view, part.doubt)


@dataclass(frozen=True, eq=False)
class WorkspaceVault(Part[KeyVault]):
    """The key vault of a workspace."""

    label: ClassVar[str] = "key vault of the workspace"

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        for part in referred(env, KeyVault, "workspaceVault", "key_vault"):
            yield cls(part.view, part.doubt)


@dataclass(frozen=True, eq=False)
class ComputeSubnet:
    """A training compute of a workspace and the subnet that its nodes stand in.

    `compute` is None for a subnet that only `roles:` names. Ask `the_subnet`: it raises where the subnet is not among
    the inputs.
    """

    label: ClassVar[str] = "compute subnet"
    compute: Compute | None
    reference: Text
    subnet: Subnet | None
    missing: Unknown | None

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        computes, doubt = env.all(Compute)
        seen: set[int] = set()
        for compute in computes:
            kind = compute.look("kind")
            if not isinstance(kind, Unknown) and not any(kind.value == word for word in TRAINING_COMPUTES):
                continue
            reference = compute.look("subnet")
            if isinstance(reference, Unknown):
                yield cls(compute, Text((reference,)), None, reference)
            elif reference.value is not None:
                one = cls._placed(compute, reference.value, env)
                seen.add(id(one.subnet.node) if one.subnet else 0)
                yield one
        for subnet in env.all(Subnet)[0] if "computeSubnet" in env.roles else ():
            if named(env, "computeSubnet", subnet) and id(subnet.node) not in seen:
                yield cls(None, subnet.id, subnet, None)
        if doubt:
            raise NotEnoughEvidence(doubt)

    @classmethod
    def _placed(cls, compute: Compute, reference: Text, env: Environment) -> Self:
        try:
            subnet = env.find(reference, Subnet)
        except NotEnoughEvidence as stopped:
            return cls(compute, reference, None, stopped.unknown)
        lost = None if subnet else Unknown.because(f"the subnet {reference} does not exist", f"the subnet {reference}")
        return cls(compute, reference, subnet, lost)

    @property
    def the_subnet(self) -> Subnet:
        """The subnet itself; raises NotEnoughEvidence where it cannot be seen."""
        if self.subnet is None:
            raise NotEnoughEvidence(self.missing or Unknown.because("the subnet is not known", "the subnet"))
        return self.subnet

    @property
    def type(self) -> str:
        return Subnet.type

    @property
    def name(self) -> Text:
        if self.subnet is not None:
            own = self.subnet.name
        else:
            pieces = self.reference.split("/")
            own = pieces[-3] + "/" + pieces[-1] if len(pieces) > 3 else self.reference
        return own + " of " + self.compute.own_name if self.compute else own

    @property
    def id(self) -> Text:
        return self.subnet.id if self.subnet else self.reference

    @property
    def where(self) -> Where:
        if self.subnet is not None:
            return self.subnet.where
        assert self.compute is not None
        return self.compute.where

    @property
    def doubt(self) -> Unknown | None:
        return self.compute.doubt if self.compute else self.subnet.doubt if self.subnet else None
