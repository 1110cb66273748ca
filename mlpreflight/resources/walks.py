"""Flows sent through the network security groups that stand on their way, and the evidence of what became of them."""

from typing import NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.finding import Evidence, Role
from mlpreflight.network import addresses, tags
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.nsg import Flow, Outcome, Piece, Walk, walk
from mlpreflight.resources.ends import End, Place, unknown_name
from mlpreflight.resources.nsg import (
    ALL_ADDRESSES,
    WORLD,
    NetworkSecurityGroup,
    SecurityRule,
    groups_at,
    rules_of,
    words_at,
)
from mlpreflight.resources.vnet import Subnet
from mlpreflight.values import NotEnoughEvidence, Text


class Passage(NamedTuple):
    """What became of a flow at one group. `subnet` is where the group stands, None for the group by itself."""

    group: NetworkSecurityGroup
    subnet: Subnet | None
    walk: Walk

    @property
    def outcome(self) -> Outcome:
        return self.walk.outcome

    @property
    def refused(self) -> Piece | None:
        return self.walk.decider(allow=False)

    @property
    def opened(self) -> Piece | None:
        return self.walk.decider(allow=True)

    def evidence(self, piece: Piece | None) -> list[Evidence]:
        """The rule that decides, or the group if that is one of Azure's defaults, and the subnet it stands on."""
        stands = [self.subnet.at("security_group")] if self.subnet else []
        rule = piece.rule.origin if piece else None
        if isinstance(rule, SecurityRule):
            first = rule.at("priority")
            return [Evidence(first.role, f"rule {rule.own_name}, {first.text}", first.where, first.via), *stands]
        name = piece.rule.name if piece else "no rule"
        place = self.group.at("rules")
        text = f"no rule of its own matches; {name} decides"
        return [Evidence(Role.ABSENT, text, place.where, place.via), *stands]

    def undecided(self, question: str) -> NotEnoughEvidence:
        """What to raise where the walk leaves a question open."""
        rule = self.walk.doubtful
        cause = f"rule {rule.name}" if rule else "the rules of the group"
        reason = "it falls into too many pieces" if self.walk.given_up else rule.doubt if rule else "they refuse a part"
        return NotEnoughEvidence.because(f"{question} depends on {cause} of {self.group.name}: {reason}", cause)


def told(piece: Piece | None) -> str:
    """The rule that decides a piece, as people say it: "DenyAll (4096)"."""
    if piece is None:
        return "no rule"
    return f"{piece.rule.name} ({piece.rule.priority})" if piece.rule.origin else piece.rule.name


def from_world(group: NetworkSecurityGroup, ports: str, protocol: str) -> Passage:
    """Connections from the Internet at large to whatever stands behind a group."""
    rented = frozenset(word for word in _known(words_at(group, "source")) if word.split(".")[0] == "azurecloud")
    source = End(AddressSet(WORLD, rented), Place.WORLD)
    inside = groups_at(group, "destination")
    inside += [unknown_name(word) for word in words_at(group, "destination") if word.holes]
    return _through(group, None, True, source, End(AddressSet(ALL_ADDRESSES, frozenset(inside))), ports, protocol)


def from_clients(subnet: Subnet, group: NetworkSecurityGroup, ports: str) -> Passage:
    """Connections from the Internet at large to the machines of a subnet."""
    return _through(group, subnet, True, End(AddressSet(WORLD), Place.WORLD), _own(subnet), ports, "Tcp")


def with_tag(
    subnet: Subnet, group: NetworkSecurityGroup, inbound: bool, tag: str, ports: str, protocol: str
) -> Passage:
    """Connections between the machines of a subnet and what a service tag names."""
    own, peer = _own(subnet), End(AddressSet(names=_parts_of(tag, group, "source" if inbound else "destination")))
    source, destination = (peer, own) if inbound else (own, peer)
    return _through(group, subnet, inbound, source, destination, ports, protocol)


def group_on(subnet: Subnet, env: Environment) -> NetworkSecurityGroup | None:
    """The group on a subnet; raises NotEnoughEvidence where it is not among the inputs."""
    reference = subnet.security_group
    return env.find(reference, NetworkSecurityGroup) if reference is not None else None


def _through(
    group: NetworkSecurityGroup,
    subnet: Subnet | None,
    inbound: bool,
    source: End,
    destination: End,
    ports: str,
    protocol: str,
) -> Passage:
    flow = Flow(protocols_of(protocol), source.addresses, addresses.ALL_PORTS, destination.addresses, ports_of(ports))
    return Passage(group, subnet, walk(rules_of(group, inbound, source, destination), flow))


def _parts_of(tag: str, group: NetworkSecurityGroup, end: str) -> frozenset[str]:
    """A tag, cut into the regions that rules name and the rest of it, so that each part can be decided for itself."""
    own = tag.lower()
    regions = {word for word in _known(words_at(group, end)) if word.startswith(own + ".")}
    return frozenset({f"{own}.(the rest)", *regions}) if regions else frozenset({own})


def _own(subnet: Subnet) -> End:
    """The addresses of a subnet; by name where they are not known."""
    try:
        return End(AddressSet(subnet.numbers))
    except NotEnoughEvidence:
        return End(AddressSet(names=frozenset({tags.OWN})))


def _known(words: list[Text]) -> list[str]:
    return [word.known.strip().lower() for word in words if not word.holes]


def ports_of(text: str) -> Intervals:
    """The ports that a rule page names; raises ValueError where it names none."""
    found = addresses.ports(text)
    if found is None:
        raise ValueError(f"{text!r} names no ports")
    return found


def protocols_of(text: str) -> frozenset[str]:
    """The protocols that a rule page names; raises ValueError where it names none."""
    found = addresses.protocols(text)
    if found is None:
        raise ValueError(f"{text!r} is no protocol")
    return found
