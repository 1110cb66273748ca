"""The connections that nodes of Azure ML have to open, as the flow table tells them, and what becomes of them."""

from collections.abc import Sequence
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
from mlpreflight.text import compare
from mlpreflight.values import Known, NotEnoughEvidence, Text, Unknown

ATTRIBUTES = {
    "blob": "storage_account",
    "file": "storage_account",
    "vault": "key_vault",
    "registry": "container_registry",
}


HELD = {"storage": "storage_account", "registry": "container_registry"}
"""What a workspace has, by the word for its name in the names of hosts."""


class Row(NamedTuple):
    """A row of the flow table, for nodes in one region and cloud. `tag` has its region filled in.

    `host` is the one of its names that it was narrowed to, where it was.
    """

    name: str
    tag: str
    ports: str
    protocol: str
    hosts: tuple[str, ...]
    endpoint: str
    host: str = ""

    def __str__(self) -> str:
        goal = f"{self.host} ({self.tag})" if self.host else self.tag
        return f"{self.protocol} {self.ports} to {goal}"

    def only(self, host: str) -> "Row":
        """The part of the flow that is for one host."""
        return self._replace(hosts=(host,), host=host)


class Way(NamedTuple):
    """What became of a needed flow: to the service itself, and inside of the network where an endpoint may serve it.

    `served` says whether a private endpoint certainly serves it; None, and the reason, where that is open.
    """

    row: Row
    outside: Journey
    inside: Journey | None = None
    served: bool | Unknown = False


def row(nodes: ComputeSubnet | ClusterSubnet, name: str, env: Environment) -> Row | None:
    """A row by its name, for nodes; None where the flow does not exist in a cloud. KeyError for another name."""
    raw: dict[str, Any] = data.table("flows")["flows"][name]
    tag = _tag(name, region_of(nodes, env), env.cloud)
    if tag is None:
        return None
    hosts = tuple(_filled(str(host), nodes, env) for host in raw.get("hosts", {}).get(env.cloud, ()))
    return Row(name, tag, str(raw["ports"]), str(raw["protocol"]), hosts, str(raw.get("endpoint", "")))


def _tag(name: str, region: str, cloud: str) -> str | None:
    """The service tag that a flow goes to; None where the flow does not exist in a cloud."""
    raw: dict[str, Any] = data.table("flows")["flows"][name]
    return str(raw["to"]).replace("{region}", region) if cloud in raw.get("clouds", [cloud]) else None


def host_rows(nodes: ComputeSubnet | ClusterSubnet, group: str, env: Environment) -> list[Row]:
    """The rows of a group of hosts, one for each: those that somebody of this kind needs, in this cloud."""
    compute = nodes.compute if isinstance(nodes, ComputeSubnet) else None
    found: list[Row] = []
    for raw in data.table("flows")["hosts"][group]:
        if compute is not None and not _is_for(compute.kind, raw.get("computes", ())):
            continue
        bare = Row("", str(raw.get("to", "")), str(raw.get("ports", "")), str(raw.get("protocol", "")), (), "")
        whole = row(nodes, str(raw["flow"]), env) if "flow" in raw else bare
        hosts = raw["hosts"].get(env.cloud, ())
        found += [whole._replace(endpoint="").only(_filled(str(host), nodes, env)) for host in hosts if whole]
    return found


def _is_for(kind: Text, kinds: Sequence[str]) -> bool:
    return not kinds or any(kind == one for one in kinds)


def _filled(host: str, nodes: ComputeSubnet | ClusterSubnet, env: Environment) -> str:
    """The name of a host; from what is not known of it to its beginning it stands for every name."""
    region = region_of(nodes, env)
    names = {"region": "" if region == tags.SOMEWHERE else region}
    names |= {word: _held(attribute, nodes, env) for word, attribute in HELD.items() if f"{{{word}}}" in host}
    for word, name in names.items():
        mark = f"{{{word}}}"
        host = host.replace(mark, name) if name or mark not in host else f"*{host.rpartition(mark)[2]}"
    return host


def _held(attribute: str, nodes: ComputeSubnet | ClusterSubnet, env: Environment) -> str:
    """The name of the storage account or registry of the workspace that nodes work for; empty where it is not known."""
    compute = nodes.compute if isinstance(nodes, ComputeSubnet) else None
    for workspace in env.all(Workspace)[0] if compute is not None else ():
        known = workspace.look(attribute)
        if compute is None or not compare(workspace.id, compute.workspace_id) or isinstance(known, Unknown):
            continue
        last: Text | None = known.value.split("/")[-1] if known.value is not None else None
        if last is not None and not last.holes:
            return last.known.lower()
    return ""


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
    wanted, outside = _outside(nodes, wanted, env)
    if not wanted.endpoint or outside.outcome is Outcome.ALLOWED:
        return Way(wanted, outside)
    within = inside(nodes.subnet, wanted.ports, env, wanted.protocol)
    return Way(wanted, outside, within, _served(wanted.endpoint, nodes, env))


def _outside(nodes: ComputeSubnet | ClusterSubnet, wanted: Row, env: Environment) -> tuple[Row, Journey]:
    """What becomes of a flow on the way to the service: where its hosts fare differently, of the first that is refused.

    A firewall that judges by name lets some hosts of a flow through and not others, which leaves the whole open.
    """
    whole = leaving(nodes.subnet, _wanted(wanted, env), env)
    if whole.outcome is not Outcome.UNKNOWN or len(wanted.hosts) < 2:
        return wanted, whole
    each = [(row, leaving(nodes.subnet, _wanted(row, env), env)) for row in map(wanted.only, wanted.hosts)]
    refused = next((pair for pair in each if pair[1].outcome in (Outcome.DENIED, Outcome.PARTLY)), None)
    if refused is not None:
        return refused
    if all(journey.outcome is Outcome.ALLOWED for _, journey in each):
        return wanted, each[0][1]
    return wanted, whole


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
    listed = [tag for name in names() if (tag := _tag(name, region or tags.SOMEWHERE, env.cloud)) is not None]
    known = [tag for tag in listed if env.tags is not None and tag in env.tags]
    if not known:
        return End(AddressSet(names=frozenset(part for tag in listed for part in parts_of(tag, env))))
    return _numbered(known, env) if len(known) == len(listed) else None


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
