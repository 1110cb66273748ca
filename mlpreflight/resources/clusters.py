"""Clusters that Azure ML uses, with the extension on them, and the address ranges that clusters live in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight.environment import Environment
from mlpreflight.resources.aks import ManagedCluster, TrustedAccess
from mlpreflight.resources.extension import MachineLearningExtension
from mlpreflight.resources.machine_learning import Compute, Workspace, before
from mlpreflight.resources.roles import Part, named, playing
from mlpreflight.resources.several import some
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

ATTACHED = ("AKS", "Kubernetes")


@dataclass(eq=False, repr=False)
class MlCluster(Part[ManagedCluster]):
    """An AKS cluster that Azure ML uses: attached as a compute, carrying its extension, or named under `roles`.

    Where nothing among the inputs uses a cluster, each is taken to be meant for it.
    """

    label: ClassVar[str] = "AKS cluster of Azure ML"

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        references: list[Text] = []
        unsure: Unknown | None = None
        for compute in env.all(Compute)[0]:
            attaches, open_ = compute.is_one_of(ATTACHED)
            attached = compute.look("attached")
            if attaches is False:
                continue
            if open_ or isinstance(attached, Unknown):
                unsure = unsure or open_ or (attached if isinstance(attached, Unknown) else None)
            elif attached.value is not None:
                references.append(attached.value)
        extended = [one.cluster for one in env.all(MachineLearningExtension)[0]]
        references += [cluster for cluster in extended if cluster is not None]
        role = "mlCluster"
        used = references or unsure or any(named(env, role, one) for one in env.all(ManagedCluster)[0])
        for part in playing(env, ManagedCluster, role, references, unsure, assumed=not used):
            yield cls(part.view, part.doubt)

    def extension(self, env: Environment) -> MachineLearningExtension | None:
        """The Azure ML extension on the cluster; raises where one may be on it or on another."""
        extensions, doubt = env.all(MachineLearningExtension)
        found = on(self.view.id, [(one, one.cluster) for one in extensions])
        if found is not None and found.doubt:
            raise NotEnoughEvidence(found.doubt)
        if found is None and doubt:
            raise NotEnoughEvidence(doubt)
        return found

    def workspace(self, env: Environment) -> Workspace | None:
        """The workspace that the cluster is attached to; the only one where none says so."""
        workspaces, _ = env.all(Workspace)
        for compute in env.all(Compute)[0]:
            attached = compute.look("attached")
            reference = None if isinstance(attached, Unknown) else attached.value
            if reference is not None and compare(reference, self.view.id) is True:
                return next((one for one in workspaces if compare(one.id, compute.workspace_id)), None)
        return workspaces[0] if len(workspaces) == 1 else None

    def trusts(self, env: Environment, test: Callable[[TrustedAccess], bool]) -> bool:
        """Is there a Trusted Access binding on the cluster of which a test holds? Raises where that is open."""
        bindings, doubt = env.all(TrustedAccess)

        def fits(binding: TrustedAccess) -> bool:
            if before(binding.id, "/trustedAccessRoleBindings/") != self.view.id or not test(binding):
                return False
            if binding.doubt:
                raise NotEnoughEvidence(binding.doubt)
            return True

        found = some(bindings, fits)
        if not found and doubt:
            raise NotEnoughEvidence(doubt)
        return found


def on(target: Text, candidates: list[tuple[MachineLearningExtension, Text | None]]) -> MachineLearningExtension | None:
    """The extension that is on a resource; raises NotEnoughEvidence where that is open."""
    perhaps: Unknown | None = None
    for extension, cluster in candidates:
        same = compare(cluster, target) if cluster is not None else None
        if same:
            return extension
        if same is None:
            holes = cluster.holes if cluster is not None else ()
            perhaps = holes[0] if holes else Unknown.because("it is not known which cluster it extends", "its scope")
    if perhaps:
        raise NotEnoughEvidence(perhaps)
    return None


@dataclass(eq=False, repr=False)
class ClusterNetwork(Part[ManagedCluster | Compute]):
    """The address ranges of a cluster: of an AKS cluster, or of one that a compute of the first SDK makes.

    A range that is not written has the default that AKS documents; `docker_bridge` has none today.
    """

    label: ClassVar[str] = "cluster network"

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        clusters, doubt = env.all(ManagedCluster)
        for cluster in clusters:
            yield cls(cluster, cluster.doubt)
        for compute in env.all(Compute)[0]:
            made = compute.look("makes_network")
            if isinstance(made, Unknown):
                yield cls(compute, compute.doubt or made)
            elif made.value:
                yield cls(compute, compute.doubt)
        if doubt:
            raise NotEnoughEvidence(doubt)

    def subnets(self) -> list[Text]:
        """The ids of the subnets that its nodes stand in; raises where one is not known."""
        view = self.view
        if isinstance(view, Compute):
            return [view.cluster_subnet] if view.cluster_subnet is not None else []
        return [pool.subnet for pool in view.pools if pool.subnet is not None]
