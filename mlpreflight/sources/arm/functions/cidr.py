"""Functions of address ranges.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-cidr
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Union

from mlpreflight.sources.arm.functions.arguments import BadCall, node, number, text
from mlpreflight.values import Fields, Value

if TYPE_CHECKING:
    import ipaddress

Network = Union["ipaddress.IPv4Network", "ipaddress.IPv6Network"]


def parse_cidr(value: Value) -> Value:
    network = _network(value)
    first, last = _usable(network)
    parts: dict[str, Value] = {"network": str(network.network_address), "netmask": str(network.netmask)}
    if network.version == 4:
        parts["broadcast"] = str(network.broadcast_address)
    parts |= {"firstUsable": str(first), "lastUsable": str(last), "cidr": network.prefixlen}
    return Fields({name: node(part) for name, part in parts.items()})


def cidr_subnet(value: Value, prefix: Value, index: Value) -> Value:
    """The subnet of a size at an index, from 0."""
    network, size, at = _network(value), number(prefix), number(index)
    if not network.prefixlen <= size <= network.max_prefixlen:
        raise BadCall(f"/{size} is no part of {network}")
    if not 0 <= at < 1 << size - network.prefixlen:
        raise BadCall(f"{network} has no /{size} at index {at:,}")
    start = int(network.network_address) + (at << network.max_prefixlen - size)
    return f"{type(network.network_address)(start)}/{size}"


def cidr_host(value: Value, index: Value) -> Value:
    """The usable address at an index; index 0 is the first after the network's own."""
    network, at = _network(value), number(index)
    address = int(network.network_address) + at + 1
    if at < 0 or address > int(_usable(network)[1]):
        raise BadCall(f"{network} has no host at index {at:,}")
    return str(type(network.network_address)(address))


def _network(value: Value) -> Network:
    import ipaddress

    written = text(value).strip()
    if "/" not in written:
        raise BadCall("an address range is wanted")
    try:
        return ipaddress.ip_network(written, strict=False)
    except ValueError:
        raise BadCall(f"{written[:50]!r} is no address range") from None


def _usable(network: Network) -> "tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...]":
    """The first and the last address for hosts; IPv4 keeps one for the network and one for broadcasts."""
    first, last = network.network_address, network.broadcast_address
    if network.version == 4 and network.prefixlen < 31:
        return first + 1, last - 1
    return (first, last) if network.version == 6 else (first, first)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "cidrhost": cidr_host,
    "cidrsubnet": cidr_subnet,
    "parsecidr": parse_cidr,
}
