"""Service tags without their prefixes: what one tag certainly says about another.

A flow names the tag it comes from or goes to; a rule names tags and prefixes of its own. What the names alone do not
settle stays open, and is never taken for empty or for everything.
"""

from enum import Enum, auto
from functools import cache

from mlpreflight import data
from mlpreflight.network import addresses, intervals

ANY = ("*", "any", "0.0.0.0/0")
OWN = "(addresses of this virtual network)"
PROBES = "azureloadbalancer"
NOT_PUBLIC = frozenset(
    {"virtualnetwork", "azureloadbalancer", "azureplatformdns", "azureplatformimds", "azureplatformlkm"}
)
"""Tags that stand for no public address, but for the platform and for 168.63.129.16."""

SOMEWHERE = "?"
"""The region of a tag whose region is not known, as in `Storage.?`."""

# What no public service has, so that a rule about it says nothing about a service tag (RFC 1918, 6598, 3927, 4193).
PRIVATE = intervals.merged(
    pair
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7")
    for pair in addresses.prefix(text) or ()
)
# Where the probes of load balancers come from, in every virtual network.
HOST = addresses.prefix("168.63.129.16") or ()


class Holds(Enum):
    """How much of one set of addresses another certainly holds."""

    ALL = auto()
    SOME = auto()
    NONE = auto()
    OPEN = auto()


@cache
def holds(outer: str, inner: str) -> Holds:
    """How much of what `inner` names is in what `outer` names, both compared without regard to case.

    `inner` is a tag, or a name in brackets for addresses of the virtual network itself; `outer` a tag or a prefix.
    """
    outer, inner = outer.strip().lower(), inner.strip().lower()
    if outer == inner or outer in ANY:
        return Holds.ALL
    numbers = addresses.prefix(outer)
    if numbers is not None and inner == PROBES:
        return Holds.ALL if intervals.contains(numbers, HOST) else Holds.NONE
    if numbers is not None:
        public_service = inner.split(".")[0] in _services() or inner == "azurecloud"
        return Holds.NONE if public_service and intervals.contains(PRIVATE, numbers) else Holds.OPEN
    if inner.startswith("("):
        if outer == "virtualnetwork":
            return Holds.ALL
        return Holds.NONE if outer in _contextual() or _is_service(outer) else Holds.OPEN
    if outer in _contextual() or inner in _contextual():
        return _place(outer, inner)
    return _service(outer, inner)


def _place(outer: str, inner: str) -> Holds:
    if outer == "virtualnetwork" and inner == PROBES:
        return Holds.OPEN  # Azure says that it holds the address of the host; groups without a rule for probes say no
    if outer == "internet" and inner not in _contextual():
        return Holds.ALL if _is_service(inner) else Holds.OPEN
    if inner == "internet":
        return Holds.SOME if _is_service(outer) else Holds.NONE
    return Holds.NONE if _is_service(inner) or inner in _contextual() else Holds.OPEN


def _service(outer: str, inner: str) -> Holds:
    if inner.startswith(outer + "."):
        return Holds.ALL
    if outer.startswith(inner + "."):
        return Holds.SOME
    region = "." + SOMEWHERE
    if inner.endswith(region) and outer.startswith(inner.removesuffix(SOMEWHERE)):
        return Holds.OPEN
    one, other = _family(outer), _family(inner)
    if one == "azurecloud":
        rows = data.table("service_tags")["azureCloud"]
        if other in _lower(rows["none"]):
            return Holds.NONE
        if outer == "azurecloud" and other in _measured():
            return Holds.SOME if other in _lower(rows["some"]) else Holds.ALL
        return Holds.OPEN
    if one != other and one in _measured() and other in _measured():
        return Holds.NONE
    regions = one in _measured() and one != "azuremonitor"  # AzureMonitor.Core lies across the regional ones
    if regions and outer.startswith(one + ".") and inner.startswith(one + "."):
        return Holds.NONE
    return Holds.OPEN


def is_known(tag: str) -> bool:
    """Is this a tag of which the relations are known?"""
    return tag.strip().lower() in _contextual() or _is_service(tag)


def _is_service(tag: str) -> bool:
    return _family(tag.strip().lower()) in _measured() or _family(tag.strip().lower()) == "azurecloud"


def _family(tag: str) -> str:
    """A tag without its region."""
    parts = tag.split(".")
    two = ".".join(parts[:2])
    return two if two in _measured() else parts[0]


@cache
def _measured() -> frozenset[str]:
    return frozenset(_lower(data.table("service_tags")["measured"]))


@cache
def _services() -> frozenset[str]:
    return frozenset(tag.split(".")[0] for tag in _measured()) | {"azurecloud"}


@cache
def _contextual() -> frozenset[str]:
    return frozenset(_lower(data.table("service_tags")["contextual"]))


def _lower(words: list[str]) -> list[str]:
    return [word.lower() for word in words]
