"""Questions about the nodes that the inference router needs."""

from collections.abc import Callable

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.aks import AgentPool, ManagedCluster
from mlpreflight.resources.clusters import MlCluster
from mlpreflight.resources.extension import PLAIN, MachineLearningExtension
from mlpreflight.resources.machine_learning import Compute
from mlpreflight.resources.shapes import text_of
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

TOLERATED = ("ml.azure.com/amlarc", "ml.azure.com/resource-group", "ml.azure.com/workspace", "ml.azure.com/compute")


def has_nodes_for_replicas(cluster: MlCluster, env: Environment) -> Answer:
    """Are there enough nodes that take the router, one for each of its replicas?"""
    extension = cluster.extension(env)
    if (off := _without_replicas(extension)) is not None:
        return off
    needed = int(data.table("aks")["routerNodes"])
    counted, doubts = _counted(cluster.view, extension, _nodes)
    total = sum(count for _, count in counted)
    told = ", ".join(f"{pool.own_name} {count}" for pool, count in counted) or "no pool takes it"
    evidence = [pool.at("count") for pool, _ in counted] or [cluster.view.at("pools")]
    if extension is not None:
        evidence.append(extension.at_setting("inferenceRouterHA"))
    if total >= needed:
        return passed(f"{total} nodes take the router ({told}), {needed} are needed", *evidence)
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    setting = "" if extension is None else "; inferenceRouterHA is not False"
    return failed(
        f"{total} {'node takes' if total == 1 else 'nodes take'} the router ({told}), "
        f"its {needed} replicas need {needed}{setting}",
        *evidence,
        cause=f"nodes of {cluster.view.name}",
        cluster=cluster.view.name,
        pool=counted[0][0].own_name if counted else None,
    )


def keeps_nodes_for_replicas(cluster: MlCluster, env: Environment) -> Answer:
    """Does the autoscaler leave enough nodes for the replicas of the router?"""
    extension = cluster.extension(env)
    if (off := _without_replicas(extension)) is not None:
        return off
    needed = int(data.table("aks")["routerNodes"])
    counted, doubts = _counted(cluster.view, extension, _fewest_nodes)
    scaled = [pool for pool, _ in counted if pool.is_autoscaled]
    if not scaled and not doubts:
        return not_applicable("no pool that takes the router is autoscaled", cluster.view.at("pools"))
    least = sum(count for _, count in counted)
    evidence = [pool.at("min_count") for pool in scaled]
    if least >= needed:
        return passed(f"the autoscaler leaves {least} nodes", *evidence)
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    return failed(
        f"the autoscaler may leave {least} {'node' if least == 1 else 'nodes'}, "
        f"the {needed} replicas of the router need {needed}",
        *evidence,
        cause=f"nodes of {cluster.view.name}",
        cluster=cluster.view.name,
        pool=scaled[0].own_name,
    )


def first_sdk_cluster_is_large_enough(compute: Compute) -> Answer:
    """Has a cluster that the first SDK makes for production the nodes it insists on?"""
    if compute.kind != "AKS":
        return not_applicable("it is no cluster of the first SDK")
    if compute.cluster_purpose != "FastProd":
        return not_applicable("it is a cluster for tests", compute.at("cluster_purpose"))
    needed = int(data.table("aks")["routerNodes"])
    count = compute.agent_count
    if count is None:
        return not_applicable("its nodes are those of the cluster that it attaches", compute.at("agent_count"))
    if count >= needed:
        return passed(f"it has {count} nodes", compute.at("agent_count"))
    return failed(f"it has {count} nodes, a FastProd cluster needs {needed}", compute.at("agent_count"))


def first_sdk_cluster_is_for_production(compute: Compute) -> Answer:
    """Is a cluster of the first SDK made for production, with more than one replica?"""
    if compute.kind != "AKS":
        return not_applicable("it is no cluster of the first SDK")
    if compute.cluster_purpose == "DevTest":
        return failed("it is for tests: one replica of the router, no high availability", compute.at("cluster_purpose"))
    return passed(f"its purpose is {compute.cluster_purpose}", compute.at("cluster_purpose"))


def _without_replicas(extension: MachineLearningExtension | None) -> Answer | None:
    """Why one node is enough; None where it is not."""
    if extension is None:
        return None
    if not extension.is_true("enableInference"):
        return not_applicable("inference is not switched on", extension.at_setting("enableInference"))
    if not extension.is_true("inferenceRouterHA", absent=True):
        return not_applicable("the router runs as one replica", extension.at_setting("inferenceRouterHA"))
    return None


def _nodes(pool: AgentPool) -> int:
    """How many nodes a pool begins with."""
    if pool.is_autoscaled and pool.count is None:
        return pool.min_count or 1
    return 1 if pool.count is None else pool.count


def _fewest_nodes(pool: AgentPool) -> int:
    """How many nodes the autoscaler leaves of a pool."""
    return pool.min_count or 0 if pool.is_autoscaled else _nodes(pool)


def _counted(
    cluster: ManagedCluster, extension: MachineLearningExtension | None, count: Callable[[AgentPool], int]
) -> tuple[list[tuple[AgentPool, int]], list[Unknown]]:
    """The pools that certainly take the router with their nodes, and what is not known of others.

    A pool takes it if it runs Linux, has no taint that the router does not tolerate, and all labels it selects.
    """
    selector = _selector(extension)
    counted: list[tuple[AgentPool, int]] = []
    doubts: list[Unknown] = []
    pools = cluster.pools
    for pool in pools.sure:
        try:
            if _takes(pool, selector):
                counted.append((pool, count(pool)))
        except NotEnoughEvidence as stopped:
            doubts.append(stopped.unknown)
    return counted, doubts + ([pools.doubt] if pools.doubt else [])


def _takes(pool: AgentPool, selector: dict[str, Text]) -> bool:
    if pool.os_type != "Linux":
        return False
    if any(not _is_tolerated(taint.known) for taint in pool.taints):
        return False
    labels = pool.fields("nodeLabels")
    for key, wanted in selector.items():
        node = labels.nodes.get(key) if labels else None
        if node is None or node.value is None:
            if labels is not None and labels.more:
                raise NotEnoughEvidence(labels.more)
            return False
        if text_of(node, key) != wanted:
            return False
    return True


def _is_tolerated(taint: str) -> bool:
    key, _, effect = taint.partition(":")
    return effect == "PreferNoSchedule" or key.split("=")[0].startswith(TOLERATED)


def _selector(extension: MachineLearningExtension | None) -> dict[str, Text]:
    """The labels that the extension wants of a node."""
    fields = extension.fields(PLAIN) if extension is not None else None
    if fields is None:
        return {}
    prefix = "nodeSelector."
    return {
        key.removeprefix(prefix): text_of(node, key)
        for key, node in fields.nodes.items()
        if key.startswith(prefix) and node.value is not None
    }
