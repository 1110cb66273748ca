"""Private endpoints that serve nodes: those of the right group, in their own network or in one that it is joined to."""

from collections.abc import Sequence

from mlpreflight.environment import Environment
from mlpreflight.resources.joined import are_joined, meet_elsewhere
from mlpreflight.resources.places import Placed
from mlpreflight.resources.private_endpoints import links_of
from mlpreflight.resources.several import first, some
from mlpreflight.resources.vnet import PrivateEndpoint, PrivateLink, Subnet
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text


def endpoint_serving(targets: Sequence[Text], group: str, nodes: Placed, env: Environment) -> PrivateEndpoint | None:
    """The private endpoint of a group that leads nodes to one of the targets (to any, where there are none).

    None where none among the inputs does; raises NotEnoughEvidence where that is open.
    """

    def leads(link: PrivateLink) -> bool:
        if not some(link.group_ids, lambda word: word == group):
            return False
        return not targets or any(link.target is not None and link.target == target for target in targets)

    def serves(endpoint: PrivateEndpoint) -> bool:
        if not some(links_of(endpoint), leads) or not _is_near(endpoint, nodes, env):
            return False
        if endpoint.doubt:
            raise NotEnoughEvidence(endpoint.doubt)
        return True

    endpoints, doubt = env.all(PrivateEndpoint)
    found = first(endpoints, serves)
    if found is None and doubt:
        raise NotEnoughEvidence(doubt)
    return found


def _is_near(endpoint: PrivateEndpoint, nodes: Placed, env: Environment) -> bool:
    if endpoint.subnet is None:
        raise NotEnoughEvidence.because(f"{endpoint.name} names no subnet", f"the subnet of {endpoint.name}")
    if compare(endpoint.subnet, nodes.place.reference) is True:
        return True
    own = env.find(endpoint.subnet, Subnet)
    if own is None:
        return False
    if are_joined(own.network, nodes.subnet.network):
        return True
    if meet_elsewhere(own.network, nodes.subnet.network):
        raise NotEnoughEvidence.because(
            f"whether {endpoint.name} is reached through a third network is not known", f"the way to {endpoint.name}"
        )
    return False
