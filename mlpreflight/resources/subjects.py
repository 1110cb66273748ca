"""Subjects that are derived from several resources: who plays a part, and where nodes stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight.environment import Environment
from mlpreflight.finding import Evidence
from mlpreflight.resources.aks import ManagedCluster
from mlpreflight.resources.clusters import MlCluster
from mlpreflight.resources.keyvault import KeyVault
from mlpreflight.resources.machine_learning import Compute, Workspace
from mlpreflight.resources.places import Place, Placed, named_by
from mlpreflight.resources.roles import Part, named, referred
from mlpreflight.resources.storage import StorageAccount
from mlpreflight.resources.vnet import Subnet
from mlpreflight.text import compare
from mlpreflight.values import Known, NotEnoughEvidence, Text, Unknown, Where

TRAINING_COMPUTES = ("AmlCompute", "ComputeInstance")


@dataclass(eq=False, repr=False)
class WorkspaceStorage(Part[StorageAccount]):
    """The default storage account of a workspace."""

    label: ClassVar[str] = "storage account of the workspace"

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        for part in referred(env, StorageAccount, "workspaceStorage", "storage_account"):
            yield cls(part.view, part.doubt)


@dataclass(eq=False, repr=False)
class WorkspaceVault(Part[KeyVault]):
    """The key vault of a workspace."""

    label: ClassVar[str] = "key vault of the workspace"

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        for part in referred(env, KeyVault, "workspaceVault", "key_vault"):
            yield cls(part.view, part.doubt)


@dataclass(eq=False, repr=False)
class ComputeSubnet(Placed):
    """A training compute of a workspace and the subnet that its nodes stand in.

    `compute` is None for a subnet that only `roles:` names.
    """

    label: ClassVar[str] = "compute subnet"
    compute: Compute | None

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        computes, doubt = env.all(Compute)
        seen: set[int] = set()
        for compute in computes:
            trains, open_ = compute.is_one_of(TRAINING_COMPUTES)
            reference = named_by(compute.look("subnet"))
            if trains is not False and reference is not None:
                place = Place.of(reference, env)
                seen.add(id(place.subnet.node) if place.subnet else 0)
                yield cls(place, compute.doubt or open_, compute)
        for subnet in env.all(Subnet)[0] if "computeSubnet" in env.roles else ():
            if named(env, "computeSubnet", subnet) and id(subnet.node) not in seen:
                yield cls(Place(subnet.id, subnet, None), subnet.doubt, None)
        if doubt:
            raise NotEnoughEvidence(doubt)

    def at_reference(self) -> Evidence:
        """Where the compute names its subnet."""
        return self.compute.at("subnet") if self.compute is not None else self.subnet.at()

    def region(self, env: Environment) -> Text | None:
        """Where its nodes run, perhaps with a hole; None where nothing says so."""
        known = [self.compute.look(name) for name in ("compute_location", "location")] if self.compute else []
        if self.place.subnet is not None:
            known.append(self.place.subnet.network.look("location"))
        if self.compute is not None:
            workspaces, _ = env.all(Workspace)
            known += [one.look("location") for one in workspaces if compare(one.id, self.compute.workspace_id)]
        return next((one.value for one in known if isinstance(one, Known) and one.value is not None), None)

    @property
    def name(self) -> Text:
        return self.place.name + " of " + self.compute.own_name if self.compute else self.place.name

    @property
    def where(self) -> Where:
        if self.place.subnet is not None:
            return self.place.subnet.where
        assert self.compute is not None
        return self.compute.where


@dataclass(eq=False, repr=False)
class ClusterSubnet(Placed):
    """A subnet that nodes of a cluster of Azure ML stand in: an AKS cluster, or one that the first SDK makes."""

    label: ClassVar[str] = "cluster subnet"
    cluster: ManagedCluster | Compute

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        clusters, doubt = env.all(MlCluster)
        seen: set[tuple[int, str]] = set()
        for part in clusters:
            pools = part.view.look("pools")
            if isinstance(pools, Unknown):
                doubt = doubt or pools
                continue
            doubt = doubt or pools.value.more
            for pool in pools.value.every:
                reference = pool.look("subnet")
                if isinstance(reference, Unknown):
                    doubt = doubt or reference
                    continue
                if reference.value is None:
                    continue
                key = id(part.view), reference.value.written.lower()
                if key not in seen:
                    seen.add(key)
                    yield cls(Place.of(reference.value, env), part.doubt, part.view)
        for compute in env.all(Compute)[0]:
            reference = compute.look("cluster_subnet")
            if isinstance(reference, Unknown):
                doubt = doubt or reference
            elif reference.value is not None:
                yield cls(Place.of(reference.value, env), compute.doubt, compute)
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def name(self) -> Text:
        return self.place.name + " of " + self.cluster.own_name

    @property
    def where(self) -> Where:
        return self.place.subnet.where if self.place.subnet else self.cluster.where
