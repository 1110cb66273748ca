"""Questions about private endpoints: are they there, within reach, and does what they lead to support them?"""

from typing import NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.joined import are_joined, meet_elsewhere
from mlpreflight.resources.needed_endpoints import EndpointForCompute, NeededEndpoint, leading_to
from mlpreflight.resources.private_endpoints import subnet_of
from mlpreflight.resources.registry import ContainerRegistry
from mlpreflight.resources.several import first
from mlpreflight.resources.subjects import ComputeSubnet
from mlpreflight.resources.zone_needs import WORKSPACE_GROUP, last
from mlpreflight.values import NotEnoughEvidence


def has_private_endpoint(needed: NeededEndpoint, env: Environment) -> Answer:
    """Does a private endpoint lead to what an isolated workspace needs?"""
    if reason := needed.other_way(env):
        return not_applicable(reason)
    leading = needed.leading(env)
    if leading.sure:
        return passed(f"{leading.sure[0].name} leads to it", leading.sure[0].at("connections"))
    if leading.doubt:
        raise NotEnoughEvidence(leading.doubt)
    if not env.complete:
        raise leading.elsewhere(needed.target, needed.group)
    thing = needed.thing(env)
    return failed(
        f"no private endpoint leads to {needed.name}, and the public way is shut",
        thing.at("public_network_access") if thing is not None else needed.workspace.at("public_network_access"),
        needed.workspace.at("public_network_access"),
        target=needed.target,
        group=needed.group,
    )


def is_within_reach(pair: EndpointForCompute, env: Environment) -> Answer:
    """Does a private endpoint stand in the virtual network of a compute, or in one that is peered with it?"""
    needed, nodes = pair.needed, pair.nodes
    if reason := needed.other_way(env):
        return not_applicable(reason)
    leading = needed.leading(env)
    if not leading.sure:
        if leading.doubt:
            raise NotEnoughEvidence(leading.doubt)
        return not_applicable("no private endpoint among the inputs leads to it", nodes.at_reference())
    network = nodes.subnet.network
    found = first(leading.sure, lambda one: are_joined(network, subnet_of(one, env).network))
    if found is not None:
        home = subnet_of(found, env).network
        told = f"{found.name} stands in it too" if home.node is network.node else f"{found.name} stands in {home.name}"
        return passed(told, found.at("subnet"), nodes.at_reference())
    if leading.doubt:
        raise NotEnoughEvidence(leading.doubt)
    if not env.complete:
        raise leading.elsewhere(needed.target, needed.group)
    over = first(leading.sure, lambda one: meet_elsewhere(network, subnet_of(one, env).network))
    if over is not None or env.of_type("Microsoft.Network/virtualHubs/hubVirtualNetworkConnections"):
        told = f"whether a hub routes from {network.name} to {leading.sure[0].name} is not known"
        raise NotEnoughEvidence.because(told, f"the routes of the hub of {network.name}")
    homes = ", ".join(dict.fromkeys(subnet_of(one, env).network.name.written for one in leading.sure))
    return failed(
        f"{leading.sure[0].name} stands in {homes}, which is not peered with {network.name}",
        leading.sure[0].at("subnet"),
        nodes.at_reference(),
        vnet=network.name,
        other=homes,
    )


class _Feature(NamedTuple):
    """Something that only a Premium registry has: how people call it, and the attribute and value that ask for it."""

    told: str
    attribute: str
    value: str | bool

    def is_used(self, registry: ContainerRegistry) -> bool:
        return bool(getattr(registry, self.attribute) == self.value)


_PREMIUM_ONLY = (
    _Feature("a firewall", "default_action", "Deny"),
    _Feature("shutting the public network out", "public_network_access", "Disabled"),
    _Feature("a data endpoint of its own", "has_data_endpoint", True),
)


def is_premium(registry: ContainerRegistry, env: Environment) -> Answer:
    """Has a registry the tier that its private endpoints, firewall or data endpoint need?"""
    if registry.sku is None:
        raise NotEnoughEvidence.because(f"the tier of {registry.name} is not written", "sku.name")
    if registry.sku == "Premium":
        return passed("it is Premium", registry.at("sku"))
    leading = leading_to(registry.id, "registry", env)
    if leading.sure:
        told, place = f"the private endpoint {leading.sure[0].name}", leading.sure[0].at("connections")
    else:
        used = first(_PREMIUM_ONLY, lambda one: one.is_used(registry))
        if used is None and leading.doubt:
            raise NotEnoughEvidence(leading.doubt)
        if used is None:
            return not_applicable("it asks for nothing that only Premium has", registry.at("sku"))
        told, place = used.told, registry.at(used.attribute)
    return failed(f"it is {registry.sku}, and {told} needs Premium", registry.at("sku"), place)


_POLICIES = (("link_service_policies", "private link services"), ("endpoint_policies", "private endpoints"))


def lets_private_link_through(nodes: ComputeSubnet) -> Answer:
    """Are the subnet's policies for private link off, where its nodes have no public address?"""
    compute = nodes.compute
    if compute is None or compute.has_public_ip:
        return not_applicable("nothing says that its nodes have no public address", nodes.at_reference())
    subnet = nodes.subnet
    on = first(_POLICIES, lambda one: getattr(subnet, one[0]) is not None and getattr(subnet, one[0]) != "Disabled")
    if on is not None:
        return failed(
            f"network policies for {on[1]} are on",
            subnet.at(on[0]),
            compute.at("has_public_ip"),
            vnet=subnet.network.name,
            subnet=subnet.own_name,
        )
    if subnet.endpoint_policies is None:
        raise NotEnoughEvidence.because(
            f"whether {subnet.name} has network policies for private endpoints is not written, "
            "and what Azure assumes has changed with the version of its interface",
            f"privateEndpointNetworkPolicies of {subnet.name}",
        )
    return passed("both network policies are off", subnet.at("link_service_policies"), subnet.at("endpoint_policies"))


def has_workspace_endpoint(nodes: ComputeSubnet, env: Environment) -> Answer:
    """Does a private endpoint lead to the workspace of nodes that have no public address?"""
    compute = nodes.compute
    if compute is None or compute.has_public_ip:
        return not_applicable("nothing says that its nodes have no public address", nodes.at_reference())
    leading = leading_to(compute.workspace_id, WORKSPACE_GROUP, env)
    if leading.sure:
        return passed(f"{leading.sure[0].name} leads to it", leading.sure[0].at("connections"))
    if leading.doubt:
        raise NotEnoughEvidence(leading.doubt)
    if not env.complete:
        raise leading.elsewhere(compute.workspace_id, WORKSPACE_GROUP)
    return failed(
        "its nodes have no public address, and no private endpoint leads to the workspace",
        compute.at("has_public_ip"),
        nodes.at_reference(),
        workspace=last(compute.workspace_id),
        workspace_id=compute.workspace_id,
    )
