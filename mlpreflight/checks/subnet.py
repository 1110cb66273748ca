"""Questions about subnets and who stands in them."""

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, Evidence, failed, passed
from mlpreflight.network import addresses, intervals
from mlpreflight.resources.node_subnets import NodeSubnet
from mlpreflight.resources.vnet import Subnet
from mlpreflight.values import NotEnoughEvidence


def has_room(nodes: NodeSubnet, env: Environment) -> Answer:
    """Does the subnet have an address for every node that may come to stand in it?"""
    subnet = nodes.subnet
    usable = _usable_addresses(subnet)
    wanted = {occupant.view.own_name.written: occupant.addresses(env) for occupant in nodes.occupants}
    total = sum(wanted.values())
    told = ", ".join(f"{name} {count}" for name, count in wanted.items())
    numbers = f"{usable} usable addresses, its nodes may need {total} ({told})"
    others = [occupant.view.at() for occupant in nodes.occupants]
    if total > usable:
        return failed(f"it has {numbers}", _prefix(subnet), *others, needed=total, subnet=subnet.own_name)
    used = len(subnet.occupied)
    if total + used > usable:
        raise NotEnoughEvidence.because(
            f"it has {numbers}, and {used} are in use: whether by these nodes or by others cannot be seen",
            f"who uses the addresses of {subnet.name}",
        )
    return passed(f"it has {numbers}", _prefix(subnet))


def _prefix(subnet: Subnet) -> Evidence:
    return subnet.at("prefix" if subnet.prefix is not None else "prefixes")


def _usable_addresses(subnet: Subnet) -> int:
    """The IPv4 addresses of a subnet that are left when Azure has taken its own."""
    reserved = int(data.table("addresses")["reservedPerSubnet"])
    ranges = [found for found in subnet.ranges if found[0][0] < addresses.V6]
    return sum(max(0, intervals.size(found) - reserved) for found in ranges)
