"""Addresses and ports as sets: IPv4 and IPv6 on one number line, with names for what is not numbers.

IPv4 addresses stand for themselves, IPv6 addresses are moved up by 2**32, so that one kind of interval serves both.
"""

import ipaddress
import re
from functools import cache
from typing import NamedTuple

from mlpreflight.network import intervals
from mlpreflight.network.intervals import Intervals

V6 = 1 << 32
ALL_V4: Intervals = ((0, V6 - 1),)
ALL_V6: Intervals = ((V6, V6 + (1 << 128) - 1),)
ALL_PORTS: Intervals = ((0, 65535),)
PROTOCOLS = frozenset({"tcp", "udp", "icmp", "esp", "ah"})

_PORTS = re.compile(r"\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?\Z")


class AddressSet(NamedTuple):
    """Addresses by number, and by name: a service tag, an application security group, an address nobody knows."""

    numbers: Intervals = ()
    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.numbers or self.names)

    def __or__(self, other: "AddressSet") -> "AddressSet":
        return AddressSet(intervals.union(self.numbers, other.numbers), self.names | other.names)

    def __and__(self, other: "AddressSet") -> "AddressSet":
        return AddressSet(intervals.intersection(self.numbers, other.numbers), self.names & other.names)

    def __sub__(self, other: "AddressSet") -> "AddressSet":
        return AddressSet(intervals.difference(self.numbers, other.numbers), self.names - other.names)


@cache
def prefix(text: str) -> Intervals | None:
    """The addresses of "10.0.0.0/8", "10.0.0.4" or "2001:db8::/32"; None where the text is no address.

    Host bits that are set are dropped, as Azure does.
    """
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    base = V6 if network.version == 6 else 0
    return ((base + int(network.network_address), base + int(network.broadcast_address)),)


@cache
def ports(text: str) -> Intervals | None:
    """The ports of "443", "80-90", "22,80-90" or "*"; None where the text names no ports."""
    found: list[tuple[int, int]] = []
    for part in text.split(","):
        if part.strip() == "*" or part.strip().lower() == "any":
            return ALL_PORTS
        match = _PORTS.match(part)
        if not match:
            return None
        first = int(match[1])
        last = int(match[2] or first)
        if not first <= last <= 65535:
            return None
        found.append((first, last))
    return intervals.merged(found)


@cache
def protocols(text: str) -> frozenset[str] | None:
    """The protocols of "Tcp" or "*"; None for a word that Azure does not know."""
    word = text.strip().lower()
    if word in ("*", "any"):
        return PROTOCOLS
    return frozenset({word}) if word in PROTOCOLS else None


def shown(addresses: Intervals) -> str:
    """Addresses as people write them, the first few."""
    parts: list[str] = []
    for first, last in addresses[:3]:
        kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]
        kind, base = (ipaddress.IPv6Address, V6) if first >= V6 else (ipaddress.IPv4Address, 0)
        one, other = kind(first - base), kind(last - base)
        parts.append(str(one) if first == last else f"{one}-{other}")
    return ", ".join(parts) + (", …" if len(addresses) > 3 else "")
