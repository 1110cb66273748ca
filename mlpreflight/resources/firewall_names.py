"""The hosts and tags that the rules of firewalls allow, as they are written, and which cloud calls its services so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.finding import Evidence
from mlpreflight.resources.firewalls import ClassicCollection, Firewall, FirewallRule, RuleCollection
from mlpreflight.resources.firewalls import RuleCollectionGroup as Group
from mlpreflight.resources.roles import Part
from mlpreflight.resources.several import Several
from mlpreflight.values import NotEnoughEvidence, Unknown

HOSTS = ("hosts", "destination_hosts")
Collection = RuleCollection | ClassicCollection


class Allowed(NamedTuple):
    """A word in a rule that allows: the name of a host, with a wildcard perhaps, or a tag or range."""

    rule: FirewallRule
    attribute: str
    word: str

    @property
    def is_host(self) -> bool:
        return self.attribute in HOSTS

    def at(self) -> Evidence:
        return self.rule.at(self.attribute)


@dataclass(eq=False, repr=False)
class FirewallRules(Part[Group | Firewall]):
    """Where rules of a firewall stand: a rule collection group, or, of the older kind, the firewall itself."""

    label: ClassVar[str] = "firewall rules"

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        groups, doubt = env.all(Group)
        firewalls, other = env.all(Firewall)
        yield from (cls(group, group.doubt) for group in groups)
        yield from (cls(firewall, firewall.doubt) for firewall in firewalls)
        if doubt or other:
            raise NotEnoughEvidence.of_all([one for one in (doubt, other) if one])

    @property
    def allowed(self) -> Several[Allowed]:
        """All that the rules certainly allow; it may hold more where something of them cannot be read."""
        doubts: list[Unknown] = []
        found = tuple(_allowed(self.view, doubts))
        return Several(found, more=doubts[0] if doubts else None)


def _allowed(view: Group | Firewall, doubts: list[Unknown]) -> Iterator[Allowed]:
    lists: list[Callable[[], Several[Any]]] = [lambda: view.collections] if isinstance(view, Group) else []
    if isinstance(view, Firewall):
        lists = [lambda: view.network_collections, lambda: view.application_collections]
    collections: list[Collection] = [one for read in lists for one in _sure(read, doubts)]
    for collection in collections:
        try:
            if collection.action is None or collection.action != "Allow":
                continue
        except NotEnoughEvidence as stopped:
            doubts.append(stopped.unknown)
            continue
        for rule in _rules(collection, doubts):
            yield from _words(rule, doubts)


def _rules(collection: Collection, doubts: list[Unknown]) -> tuple[FirewallRule, ...]:
    return _sure(lambda: collection.rules, doubts)


def _words(rule: FirewallRule, doubts: list[Unknown]) -> Iterator[Allowed]:
    for attribute in (*HOSTS, "destinations"):
        for word in _sure(lambda attribute=attribute: getattr(rule, attribute), doubts):  # type: ignore[misc]
            if word.holes:
                doubts.append(word.holes[0])
            else:
                yield Allowed(rule, attribute, word.known.strip().lower().rstrip("."))


def _sure(read: Callable[[], Several[Any]], doubts: list[Unknown]) -> tuple[Any, ...]:
    """What a list certainly holds; why there may be more is added to the doubts."""
    try:
        several = read()
    except NotEnoughEvidence as stopped:
        doubts.append(stopped.unknown)
        return ()
    if several.doubt:
        doubts.append(several.doubt)
    return several.sure


class Foreign(NamedTuple):
    """What a host of another cloud is for: which cloud's, and what the service is called in one's own."""

    cloud: str
    own: tuple[str, ...]
    tag: str


def foreign(host: str, cloud: str) -> Foreign | None:
    """Is this the name by which another cloud calls a service? None where it is not, or where nobody can tell."""
    table = data.table("firewall_hosts")
    if any(_ends(host, suffix) for suffix in table["everywhere"]):
        return None
    rows = [row for row in table["clouds"] if "*" in host or not row.get("all")]
    if any(_ends(host, suffix) for row in rows for suffix in row[cloud]):
        return None
    for row in rows:
        for other in ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud"):
            if any(_ends(host, suffix) for suffix in row[other]):
                return Foreign(other, tuple(row[cloud]), row["tag"].lower())
    return None


def serves(one: Allowed, wanted: Foreign) -> bool:
    """Does a word that is allowed hold, or belong to, what the service is called in one's own cloud?"""
    if not one.is_host:
        return one.word == "*" or (wanted.tag != "" and one.word.split(".")[0] == wanted.tag.split(".")[0])
    bare = one.word.lstrip("*").lstrip(".")
    return any(_ends(bare, suffix) or _ends(suffix, bare) for suffix in wanted.own)


def anybodys(host: str) -> str:
    """Why a wildcard lets strangers in; empty where it is no such wildcard."""
    told: dict[str, str] = data.table("firewall_hosts")["anybody"]
    return told.get(host.lstrip("*").lstrip("."), "") if host.startswith("*") else ""


def _ends(host: str, suffix: str) -> bool:
    bare = host.lstrip("*").lstrip(".")
    return suffix == "" or bare == suffix or bare.endswith(f".{suffix}")
