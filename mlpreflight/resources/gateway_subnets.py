"""Subnets that application gateways stand in, and what else stands there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from mlpreflight.environment import Environment
from mlpreflight.finding import Evidence
from mlpreflight.resources.gateways import ApplicationGateway, LoadBalancer
from mlpreflight.resources.node_subnets import NodeSubnet
from mlpreflight.resources.places import Place, Placed, named_by
from mlpreflight.resources.roles import named
from mlpreflight.resources.several import first
from mlpreflight.resources.view import View
from mlpreflight.resources.vnet import NetworkInterface, PrivateEndpoint, Subnet
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown, Where

OWN_DELEGATION = "Microsoft.Network/applicationGateways"
OWN_CONFIGURATION = "/applicationgateways/"


class Neighbour(NamedTuple):
    """Something in the subnet that is no application gateway: in words, and where that is written."""

    told: str
    evidence: Evidence


@dataclass(eq=False, repr=False)
class GatewaySubnet(Placed):
    """A subnet with all application gateways in it; with none for a subnet that only `roles:` names."""

    label: ClassVar[str] = "subnet of an application gateway"
    gateways: tuple[ApplicationGateway, ...]

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        gateways, doubt = env.all(ApplicationGateway)
        groups: dict[object, tuple[Place, list[ApplicationGateway]]] = {}
        for gateway in gateways:
            configurations = gateway.look("configurations")
            if isinstance(configurations, Unknown):
                doubt = doubt or configurations
                continue
            for one in configurations.value.every:
                reference = named_by(one.look("subnet"))
                if reference is not None:
                    place = Place.of(reference, env)
                    key = id(place.subnet.node) if place.subnet else reference.written.lower()
                    groups.setdefault(key, (place, []))[1].append(gateway)
        for place, found in groups.values():
            open_ = next((one.doubt for one in found if one.doubt), None) if len(found) == 1 else None
            yield cls(place, (place.subnet.doubt if place.subnet else None) or open_, tuple(found))
        for subnet in env.all(Subnet)[0] if "gatewaySubnet" in env.roles else ():
            if named(env, "gatewaySubnet", subnet) and id(subnet.node) not in groups:
                yield cls(Place(subnet.id, subnet, None), subnet.doubt, ())
        if doubt:
            raise NotEnoughEvidence(doubt)

    def certain(self) -> tuple[ApplicationGateway, ...]:
        """The gateways that are certainly deployed; all of them where the whole subject is in doubt."""
        return tuple(one for one in self.gateways if not one.doubt) or self.gateways

    def of_v2(self) -> ApplicationGateway | None:
        """A gateway of the second generation in the subnet that Azure manages over the Internet.

        Raises NotEnoughEvidence where none is known to be one and one may be.
        """
        self.raise_where_empty()
        return first(self.certain(), lambda one: one.is_v2 and not one.is_isolated)

    def raise_where_more(self, env: Environment) -> None:
        """Raises NotEnoughEvidence where another gateway may stand here too."""
        for gateway in env.all(ApplicationGateway)[0]:
            if gateway.doubt and not any(one is gateway for one in self.certain()):
                raise NotEnoughEvidence(gateway.doubt)
            for one in gateway.configurations.every:
                reference = named_by(one.look("subnet"))
                if reference is not None and compare(reference, self.subnet.id) is None:
                    told = f"whether {gateway.name} stands in {self.name} is not known"
                    raise NotEnoughEvidence.because(told, f"the subnet of {gateway.name}")

    def raise_where_empty(self) -> None:
        """Raises NotEnoughEvidence where only `roles:` say that a gateway stands here."""
        if not self.gateways:
            told = f"the gateway in {self.name} is not among the inputs"
            raise NotEnoughEvidence.because(told, f"the gateway in {self.name}")

    @property
    def name(self) -> Text:
        return self.place.name

    @property
    def where(self) -> Where:
        return self.place.subnet.where if self.place.subnet else self.gateways[0].where


def neighbours(subnet: Subnet, env: Environment) -> tuple[list[Neighbour], Unknown | None]:
    """What certainly stands in a subnet and is no application gateway, and why there may be more."""
    found: list[Neighbour] = []
    doubts: list[Unknown] = []
    for one in _anybody(env):
        same = compare(one.reference, subnet.id)
        if same and not one.doubt:
            found.append(Neighbour(one.told, one.evidence))
        elif same is not False:
            reason = f"whether {one.told} stands in {subnet.name} is not known"
            doubts.append(one.doubt or Unknown.because(reason, one.told))
    for listed in (_delegated, _occupying):
        try:
            found += listed(subnet)
        except NotEnoughEvidence as stopped:
            doubts.append(stopped.unknown)
    return found, doubts[0] if doubts else None


class _Stander(NamedTuple):
    """Something that stands in a subnet: in words, where that is written, which subnet, and whether it is so at all."""

    told: str
    evidence: Evidence
    reference: Text
    doubt: Unknown | None


def _delegated(subnet: Subnet) -> list[Neighbour]:
    place = subnet.at("delegations")
    others = [one.service for one in subnet.delegations if one.service != OWN_DELEGATION]
    return [Neighbour(f"a delegation to {service}", place) for service in others]


def _occupying(subnet: Subnet) -> list[Neighbour]:
    """What Azure itself lists of a subnet that exists."""
    users = [one.user for one in subnet.occupied if one.user is not None]
    others = [user for user in users if OWN_CONFIGURATION not in user.written.lower()]
    return [Neighbour(_user(user), subnet.at("occupied")) for user in others]


def _user(configuration: Text) -> str:
    """Who an IP configuration belongs to, as its id tells."""
    return configuration.written.rsplit("/providers/", 1)[-1].split("/", 1)[-1].split("/ipConfigurations")[0]


def _anybody(env: Environment) -> Iterator[_Stander]:
    """Everything that stands in any subnet and is no application gateway."""
    for nodes in env.all(NodeSubnet)[0]:
        for one in nodes.occupants:
            yield _Stander(f"the {one.view.label} {one.view.own_name}", one.view.at(), one.reference, one.view.doubt)
    for endpoint in env.all(PrivateEndpoint)[0]:
        yield from _standing(endpoint, endpoint, endpoint.doubt)
    for interface in env.all(NetworkInterface)[0]:
        yield from _inside(interface, "ip_configurations")
    for balancer in env.all(LoadBalancer)[0]:
        yield from _inside(balancer, "frontends")


def _inside(view: View, parts: str) -> Iterator[_Stander]:
    """A resource as often as parts of it stand in subnets."""
    listed = view.look(parts)
    if isinstance(listed, Unknown):
        yield _Stander(f"the {view.label} {view.name}", view.at(parts), Text((listed,)), view.doubt)
        return
    for part in listed.value.every:
        yield from _standing(view, part, view.doubt or part.doubt)


def _standing(view: View, part: View, doubt: Unknown | None) -> Iterator[_Stander]:
    reference = named_by(part.look("subnet"))
    if reference is not None:
        yield _Stander(f"the {view.label} {view.name}", part.at("subnet"), reference, doubt)
