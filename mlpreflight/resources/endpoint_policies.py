"""Service endpoint policies: what they let through of the storage that a subnet calls over its service endpoint."""

from collections.abc import Iterator
from typing import NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.finding import Evidence
from mlpreflight.resources.attributes import many, reference, text, words
from mlpreflight.resources.several import some
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import ServiceEndpoint, Subnet
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

STORAGE, GLOBAL_STORAGE = "Microsoft.Storage", "Microsoft.Storage.Global"
ALIASES, ALL_ALIASES = "/services/", "/services/Azure"
MACHINE_LEARNING = "/services/Azure/MachineLearning"


class PolicyDefinition(View, label="definition of a service endpoint policy"):
    """What a policy lets through. `service` is Microsoft.Storage for accounts, and Global for aliases."""

    service = text("service")
    targets = words("serviceResources")


class ServiceEndpointPolicy(View, type="Microsoft.Network/serviceEndpointPolicies", label="service endpoint policy"):
    """A list of the storage that may be called over the service endpoints of the subnets it is on."""

    definitions = many("serviceEndpointPolicyDefinitions", kind=PolicyDefinition)


class PolicyReference(View, label="service endpoint policy", bare=True):
    policy = reference("id")


class FilteredSubnet(View, label="subnet"):
    """A subnet with the service endpoint policies that are on it."""

    policies = many("serviceEndpointPolicies", kind=PolicyReference)
    service_endpoints = many("serviceEndpoints", kind=ServiceEndpoint)

    @classmethod
    def of(cls, subnet: Subnet) -> "FilteredSubnet":
        """The same subnet, seen for its policies."""
        return cls(subnet.resource, subnet.node, subnet.use, subnet.parent)

    @property
    def has_storage_endpoint(self) -> bool:
        """Has it a service endpoint for storage that policies filter? Raises NotEnoughEvidence where that is open."""
        return some(self.service_endpoints, _is_filtered)


def _is_filtered(endpoint: ServiceEndpoint) -> bool:
    if endpoint.service == GLOBAL_STORAGE:
        told = f"whether policies filter what goes over {GLOBAL_STORAGE} is not documented"
        raise NotEnoughEvidence.because(told, told)
    return endpoint.service == STORAGE


class Admitted(NamedTuple):
    """Something that a policy lets through: an alias, an account, or all accounts of a group or subscription."""

    target: Text
    service: Text | None
    place: Evidence

    @property
    def is_alias(self) -> bool:
        """Is it an alias and no account? Raises NotEnoughEvidence where that is open."""
        head = self.target.parts[:1]
        if not head or isinstance(head[0], Unknown):
            _ = self.target.known
            return False
        return head[0].lower().startswith(ALIASES)


def admitted(subnet: FilteredSubnet, env: Environment) -> Iterator[Admitted]:
    """What all policies of a subnet let through; raises after what is certain where there may be more.

    What one of several policies lets through passes.
    """
    doubt: Unknown | None = None
    for one in _definitions(subnet, env):
        if isinstance(one, Unknown):
            doubt = doubt or one
            continue
        targets, service = one.look("targets"), one.look("service")
        if isinstance(targets, Unknown) or isinstance(service, Unknown):
            doubt = doubt or next(known for known in (targets, service) if isinstance(known, Unknown))
            continue
        for target in targets.value.sure:
            yield Admitted(target, service.value, one.at("targets"))
        doubt = doubt or targets.value.doubt
    if doubt:
        raise NotEnoughEvidence(doubt)


def _definitions(subnet: FilteredSubnet, env: Environment) -> Iterator[PolicyDefinition | Unknown]:
    """The definitions of all policies that are certainly on a subnet, and each reason why there may be others."""
    known = subnet.look("policies")
    if isinstance(known, Unknown):
        yield known
        return
    for one in known.value.sure:
        try:
            policy = env.find(one.policy, ServiceEndpointPolicy) if one.policy is not None else None
            if policy is None:
                told = f"a service endpoint policy of {subnet.name} does not exist"
                raise NotEnoughEvidence.because(told, f"service endpoint policies of {subnet.name}")
            definitions = policy.definitions
        except NotEnoughEvidence as stopped:
            yield stopped.unknown
            continue
        yield from definitions.sure
        if definitions.doubt:
            yield definitions.doubt
    if known.value.doubt:
        yield known.value.doubt


def covers(outer: Text, account: Text) -> bool:
    """Is an id that of an account, or of its group or subscription? Raises NotEnoughEvidence where that is open."""
    steps = account.split("/")
    heads = [account] + [_joined(steps[:count]) for count in (3, 5) if len(steps) > count]
    if any(compare(outer, head) is True for head in heads):
        return True
    holes = outer.holes or account.holes
    below = Text((*outer.parts, "/", Unknown.because("what stands below it", "what stands below it")))
    if holes and (compare(outer, account) is None or compare(below, account) is None):
        told = f"whether {outer} holds {steps[-1]} depends on {holes[0].cause}"
        raise NotEnoughEvidence(holes[0].within(told))
    return False


def _joined(steps: list[Text]) -> Text:
    whole = steps[0]
    for step in steps[1:]:
        whole = whole + "/" + step
    return whole
