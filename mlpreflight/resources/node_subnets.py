"""Subnets and all the nodes that may come to stand in them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.resources.aks import AgentPool, ManagedCluster
from mlpreflight.resources.clusters import MlCluster
from mlpreflight.resources.compute import Autoscale, ScaleSet
from mlpreflight.resources.machine_learning import Compute
from mlpreflight.resources.nsg import NetworkSecurityGroup
from mlpreflight.resources.places import Place, Placed, named_by
from mlpreflight.resources.roles import Part
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import Subnet
from mlpreflight.resources.walks import group_on
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown, Where


@dataclass(eq=False, repr=False)
class Occupant:
    """Something whose nodes stand in a subnet."""

    view: View
    reference: Text

    def addresses(self, env: Environment) -> int:
        """The addresses that it takes at its largest; raises NotEnoughEvidence where that is not known."""
        if isinstance(self.view, Compute):
            return _of_compute(self.view)
        if isinstance(self.view, ScaleSet):
            return _of_scale_set(self.view, env)
        assert isinstance(self.view, AgentPool)
        return _of_pool(self.view)


def _of_compute(compute: Compute) -> int:
    if compute.kind == "ComputeInstance":
        return 1
    if compute.max_nodes is None:
        raise NotEnoughEvidence.because(f"the largest number of nodes of {compute.name} is not written", "maxNodeCount")
    return compute.max_nodes


def _of_scale_set(scale_set: ScaleSet, env: Environment) -> int:
    largest = scale_set.capacity or 0
    settings, doubt = env.all(Autoscale)
    for setting in settings:
        if setting.target is None or not setting.is_enabled:
            continue
        same = compare(setting.target, scale_set.id)
        if same is None:
            raise NotEnoughEvidence.because(
                f"it is not known what {setting.name} scales", f"the target of {setting.name}"
            )
        if same:
            largest = max([largest, *(profile.maximum or 0 for profile in setting.profiles)])
    if doubt:
        raise NotEnoughEvidence(doubt)
    return largest


def _of_pool(pool: AgentPool) -> int:
    """Nodes, one more for each that an upgrade adds, and their pods where these take addresses of the subnet."""
    cluster = pool.parent
    assert isinstance(cluster, ManagedCluster)
    facts = data.table("aks")["addresses"]
    nodes = pool.max_count if pool.is_autoscaled else pool.count
    if nodes is None:
        nodes = pool.count or 1
    nodes += _surge(pool, nodes, str(facts["surge"]))
    plugin = cluster.network_plugin
    shares = plugin is not None and plugin == "azure" and cluster.plugin_mode != "overlay" and pool.pod_subnet is None
    return nodes * (1 + (pool.max_pods or int(facts["podsPerNode"]))) if shares else nodes


def _surge(pool: AgentPool, nodes: int, usual: str) -> int:
    """The nodes that an upgrade adds for its time: a share of those that are there, rounded up, or a number."""
    written = pool.max_surge.known.strip() if pool.max_surge is not None else usual
    number = written.removesuffix("%")
    if not number.isdecimal():
        raise NotEnoughEvidence.because(f"maxSurge {written} of {pool.name} is no number", "maxSurge")
    share = math.ceil(nodes * int(number) / 100) if written.endswith("%") else int(number)
    return max(share, 1)


@dataclass(eq=False, repr=False)
class BalancedSubnet(Part[AgentPool | ScaleSet]):
    """Nodes behind a load balancer, and a subnet that they stand in, where it is known."""

    label: ClassVar[str] = "set of nodes behind a load balancer"
    reference: Text

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        clusters, doubt = env.all(MlCluster)
        for part in clusters:
            pools = part.view.look("pools")
            doubt = doubt or (pools if isinstance(pools, Unknown) else pools.value.more)
            for pool in () if isinstance(pools, Unknown) else pools.value.every:
                reference = named_by(pool.look("subnet"))
                if reference is not None:
                    yield cls(pool, part.doubt or pool.doubt, reference)
        for scale_set in env.all(ScaleSet)[0]:
            balanced = scale_set.look("is_balanced")
            if isinstance(balanced, Unknown) or balanced.value:
                unsure = scale_set.doubt or (balanced if isinstance(balanced, Unknown) else None)
                for reference in {one.written.lower(): one for one in _references(scale_set)}.values():
                    yield cls(scale_set, unsure, reference)
        if doubt:
            raise NotEnoughEvidence(doubt)

    def guards(self, env: Environment) -> list[tuple[Subnet, NetworkSecurityGroup]]:
        """The groups on the way to the nodes: on the subnet, and on the interfaces of a scale set."""
        subnet = env.find(self.reference, Subnet)
        if subnet is None:
            return []
        on_subnet = group_on(subnet, env)
        groups = [on_subnet] if on_subnet else []
        for interface in self.view.interfaces if isinstance(self.view, ScaleSet) else ():
            own = interface.security_group
            group = env.find(own, NetworkSecurityGroup) if own is not None else None
            groups += [group] if group else []
        return [(subnet, group) for group in groups]

    @property
    def name(self) -> Text:
        return self.view.name + " in " + self.reference.split("/")[-1]


@dataclass(eq=False, repr=False)
class NodeSubnet(Placed):
    """A subnet with everything whose nodes stand in it."""

    label: ClassVar[str] = "subnet with nodes"
    occupants: tuple[Occupant, ...]

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        groups: dict[object, tuple[Place, list[Occupant]]] = {}
        for occupant in _occupants(env):
            place = Place.of(occupant.reference, env)
            key = id(place.subnet.node) if place.subnet else occupant.reference.written.lower()
            groups.setdefault(key, (place, []))[1].append(occupant)
        for place, occupants in groups.values():
            yield cls(place, place.subnet.doubt if place.subnet else None, tuple(occupants))

    @property
    def name(self) -> Text:
        return self.place.name

    @property
    def where(self) -> Where:
        return self.place.subnet.where if self.place.subnet else self.occupants[0].view.where


def _occupants(env: Environment) -> Iterator[Occupant]:
    for compute in env.all(Compute)[0]:
        reference = named_by(compute.look("subnet"))
        if reference is not None:
            yield Occupant(compute, reference)
    for scale_set in env.all(ScaleSet)[0]:
        for reference in {one.written.lower(): one for one in _references(scale_set)}.values():
            yield Occupant(scale_set, reference)
    for cluster in env.all(ManagedCluster)[0]:
        pools = cluster.look("pools")
        for pool in () if isinstance(pools, Unknown) else pools.value.every:
            reference = named_by(pool.look("subnet"))
            if reference is not None:
                yield Occupant(pool, reference)


def _references(scale_set: ScaleSet) -> Iterator[Text]:
    try:
        for interface in scale_set.interfaces:
            for configuration in interface.configurations:
                if configuration.subnet is not None:
                    yield configuration.subnet
    except NotEnoughEvidence as stopped:
        yield Text((stopped.unknown,))
