"""Questions about traffic inside of a cluster, which the groups on its subnets see as well."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, Evidence, failed, not_applicable, passed
from mlpreflight.network.nsg import Outcome
from mlpreflight.resources.aks import ManagedCluster
from mlpreflight.resources.node_flows import Ends, nodes_of, only_defaults_refuse, pods_of, through
from mlpreflight.resources.subjects import ClusterSubnet
from mlpreflight.resources.walks import group_on, told
from mlpreflight.values import NotEnoughEvidence

NODES, PODS = "nodes", "pods"


def gets_through(nodes: ClusterSubnet, env: Environment, *, source: str, destination: str) -> Answer:
    """Do the rules on a cluster's subnet let its nodes, or its pods, reach others of them?

    `source` and `destination` are "nodes" or "pods". Only pods of an overlay have a range of their own.
    """
    cluster = nodes.cluster
    if not isinstance(cluster, ManagedCluster):
        return not_applicable("the first SDK makes the cluster, and its rules", cluster.at())
    if PODS in (source, destination) and cluster.plugin_mode != "overlay":
        return not_applicable("its pods have no range of their own", cluster.at("plugin_mode"))
    subnet = nodes.subnet
    group = group_on(subnet, env)
    if group is None:
        return passed("the subnet has no network security group, so nothing is refused", subnet.at("security_group"))
    one, other = _ends(source, nodes, env), _ends(destination, nodes, env)
    evidence: list[Evidence] = []
    unclear: NotEnoughEvidence | None = None
    for inbound in (False, True):
        ends = (one.everywhere, other.here) if inbound else (one.here, other.everywhere)
        passage = through(group, subnet, inbound, *ends)
        way = "in" if inbound else "out"
        if passage.outcome in (Outcome.DENIED, Outcome.PARTLY):
            partly = " in part" if passage.outcome is Outcome.PARTLY else ""
            return failed(
                f"{told(passage.refused)} denies traffic of {source} to {destination} on its way {way}{partly}",
                *passage.evidence(passage.refused),
                cause=f"{told(passage.refused)} of {group.name}",
                nsg=group.name,
                direction="Inbound" if inbound else "Outbound",
            )
        if passage.outcome is Outcome.UNKNOWN and not only_defaults_refuse(passage):
            unclear = unclear or passage.undecided(f"whether traffic of {source} to {destination} gets {way}")
        evidence += passage.evidence(passage.opened)
    doubt = one.doubt or other.doubt
    if unclear is not None:
        raise unclear
    if doubt is not None:
        raise NotEnoughEvidence(doubt)
    return passed(f"{source} reach {destination}", *evidence)


def _ends(kind: str, nodes: ClusterSubnet, env: Environment) -> Ends:
    assert isinstance(nodes.cluster, ManagedCluster)
    return nodes_of(nodes.cluster, nodes.subnet, env) if kind == NODES else pods_of(nodes.cluster)
