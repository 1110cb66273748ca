"""Questions about network security groups: who gets in, and who gets through."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, Evidence, failed, not_applicable, passed
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.nsg import Outcome, Piece
from mlpreflight.resources import walks
from mlpreflight.resources.aks import AgentPool
from mlpreflight.resources.attached import AttachedMachine
from mlpreflight.resources.node_subnets import BalancedSubnet
from mlpreflight.resources.nsg import NetworkSecurityGroup, SecurityRule
from mlpreflight.resources.several import some
from mlpreflight.resources.subjects import ClusterSubnet, ComputeSubnet
from mlpreflight.resources.vnet import Subnet
from mlpreflight.resources.walks import told
from mlpreflight.values import Text

# An opening is to the world when it lets in at least a /8 of IPv4 or of IPv6: a list of offices is smaller, and the
# two halves 0.0.0.0/1 and 128.0.0.0/1 are not.
WORLDLY_V4, WORLDLY_V6 = 1 << 24, 1 << 120


def closed_to_world(group: NetworkSecurityGroup, *, ports: str, protocol: str = "Tcp") -> Answer:
    """Do the rules refuse these ports to the Internet at large?"""
    passage = walks.from_world(group, ports, protocol)
    sure = [piece for piece in passage.walk.certain if piece.allow is True]
    if _worldly(sure):
        opening = max(sure, key=lambda piece: intervals.size(piece.flow.sources.numbers))
        rule = opening.rule.origin
        assert isinstance(rule, SecurityRule)
        return failed(
            f"{told(opening)} lets {protocol} {_shown(opening.flow.ports)} in from {_sources(rule)}",
            rule.at("source" if rule.source else "sources"),
            rule.at("port" if rule.port else "ports"),
            cause=f"rule {rule.own_name} of {group.name}",
            nsg=group.name,
            rule=rule.own_name,
        )
    if passage.walk.given_up or _worldly([piece for piece in passage.walk.possible if piece.allow is not False]):
        raise passage.undecided(f"whether {protocol} {ports} is open to the Internet")
    return passed(f"{protocol} {ports} is not open to the Internet", group.at("rules"))


def allows_tag(
    nodes: ComputeSubnet,
    env: Environment,
    *,
    direction: str,
    tag: str,
    ports: str,
    protocol: str = "Tcp",
    only_with_public_ip: bool = False,
) -> Answer:
    """Do the rules on the subnet let its nodes and a service reach each other?

    `{region}` in the tag stands for the region of the compute.
    """
    if only_with_public_ip and nodes.compute is not None and not nodes.compute.has_public_ip:
        return not_applicable("its nodes have no public address", nodes.compute.at("has_public_ip"))
    regional = tag.replace("{region}", _region(nodes, env)) if "{region}" in tag else tag
    return _through_subnet(nodes.subnet, env, direction, regional, ports, protocol, wholly=True)


def lets_some_of_tag_in(nodes: ClusterSubnet, env: Environment, *, tag: str) -> Answer:
    """Do the rules on the subnet let a service in on any port at all?"""
    return _through_subnet(nodes.subnet, env, "inbound", tag, "*", "*", wholly=False)


def lets_clients_in(nodes: ClusterSubnet, env: Environment, *, ports: str) -> Answer:
    """Do the rules on the subnet let clients outside of the virtual network reach the scoring endpoint?"""
    subnet = nodes.subnet
    group = walks.group_on(subnet, env)
    if group is None:
        return passed("the subnet has no network security group, so nothing is refused", subnet.at("security_group"))
    passage = walks.from_clients(subnet, group, ports)
    if passage.opened is not None:
        return passed(f"{told(passage.opened)} lets clients reach port {ports}", *passage.evidence(passage.opened))
    if passage.outcome is not Outcome.DENIED:
        raise passage.undecided(f"whether clients reach port {ports}")
    return failed(
        f"{told(passage.refused)} refuses clients outside of the virtual network on port {ports}",
        *passage.evidence(passage.refused),
        nsg=group.name,
    )


def lets_probes_in(nodes: BalancedSubnet, env: Environment, *, node_ports: str) -> Answer:
    """Do the rules on the way let the probes of the load balancer reach the nodes?

    Which port it probes, of all or of those that Kubernetes takes (`node_ports`), nobody can say before it is
    deployed: where some of them are refused the answer is open.
    """
    ports = node_ports if isinstance(nodes.view, AgentPool) else "*"
    evidence: list[Evidence] = []
    for subnet, group in nodes.guards(env):
        passage = walks.with_tag(subnet, group, True, "AzureLoadBalancer", ports, "Tcp")
        if passage.outcome is Outcome.DENIED:
            return failed(
                f"{told(passage.refused)} of {group.name} refuses the probes of the load balancer",
                *passage.evidence(passage.refused),
                cause=f"{told(passage.refused)} of {group.name}",
                nsg=group.name,
            )
        if passage.outcome is not Outcome.ALLOWED:
            raise passage.undecided("whether the probes of the load balancer reach the nodes")
        evidence += passage.evidence(passage.opened)
    if not evidence:
        return passed("no network security group stands on the way", nodes.view.at())
    return passed("the probes of the load balancer reach the nodes", *evidence)


def lets_azureml_ssh_in(machine: AttachedMachine, env: Environment) -> Answer:
    """Do all rules on the way let Azure ML reach the SSH port of an attached machine?"""
    port = str(machine.view.ssh_port)
    evidence: list[Evidence] = []
    for subnet, group in machine.guards(env):
        passage = walks.with_tag(subnet, group, True, "AzureMachineLearning", port, "Tcp")
        if passage.outcome in (Outcome.DENIED, Outcome.PARTLY):
            return failed(
                f"{told(passage.refused)} refuses Tcp {port} from AzureMachineLearning",
                *passage.evidence(passage.refused),
                nsg=group.name,
                port=port,
            )
        if passage.outcome is Outcome.UNKNOWN:
            raise passage.undecided(f"whether AzureMachineLearning reaches port {port}")
        evidence += passage.evidence(passage.opened)
    if not evidence:
        return passed("no network security group stands on the way", machine.view.at("attached"))
    return passed(f"AzureMachineLearning reaches port {port}", *evidence)


def has_no_opening_for(group: NetworkSecurityGroup, *, tag: str, ports: str) -> Answer:
    """Is there no rule any more that opens these ports for a service that has stopped calling?"""
    wanted = walks.ports_of(ports)

    def opens(rule: SecurityRule) -> bool:
        if rule.direction != "Inbound" or rule.access != "Allow":
            return False
        if not any(_is_of(word, tag) for word in (*rule.source, *rule.sources)):
            return False
        own = [addresses.ports(word.known) or () for word in (*rule.port, *rule.ports)]
        return bool(intervals.intersection(intervals.merged(pair for one in own for pair in one), wanted))

    found = next((rule for rule in group.rules.sure if some([rule], opens)), None)
    if found is None:
        _ = len(group.rules)  # raises where the list may hold others
        return passed(f"nothing is open for {tag}", group.at("rules"))
    return failed(
        f"{found.own_name} still opens {ports} for {tag}",
        found.at("source" if found.source else "sources"),
        nsg=group.name,
        rule=found.own_name,
    )


def _through_subnet(
    subnet: Subnet, env: Environment, direction: str, tag: str, ports: str, protocol: str, wholly: bool
) -> Answer:
    """The flow between a subnet and a tag, through the group on the subnet. Not `wholly`: a part of it is enough."""
    group = walks.group_on(subnet, env)
    if group is None:
        return passed("the subnet has no network security group, so nothing is refused", subnet.at("security_group"))
    passage = walks.with_tag(subnet, group, direction == "inbound", tag, ports, protocol)
    what = f"{protocol} {ports} {'from' if direction == 'inbound' else 'to'} {tag}"
    if passage.outcome is Outcome.ALLOWED or (passage.opened is not None and not wholly):
        return passed(f"{told(passage.opened)} allows {what}", *passage.evidence(passage.opened))
    if passage.outcome is Outcome.UNKNOWN:
        raise passage.undecided(f"whether {what} gets through")
    partly = " in part" if passage.outcome is Outcome.PARTLY else ""
    return failed(
        f"{told(passage.refused)} denies {what}{partly}",
        *passage.evidence(passage.refused),
        cause=f"{told(passage.refused)} of {group.name}",
        nsg=group.name,
        subnet=subnet.own_name,
        tag=tag,
    )


def _region(nodes: ComputeSubnet, env: Environment) -> str:
    region = nodes.region(env)
    return tags.SOMEWHERE if region is None or region.holes else region.known.replace(" ", "").lower()


def _worldly(pieces: list[Piece]) -> bool:
    numbers = intervals.merged(pair for piece in pieces for pair in piece.flow.sources.numbers)
    four = intervals.size(intervals.intersection(numbers, addresses.ALL_V4))
    six = intervals.size(intervals.intersection(numbers, addresses.ALL_V6))
    return four >= WORLDLY_V4 or six >= WORLDLY_V6 or any(piece.flow.sources.names for piece in pieces)


def _sources(rule: SecurityRule) -> str:
    words = [word.written for word in (*rule.source.every, *rule.sources.every)]
    return ", ".join(words[:3]) + (", …" if len(words) > 3 else "")


def _shown(ports: Intervals) -> str:
    first, last = ports[0][0], ports[-1][1]
    return str(first) if first == last else f"{first}-{last}"


def _is_of(word: Text, tag: str) -> bool:
    written = word.known.strip().lower()
    return written == tag.lower() or written.startswith(tag.lower() + ".")
