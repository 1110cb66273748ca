"""Questions about what nodes must be able to open: each needed flow, through everything that stands on its way."""

from collections.abc import Iterator

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, Evidence, Role, Verdict, failed, not_applicable, passed
from mlpreflight.network.nsg import Outcome
from mlpreflight.network.path import Journey, Leg, Step
from mlpreflight.resources import needed_flows
from mlpreflight.resources.firewalls import Firewall, FirewallRule
from mlpreflight.resources.machine_learning import Workspace
from mlpreflight.resources.needed_flows import Row, Way
from mlpreflight.resources.nsg import SecurityRule
from mlpreflight.resources.subjects import ClusterSubnet, ComputeSubnet
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import PrivateEndpoint, Subnet
from mlpreflight.resources.walks import group_on
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Unknown

SET_OF_2019 = ("azurecontainerregistry", "azuremachinelearning", "storage")
"""The service tags that the training article of 2019 allows above a rule that denies the Internet."""


def nodes_reach(nodes: ComputeSubnet, env: Environment, *, flow: str, only_with_public_ip: bool = False) -> Answer:
    """Can the nodes of a compute open a flow that they need, through everything on its way?"""
    compute = nodes.compute
    kinds = needed_flows.kinds(flow)
    if kinds and compute is not None and not any(compute.kind == kind for kind in kinds):
        return not_applicable(f"only a {' or '.join(kinds)} needs it", compute.at("kind"))
    if only_with_public_ip and compute is not None and not compute.has_public_ip:
        return not_applicable("its nodes have no public address", compute.at("has_public_ip"))
    row = needed_flows.row(nodes, flow, env)
    if row is None:
        return not_applicable(f"the flow does not exist in {env.cloud}", nodes.at_reference())
    return _judged(nodes.subnet, needed_flows.way(nodes, row, env))


def vault_is_reached(nodes: ComputeSubnet, env: Environment) -> Answer:
    """Can the nodes reach the key vault, where the workspace holds data of high business impact?"""
    workspace = _workspace(nodes, env)
    if not workspace.holds_sensitive_data:
        return not_applicable("the workspace is not made for data of high business impact", workspace.at("location"))
    return nodes_reach(nodes, env, flow="key-vault")


def group_has_what_creation_wants(nodes: ComputeSubnet, env: Environment, *, flow: str) -> Answer:
    """Has the group on the subnet the rule that Azure ML insists on when it makes a compute without public addresses?

    It looks at the rules alone: a private endpoint that makes the flow needless does not help.
    """
    compute = nodes.compute
    if compute is not None and compute.has_public_ip:
        return not_applicable("its nodes have public addresses", compute.at("has_public_ip"))
    if nodes.subnet.security_group is None:
        return not_applicable("the subnet has no network security group", nodes.subnet.at("security_group"))
    row = needed_flows.row(nodes, flow, env)
    assert row is not None, f"{flow} exists in every cloud"
    return _judged(nodes.subnet, needed_flows.way(nodes, row._replace(endpoint=""), env))


def endpoints_are_reached(nodes: ComputeSubnet, env: Environment, *, ports: str) -> Answer:
    """Can the nodes reach private endpoints in their own virtual network and its peers?"""
    endpoints, doubt = env.all(PrivateEndpoint)
    if not endpoints:
        if doubt:
            raise NotEnoughEvidence(doubt)
        return not_applicable("no private endpoint is among the inputs", nodes.subnet.at())
    journey = needed_flows.inside(nodes.subnet, ports, env)
    row = Row("inside", "VirtualNetwork", ports, "Tcp", (), "")
    return _judged(nodes.subnet, Way(row, journey))


def knows_more_than_2019(nodes: ComputeSubnet, env: Environment) -> Answer:
    """Does the group on the subnet allow more than what was asked for in 2019, where it denies the Internet?"""
    group = group_on(nodes.subnet, env)
    if group is None:
        return not_applicable("the subnet has no network security group", nodes.subnet.at("security_group"))
    rules = [rule for rule in group.rules if rule.direction == "Outbound"]
    denies = [rule for rule in rules if rule.access == "Deny" and _names(rule) & {"internet", "*", "0.0.0.0/0"}]
    allowed = {word.split(".")[0] for rule in rules if rule.access == "Allow" for word in _names(rule)}
    if not denies:
        return not_applicable("it does not deny the Internet", group.at("rules"))
    if allowed != {*SET_OF_2019} and allowed != {*SET_OF_2019, "virtualnetwork"}:
        return passed("it allows another set of services", group.at("rules"))
    return failed(
        "it allows storage, the registry and Azure ML, and nothing that has been needed since: sign-in, Azure Resource "
        "Manager, Batch, Microsoft's registry and its layers",
        denies[0].at("priority"),
        nsg=group.name,
    )


def _names(rule: SecurityRule) -> set[str]:
    return {word.known.strip().lower() for word in (*rule.destination, *rule.destinations)}


def _workspace(nodes: ComputeSubnet, env: Environment) -> Workspace:
    workspaces, doubt = env.all(Workspace)
    mine = [one for one in workspaces if nodes.compute is None or compare(one.id, nodes.compute.workspace_id)]
    if not mine:
        raise NotEnoughEvidence(doubt or Unknown.because("its workspace is not among the inputs", "the workspace"))
    return mine[0]


def cluster_reaches(nodes: ClusterSubnet, env: Environment, *, flow: str) -> Answer:
    """Can the nodes of a cluster open a flow that Azure ML needs, through everything on its way?"""
    row = needed_flows.row(nodes, flow, env)
    if row is None:
        return not_applicable(f"the flow does not exist in {env.cloud}", nodes.subnet.at())
    return _judged(nodes.subnet, needed_flows.way(nodes, row, env))


def firewall_lets_hosts_through(nodes: ComputeSubnet, env: Environment, *, hosts: str) -> Answer:
    """Does the firewall that the nodes stand behind let them reach each of a group of hosts?

    What stops a whole flow, a firewall or something before it, is not said again for each of its hosts.
    """
    return _through_firewall(nodes, hosts, env)


def firewall_lets_cluster_through(nodes: ClusterSubnet, env: Environment, *, hosts: str) -> Answer:
    """Does the firewall that nodes of a cluster stand behind let them reach each of a group of hosts?"""
    return _through_firewall(nodes, hosts, env)


def _through_firewall(nodes: ComputeSubnet | ClusterSubnet, hosts: str, env: Environment) -> Answer:
    firewalls, doubt = env.all(Firewall)
    if not firewalls:
        if doubt:
            raise NotEnoughEvidence(doubt)
        return not_applicable("no Azure Firewall is among the inputs", nodes.subnet.at())
    arrived: list[Answer] = []
    refused: list[tuple[Row, Answer]] = []
    doubts: list[Unknown] = []
    for row in needed_flows.host_rows(nodes, hosts, env):
        try:
            if _stops_whole(nodes, row, env):
                continue
            way = needed_flows.way(nodes, row, env)
            answer = _judged(nodes.subnet, way)
        except NotEnoughEvidence as stopped:
            doubts.append(stopped.unknown)
            continue
        stopped_by = way.outside.refused.decider if way.outside.refused is not None else None
        if answer.verdict is Verdict.FAIL and _is_of_firewall(stopped_by):
            refused.append((row, answer))
        elif any(_is_of_firewall(step) for leg in way.outside.legs for step in leg.trace):
            arrived.append(answer)
    if refused:
        row, answer = refused[0]
        same = [one for one, _ in refused if (one.protocol, one.ports) == (row.protocol, row.ports)]
        others = "".join(f"; {one}" for one, _ in refused if one not in same)
        listed = " and ".join(one.host for one in same)
        message = f"{answer.cause} stops {row.protocol} {row.ports} to {listed}{others}"
        return failed(message, *answer.evidence, cause=answer.cause, **{**answer.facts, "host": listed})
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    if arrived:
        return passed("the firewall lets each of them through", *arrived[0].evidence)
    return not_applicable("no firewall on the way tells these hosts from others", nodes.subnet.at())


def _stops_whole(nodes: ComputeSubnet | ClusterSubnet, row: Row, env: Environment) -> bool:
    """Is the flow that a host belongs to certainly stopped, as its own page says?"""
    if not row.name:
        return False
    whole = needed_flows.row(nodes, row.name, env)
    assert whole is not None, f"{row.name} is a flow of this cloud"
    try:
        return _judged(nodes.subnet, needed_flows.way(nodes, whole, env)).verdict is Verdict.FAIL
    except NotEnoughEvidence:
        return False


def _is_of_firewall(step: Step | None) -> bool:
    return step is not None and isinstance(step.origin, Firewall | FirewallRule)


def _judged(subnet: Subnet, way: Way) -> Answer:
    row, outside, inside = way.row, way.outside, way.inside
    if outside.outcome is Outcome.ALLOWED:
        return passed(f"{row} arrives", *_evidence(outside.arrived, subnet))
    if inside is not None and way.served is not False and inside.outcome is not Outcome.DENIED:
        if inside.outcome is not Outcome.ALLOWED:
            raise _undecided(row, inside)
        if isinstance(way.served, Unknown):
            if outside.outcome is Outcome.UNKNOWN:
                raise _undecided(row, outside)
            raise NotEnoughEvidence(
                way.served.within(f"{_told(row, outside)}; a private endpoint would do, and {way.served.reason}")
            )
        return passed(f"{row} is not open, and a private endpoint serves it", *_evidence(inside.arrived, subnet))
    if outside.outcome is Outcome.UNKNOWN:
        raise _undecided(row, outside)
    stopped = outside.refused
    assert stopped is not None
    step = stopped.decider
    cause = str(step) if step is not None else ""
    return failed(_told(row, outside), *_evidence(stopped, subnet), cause=cause, **_facts(row, stopped, subnet))


def _told(row: Row, journey: Journey) -> str:
    stopped = journey.refused
    by = stopped.decider if stopped else None
    partly = " in part" if journey.outcome is Outcome.PARTLY else ""
    return f"{by} stops {row}{partly}" if by is not None else f"{row} does not arrive"


def _undecided(row: Row, journey: Journey) -> NotEnoughEvidence:
    if journey.given_up:
        return NotEnoughEvidence.because(f"whether {row} arrives falls into too many pieces", f"{row}")
    step = journey.doubtful
    reason = f": {step.doubt}" if step is not None else ""
    cause = str(step) if step is not None else "the rules on the way"
    return NotEnoughEvidence.because(f"whether {row} arrives depends on {cause}{reason}", cause)


def _facts(row: Row, stopped: Leg, subnet: Subnet) -> dict[str, str]:
    step = stopped.decider
    facts = {
        "tag": row.tag,
        "ports": row.ports,
        "protocol": row.protocol,
        "subnet": subnet.own_name.written,
        "packet": stopped.packet(),
        "host": row.host,
    }
    if step is not None:
        facts["place"] = step.where
        if step.origin is None or isinstance(step.origin, SecurityRule):  # a default rule has none
            facts["nsg"] = step.where
    return facts


def _evidence(leg: Leg | None, subnet: Subnet) -> Iterator[Evidence]:
    """The rules that a part of the flow met, the one that decided first."""
    for step in reversed(leg.trace if leg is not None else ()):
        if isinstance(step.origin, View):
            attribute = "priority" if hasattr(type(step.origin), "priority") else ""
            place = step.origin.at(attribute)
            yield Evidence(place.role, f"{step}, {place.text}" if attribute else str(step), place.where, place.via)
        else:
            yield Evidence(Role.INPUT, str(step), subnet.at("security_group").where)
    yield subnet.at("security_group")
