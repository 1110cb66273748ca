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
    doubt: Unknown | None

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        computes, doubt = env.all(Compute)
        seen: set[int] = set()
        for compute in computes:
            trains, open_ = compute.is_one_of(TRAINING_COMPUTES)
            if trains is False:
                continue
            reference = compute.look("subnet")
            if isinstance(reference, Unknown):
                yield cls(compute, Text((reference,)), None, reference, compute.doubt or open_)
            elif reference.value is not None:
                one = cls._placed(compute, reference.value, compute.doubt or open_, env)
                seen.add(id(one.subnet.node) if one.subnet else 0)
                yield one
        for subnet in env.all(Subnet)[0] if "computeSubnet" in env.roles else ():
            if named(env, "computeSubnet", subnet) and id(subnet.node) not in seen:
                yield cls(None, subnet.id, subnet, None, subnet.doubt)
        if doubt:
            raise NotEnoughEvidence(doubt)

    @classmethod
    def _placed(cls, compute: Compute, reference: Text, doubt: Unknown | None, env: Environment) -> Self:
        try:
            subnet = env.find(reference, Subnet)
        except NotEnoughEvidence as stopped:
            return cls(compute, reference, None, stopped.unknown, doubt)
        lost = None if subnet else Unknown.because(f"the subnet {reference} does not exist", f"the subnet {reference}")
        return cls(compute, reference, subnet, lost, doubt)

    @property
    def the_subnet(self) -> Subnet:
        """The subnet itself; raises NotEnoughEvidence where it cannot be seen."""
        if self.subnet is None:
            raise NotEnoughEvidence(self.missing or Unknown.because("the subnet is not known", "the subnet"))
        return self.subnet

    def at_reference(self) -> Evidence:
        """Where the compute names its subnet."""
        if self.compute is not None:
            return self.compute.at("subnet")
        return self.the_subnet.at()

    def region(self, env: Environment) -> Text | None:
        """Where its nodes run, perhaps with a hole; None where nothing says so."""
        known = [self.compute.look(name) for name in ("compute_location", "location")] if self.compute else []
        if self.subnet is not None:
            known.append(self.subnet.network.look("location"))
        if self.compute is not None:
            workspaces, _ = env.all(Workspace)
            known += [one.look("location") for one in workspaces if compare(one.id, self.compute.workspace_id)]
        return next((one.value for one in known if isinstance(one, Known) and one.value is not None), None)

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


@dataclass(eq=False, repr=False)
class ClusterSubnet:
    """A subnet that nodes of a cluster of Azure ML stand in: an AKS cluster, or one that the first SDK makes."""

    label: ClassVar[str] = "cluster subnet"
    cluster: ManagedCluster | Compute
    reference: Text
    subnet: Subnet | None
    missing: Unknown | None
    doubt: Unknown | None

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
                    yield cls._placed(part.view, reference.value, part.doubt, env)
        for compute in env.all(Compute)[0]:
            reference = compute.look("cluster_subnet")
            if isinstance(reference, Unknown):
                doubt = doubt or reference
            elif reference.value is not None:
                yield cls._placed(compute, reference.value, compute.doubt, env)
        if doubt:
            raise NotEnoughEvidence(doubt)

    @classmethod
    def _placed(
        cls, cluster: ManagedCluster | Compute, reference: Text, doubt: Unknown | None, env: Environment
    ) -> Self:
        try:
            return cls(cluster, reference, env.find(reference, Subnet), None, doubt)
        except NotEnoughEvidence as stopped:
            return cls(cluster, reference, None, stopped.unknown, doubt)

    @property
    def the_subnet(self) -> Subnet:
        """The subnet itself; raises NotEnoughEvidence where it cannot be seen."""
        if self.subnet is None:
            raise NotEnoughEvidence(self.missing or Unknown.because("the subnet does not exist", "the subnet"))
        return self.subnet

    @property
    def type(self) -> str:
        return Subnet.type

    @property
    def name(self) -> Text:
        own = self.subnet.name if self.subnet else self.reference.split("/")[-1]
        return own + " of " + self.cluster.own_name

    @property
    def id(self) -> Text:
        return self.subnet.id if self.subnet else self.reference

    @property
    def where(self) -> Where:
        return self.subnet.where if self.subnet else self.cluster.where
