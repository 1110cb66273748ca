"""Questions about what nodes must be able to open: each needed flow, through everything that stands on its way."""

from collections.abc import Iterator

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, Evidence, Role, failed, not_applicable, passed
from mlpreflight.network.nsg import Outcome
from mlpreflight.network.path import Journey, Leg
from mlpreflight.resources import needed_flows
from mlpreflight.resources.needed_flows import Row, Way
from mlpreflight.resources.subjects import ClusterSubnet, ComputeSubnet
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import Subnet
from mlpreflight.values import NotEnoughEvidence, Unknown


def nodes_reach(nodes: ComputeSubnet, env: Environment, *, flow: str, only_with_public_ip: bool = False) -> Answer:
    """Can the nodes of a compute open a flow that they need, through everything on its way?"""
    compute = nodes.compute
    kinds = needed_flows.kinds(flow)
    if kinds and compute is not None and not any(compute.kind == kind for kind in kinds):
        return not_applicable(f"only a {' or '.join(kinds)} needs it", compute.at("kind"))
    if only_with_public_ip and compute is not None and not compute.has_public_ip:
        return not_applicable("its nodes have no public address", compute.at("has_public_ip"))
    row = needed_flows.row(flow, needed_flows.region_of(nodes, env), env.cloud)
    if row is None:
        return not_applicable(f"the flow does not exist in {env.cloud}", nodes.at_reference())
    return _judged(nodes.subnet, needed_flows.way(nodes, row, env))


def cluster_reaches(nodes: ClusterSubnet, env: Environment, *, flow: str) -> Answer:
    """Can the nodes of a cluster open a flow that Azure ML needs, through everything on its way?"""
    row = needed_flows.row(flow, needed_flows.region_of(nodes, env), env.cloud)
    if row is None:
        return not_applicable(f"the flow does not exist in {env.cloud}", nodes.subnet.at())
    return _judged(nodes.subnet, needed_flows.way(nodes, row, env))


def _judged(subnet: Subnet, way: Way) -> Answer:
    row, outside, inside = way.row, way.outside, way.inside
    if outside.outcome is Outcome.ALLOWED:
        return passed(f"{row} arrives", *_evidence(outside.arrived, subnet))
    if inside is not None and way.served is not False and inside.outcome is not Outcome.DENIED:
        if inside.outcome is not Outcome.ALLOWED:
            raise _undecided(row, inside)
        if isinstance(way.served, Unknown):
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
    return {
        "tag": row.tag,
        "ports": row.ports,
        "protocol": row.protocol,
        "nsg": step.where if step is not None else "",
        "subnet": subnet.own_name.written,
        "packet": stopped.packet(),
    }


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
