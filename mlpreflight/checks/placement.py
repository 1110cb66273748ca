"""Questions about where things are: regions, subscriptions, ranges, and what else stands in a subnet."""

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.network import addresses, intervals
from mlpreflight.resources.networks import Lock, WorkspaceNetwork
from mlpreflight.resources.subjects import ComputeSubnet
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import Subnet, address_range
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text

ANY_COMPUTE, ONLY_CLUSTERS, ONLY_INSTANCES = "any", "clusters", "instances"


def network_is_in_workspace_region(used: WorkspaceNetwork, *, asked_of: str = ANY_COMPUTE) -> Answer:
    """Is the virtual network in the region of the workspace?

    `asked_of` narrows it to networks that compute clusters ("clusters") or compute instances ("instances") stand in.
    """
    compute = used.compute
    if asked_of != ANY_COMPUTE:
        is_cluster = compute is not None and compute.kind == "AmlCompute"
        is_instance = compute is not None and compute.kind == "ComputeInstance"
        if not (is_cluster if asked_of == ONLY_CLUSTERS else is_instance):
            return not_applicable(f"it is not used by compute {asked_of}", used.by)
    workspace, network = used.view, used.network
    if workspace.location is None or network.location is None:
        raise NotEnoughEvidence.because("a location is not written", "the location")
    if workspace.location == network.location:
        return passed(f"both are in {workspace.location}", workspace.at("location"), network.at("location"))
    return failed(
        f"the workspace is in {workspace.location}, its virtual network {network.name} in {network.location}",
        workspace.at("location"),
        network.at("location"),
        used.by,
    )


def nodes_are_in_network_region(nodes: ComputeSubnet) -> Answer:
    """Is a compute whose region is written in the region of its virtual network?"""
    compute = nodes.compute
    if compute is None:
        return not_applicable("no compute names the subnet", nodes.subnet.at())
    attribute = "compute_location" if compute.compute_location is not None else "location"
    own = compute.compute_location or compute.location
    if own is None:
        return not_applicable("it names no region, and takes the workspace's", compute.at("location"))
    network = nodes.subnet.network
    if network.location is None:
        raise NotEnoughEvidence.because(f"the location of {network.name} is not written", "the location")
    if own == network.location:
        return passed(f"both are in {own}", compute.at(attribute), network.at("location"))
    return failed(
        f"the compute is in {own}, its virtual network {network.name} in {network.location}",
        compute.at(attribute),
        network.at("location"),
        vnet=network.name,
    )


def network_is_in_workspace_subscription(used: WorkspaceNetwork) -> Answer:
    """Is the virtual network in the subscription of the workspace?"""
    own, other = _subscription(used.view), _subscription(used.network)
    if own == other:
        return passed(f"both are in subscription {own}", used.view.at(), used.network.at())
    return failed(
        f"the workspace is in subscription {own}, its virtual network {used.network.name} in {other}",
        used.by,
        used.network.at(),
    )


def is_not_delegated(nodes: ComputeSubnet) -> Answer:
    """Is the subnet free of delegations to other services?"""
    subnet = nodes.subnet
    delegations = subnet.delegations
    if delegations:
        service = delegations.sure[0].service
        return failed(f"it is delegated to {service}", subnet.at("delegations"), vnet=subnet.network.name)
    return passed("it is not delegated", subnet.at("delegations"))


def keeps_out_of_docker_range(nodes: ComputeSubnet) -> Answer:
    """Does the virtual network keep out of the range that compute instances use for Docker?"""
    network = nodes.subnet.network
    docker = str(data.table("addresses")["dockerBridge"])
    for prefix in network.address_prefixes:
        if intervals.intersection(address_range(prefix, "addressPrefixes"), addresses.prefix(docker) or ()):
            return failed(f"{prefix} overlaps {docker}", network.at("address_prefixes"), vnet=network.name)
    return passed(f"it does not overlap {docker}", network.at("address_prefixes"))


def is_large_enough_for_azure(subnet: Subnet) -> Answer:
    """Is the subnet as large as Azure insists on?"""
    smallest = int(data.table("addresses")["smallestPrefix"])
    for numbers in subnet.ranges:
        if numbers[0][0] < addresses.V6 and intervals.size(numbers) < 1 << (32 - smallest):
            return failed(
                f"{intervals.size(numbers)} addresses; Azure makes no subnet smaller than /{smallest}",
                subnet.at("prefix" if subnet.prefix is not None else "prefixes"),
            )
    return passed(f"it is at least a /{smallest}", subnet.at("prefix"))


def lets_computes_change(lock: Lock, env: Environment) -> Answer:
    """Does a lock leave Azure ML free to make and remove what its computes need?"""
    computes, doubt = env.all(ComputeSubnet)
    for nodes in computes:
        if nodes.doubt:
            doubt = doubt or nodes.doubt
            continue
        for place in (nodes.place.reference, *([nodes.compute.id] if nodes.compute is not None else [])):
            if _covers(lock.covers, place):
                return failed(
                    f"{lock.level} on {lock.covers} stands in the way of {nodes.name}",
                    lock.at("level"),
                    nodes.at_reference(),
                    lock=lock.own_name,
                )
    if doubt:
        raise NotEnoughEvidence(doubt)
    return passed("no compute stands below it", lock.at("level"))


def _covers(outer: Text, inner: Text) -> bool:
    """Is an id the same as another or below it? Raises NotEnoughEvidence where that is open."""
    steps, wanted = inner.split("/"), len(outer.split("/"))
    head = steps[0]
    for step in steps[1:wanted]:
        head = head + "/" + step
    same = compare(outer, head)
    if same is None:
        return bool(outer == head)  # raises, saying what is not known
    return same


def _subscription(view: View) -> Text:
    steps = view.id.split("/")
    at = next((at for at, step in enumerate(steps) if not step.holes and step == "subscriptions"), None)
    if at is None or at + 1 >= len(steps):
        reason = f"the subscription of {view.name} is not known"
        raise NotEnoughEvidence.because(reason, "the subscription (--subscription)")
    return steps[at + 1]
