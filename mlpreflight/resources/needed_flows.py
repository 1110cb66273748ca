"""The connections that nodes of Azure ML have to open, as the flow table tells them, and what becomes of them."""

from typing import Any, NamedTuple

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.nsg import Outcome
from mlpreflight.network.path import Journey
from mlpreflight.resources.ends import End, Place
from mlpreflight.resources.machine_learning import Workspace
from mlpreflight.resources.nsg import NetworkSecurityGroup, words_at
from mlpreflight.resources.paths import Wanted, leaving
from mlpreflight.resources.serving import endpoint_serving
from mlpreflight.resources.subjects import ClusterSubnet, ComputeSubnet
from mlpreflight.resources.vnet import Subnet
from mlpreflight.values import Known, NotEnoughEvidence, Text, Unknown

ATTRIBUTES = {
    "blob": "storage_account",
    "file": "storage_account",
    "vault": "key_vault",
    "registry": "container_registry",
}


class Row(NamedTuple):
    """A row of the flow table, for nodes in one region and cloud. `tag` has its region filled in."""

    name: str
    tag: str
    ports: str
    protocol: str
    hosts: tuple[str, ...]
    endpoint: str

    def __str__(self) -> str:
        return f"{self.protocol} {self.ports} to {self.tag}"


class Way(NamedTuple):
    """What became of a needed flow: to the service itself, and inside of the network where an endpoint may serve it.

    `served` says whether a private endpoint certainly serves it; None, and the reason, where that is open.
    """

    row: Row
    outside: Journey
    inside: Journey | None = None
    served: bool | Unknown = False


def row(name: str, region: str, cloud: str) -> Row | None:
    """A row by its name; None where the flow does not exist in a cloud. Raises KeyError for another name."""
    raw: dict[str, Any] = data.table("flows")["flows"][name]
    if cloud not in raw.get("clouds", [cloud]):
        return None
    hosts = tuple(str(host).replace("{region}", region) for host in raw.get("hosts", {}).get(cloud, ()))
    tag = str(raw["to"]).replace("{region}", region)
    return Row(name, tag, str(raw["ports"]), str(raw["protocol"]), hosts, str(raw.get("endpoint", "")))


def names() -> list[str]:
    return list(data.table("flows")["flows"])


def kinds(name: str) -> tuple[str, ...]:
    """The kinds of compute that need a flow; empty: all."""
    return tuple(data.table("flows")["flows"][name].get("computes", ()))


def region_of(nodes: ComputeSubnet | ClusterSubnet, env: Environment) -> str:
    """The region of nodes as tags write it; a stand-in where it is not known."""
    if isinstance(nodes, ComputeSubnet):
        region = nodes.region(env)
    else:
        known = nodes.cluster.look("location")
        region = known.value if isinstance(known, Known) else None
    return tags.SOMEWHERE if region is None or region.holes else region.known.replace(" ", "").lower()


def way(nodes: ComputeSubnet | ClusterSubnet, wanted: Row, env: Environment) -> Way:
    """What becomes of a needed flow. Raises NotEnoughEvidence where what stands on its way is not among the inputs."""
    outside = leaving(nodes.subnet, _wanted(wanted, env), env)
    if not wanted.endpoint or outside.outcome is Outcome.ALLOWED:
        return Way(wanted, outside)
    within = inside(nodes.subnet, wanted.ports, env, wanted.protocol)
    return Way(wanted, outside, within, _served(wanted.endpoint, nodes, env))


def inside(subnet: Subnet, ports: str, env: Environment, protocol: str = "Tcp") -> Journey:
    """What becomes of connections to other addresses of the virtual network, where private endpoints stand."""
    protocols, found = addresses.protocols(protocol), addresses.ports(ports)
    if protocols is None or found is None:
        raise ValueError(f"{protocol} {ports} is no flow")
    return leaving(subnet, Wanted(End(AddressSet(names=frozenset({tags.OWN}))), found, protocols), env)


def _wanted(wanted: Row, env: Environment) -> Wanted:
    protocols, ports = addresses.protocols(wanted.protocol), addresses.ports(wanted.ports)
    if protocols is None or ports is None:
        raise ValueError(f"{wanted} is no flow")
    region = wanted.tag.partition(".")[2]
    among = env.once(("ends", region), lambda: _all_ends(region, env))
    return Wanted(end_of(wanted.tag, env), ports, protocols, wanted.hosts, among)


def end_of(tag: str, env: Environment) -> End:
    """The addresses of a tag: by number where the user's list of service tags has it, else by name."""
    if env.tags is not None and tag in env.tags:
        return env.once(("end", tag), lambda: _numbered([tag], env))
    return End(AddressSet(names=parts_of(tag, env)))


def _numbered(tags_: list[str], env: Environment) -> End:
    assert env.tags is not None
    numbers = intervals.merged(pair for tag in tags_ for pair in env.tags.numbers(tag))
    return End(AddressSet(numbers), Place.PUBLIC, env.tags)


def _all_ends(region: str, env: Environment) -> End | None:
    """Where all needed flows go: one end, for which the rules of a group are read once. None where they are mixed."""
    rows = [one for name in names() if (one := row(name, region or tags.SOMEWHERE, env.cloud)) is not None]
    known = [one.tag for one in rows if env.tags is not None and one.tag in env.tags]
    if not known:
        return End(AddressSet(names=frozenset(part for one in rows for part in parts_of(one.tag, env))))
    return _numbered(known, env) if len(known) == len(rows) else None


def parts_of(tag: str, env: Environment) -> frozenset[str]:
    """A tag, cut into the regions that any rule names and the rest of it, so that each can be decided for itself."""
    own = tag.lower()
    regions = {word for word in env.once("words", lambda: _words(env)) if word.startswith(own + ".")}
    return frozenset({f"{own}.(the rest)", *regions}) if regions else frozenset({own})


def _words(env: Environment) -> frozenset[str]:
    groups = env.all(NetworkSecurityGroup)[0]
    listed = [word for group in groups for word in (*words_at(group, "source"), *words_at(group, "destination"))]
    return frozenset(word.known.strip().lower() for word in listed if not word.holes)


def _served(group: str, nodes: ComputeSubnet | ClusterSubnet, env: Environment) -> bool | Unknown:
    """Does a private endpoint near the nodes serve the workspace's own storage account, vault or registry?"""
    targets: list[Text] = []
    for workspace in env.all(Workspace)[0]:
        known = workspace.look(ATTRIBUTES[group])
        if isinstance(known, Known) and known.value is not None:
            targets.append(known.value)
    try:
        if endpoint_serving(targets, group, nodes, env) is not None:
            return True
    except NotEnoughEvidence as stopped:
        return stopped.unknown
    if env.complete:
        return False
    told = f"no private endpoint for {group} is among the inputs"
    return Unknown.because(told, f"the private endpoint for {group}, if there is one")
