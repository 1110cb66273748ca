"""Private endpoints: what they lead to, which of them serve a workspace, and the private DNS zones that they need."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight.environment import Environment
from mlpreflight.resources.machine_learning import Workspace
from mlpreflight.resources.private_dns import PrivateZone, whole, zones_among, zones_called
from mlpreflight.resources.roles import Part
from mlpreflight.resources.several import Several, first
from mlpreflight.resources.vnet import EndpointAddress, PrivateEndpoint, PrivateLink, Subnet, ZoneConfig, ZoneGroup
from mlpreflight.resources.zone_needs import is_known_type, last, needs_of, type_of
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown, Where

# The attributes by which a workspace names what it stands on.
DEPENDENCIES = ("storage_account", "key_vault", "container_registry")


def links_of(endpoint: PrivateEndpoint) -> Several[PrivateLink]:
    """All connections of an endpoint, those too that wait for somebody's approval."""
    sure: tuple[PrivateLink, ...] = ()
    possible: tuple[PrivateLink, ...] = ()
    doubt: Unknown | None = None
    for name in ("connections", "manual_connections"):
        known = endpoint.look(name)
        if isinstance(known, Unknown):
            doubt = doubt or known
            continue
        sure, possible = sure + known.value.sure, possible + known.value.possible
        doubt = doubt or known.value.doubt
    return Several(sure, possible, doubt)


def zone_groups_of(endpoint: PrivateEndpoint, env: Environment) -> Several[ZoneGroup]:
    """The DNS zone groups of an endpoint."""
    return whole(endpoint, endpoint.own_zone_groups, "DNS zone groups", env)


def config_of(endpoint: PrivateEndpoint, zone: str, env: Environment) -> ZoneConfig | None:
    """The entry of a zone group of an endpoint that names a zone which is called so."""
    return first(_configs(endpoint, env), lambda config: config.zone is not None and last(config.zone) == zone)


def _configs(endpoint: PrivateEndpoint, env: Environment) -> Iterator[ZoneConfig]:
    """The entries of all zone groups that are certain; raises after them where there may be others."""
    groups = zone_groups_of(endpoint, env)
    doubt = groups.doubt
    for group in groups.sure:
        known = group.look("configs")
        if isinstance(known, Unknown):
            doubt = doubt or known
            continue
        yield from known.value.sure
        doubt = doubt or known.value.doubt
    if doubt:
        raise NotEnoughEvidence(doubt)


@dataclass(eq=False, repr=False)
class WorkspaceEndpoint(Part[PrivateEndpoint]):
    """A private endpoint that leads to a workspace, or to its storage account, key vault or registry.

    Without a workspace among the inputs each that leads to something of these kinds is taken for the workspace's.
    """

    label: ClassVar[str] = "private endpoint of a workspace"

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        workspaces, _ = env.all(Workspace)
        references: list[Text] = [workspace.id for workspace in workspaces]
        unsure: Unknown | None = None
        for workspace in workspaces:
            for attribute in DEPENDENCIES:
                known = workspace.look(attribute)
                if isinstance(known, Unknown):
                    unsure = unsure or known
                elif known.value is not None:
                    references.append(known.value)
        endpoints, doubt = env.all(PrivateEndpoint)
        for endpoint in endpoints:
            leads, open_ = _leads(endpoint, references, unsure, assumed=not workspaces)
            if leads:
                yield cls(endpoint, endpoint.doubt or open_)
        if doubt:
            raise NotEnoughEvidence(doubt)


def _leads(
    endpoint: PrivateEndpoint, references: list[Text], unsure: Unknown | None, assumed: bool
) -> tuple[bool, Unknown | None]:
    """Does an endpoint lead to one of the references? The second says why that is open; then the first is true."""
    links = links_of(endpoint)
    open_ = links.more
    for link in links.every:
        target = link.look("target")
        if isinstance(target, Unknown):
            open_ = open_ or target
            continue
        if target.value is None:
            continue
        same, doubt = _is_one_of(target.value, references, unsure, assumed)
        if same and not link.doubt:
            return True, None
        open_ = open_ or doubt or (link.doubt if same else None)
    return open_ is not None, open_


def _is_one_of(
    target: Text, references: list[Text], unsure: Unknown | None, assumed: bool
) -> tuple[bool, Unknown | None]:
    if assumed:
        kind = type_of(target)
        if kind is None:
            return False, target.holes[0] if target.holes else None
        return is_known_type(kind), None
    answers = [(compare(target, reference), reference) for reference in references]
    if any(same for same, _ in answers):
        return True, None
    perhaps = next((reference for same, reference in answers if same is None), None)
    return False, (target.holes or perhaps.holes)[0] if perhaps is not None else unsure


@dataclass(eq=False, repr=False)
class EndpointZone(Part[PrivateEndpoint]):
    """A private endpoint of a workspace, and a private DNS zone that one of its groups needs."""

    label: ClassVar[str] = "private DNS zone that a private endpoint needs"
    link: PrivateLink
    zone_name: str

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        parts, doubt = env.all(WorkspaceEndpoint)
        for part in parts:
            links = links_of(part.view)
            doubt = doubt or links.more
            for link in links.every:
                try:
                    for need in needs_of(link, env):
                        for zone in need.zones:
                            yield cls(part.view, part.doubt or link.doubt, link, zone)
                except NotEnoughEvidence as stopped:
                    doubt = doubt or stopped.unknown
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def name(self) -> Text:
        return self.view.name + " in " + self.zone_name

    def zones(self, env: Environment) -> list[PrivateZone]:
        """The zones that hold its records: the one that its zone group names, else all of the name.

        Empty only where there is certainly none; raises where it may stand outside of the inputs.
        """
        try:
            config = config_of(self.view, self.zone_name, env)
        except NotEnoughEvidence as stopped:
            found, _ = zones_among(self.zone_name, env)
            if not found:
                raise NotEnoughEvidence(stopped.unknown) from None
            return found
        if config is None or config.zone is None:
            return zones_called(self.zone_name, env)
        zone = env.find(config.zone, PrivateZone)
        return [zone] if zone is not None else []


def subnet_of(endpoint: PrivateEndpoint, env: Environment) -> Subnet:
    """The subnet that an endpoint stands in; raises NotEnoughEvidence where it cannot be seen."""
    subnet = env.find(endpoint.subnet, Subnet) if endpoint.subnet is not None else None
    if subnet is None:
        raise NotEnoughEvidence.because(f"the subnet of {endpoint.name} does not exist", f"subnet of {endpoint.name}")
    return subnet


@dataclass(eq=False, repr=False)
class ChosenZone(Part[PrivateEndpoint]):
    """A private endpoint, and a zone that its DNS zone group names."""

    label: ClassVar[str] = "zone of a DNS zone group"
    config: ZoneConfig

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        endpoints, doubt = env.all(PrivateEndpoint)
        for endpoint in endpoints:
            try:
                groups = zone_groups_of(endpoint, env)
                doubt = doubt or groups.more
                for group in groups.every:
                    configs = group.configs
                    doubt = doubt or configs.more
                    for config in configs.every:
                        yield cls(endpoint, endpoint.doubt or group.doubt or config.doubt, config)
            except NotEnoughEvidence as stopped:
                doubt = doubt or stopped.unknown
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def name(self) -> Text:
        return self.view.name + " in " + self.zone_name

    @property
    def where(self) -> Where:
        return self.config.where

    @property
    def zone_name(self) -> Text:
        """The name of the zone, perhaps with holes."""
        known = self.config.look("zone")
        if isinstance(known, Unknown):
            return Text((known,))
        return last(known.value) if known.value is not None else Text(())


@dataclass(eq=False, repr=False)
class GivenAddress(Part[PrivateEndpoint]):
    """An address that a private endpoint is given by its declaration."""

    label: ClassVar[str] = "given address of a private endpoint"
    config: EndpointAddress

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        endpoints, doubt = env.all(PrivateEndpoint)
        for endpoint in endpoints:
            known = endpoint.look("addresses")
            if isinstance(known, Unknown):
                doubt = doubt or known
                continue
            for config in known.value.every:
                yield cls(endpoint, endpoint.doubt or config.doubt, config)
            doubt = doubt or known.value.more
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def where(self) -> Where:
        return self.config.where
