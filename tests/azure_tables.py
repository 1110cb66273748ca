"""Azure's own tables of rules and routes, written shortly, made into environments; and the pages that they stand on."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlpreflight.environment import Environment
from mlpreflight.network.nsg import Outcome
from mlpreflight.tracing import trace
from tests.builders import environment

ALLOWED, DENIED, PARTLY, UNKNOWN = Outcome.ALLOWED, Outcome.DENIED, Outcome.PARTLY, Outcome.UNKNOWN

LEARN = "https://learn.microsoft.com/azure/"
PAGES = {
    "nsg": f"{LEARN}virtual-network/network-security-groups-overview",
    "how": f"{LEARN}virtual-network/network-security-group-how-it-works",
    "asg": f"{LEARN}virtual-network/application-security-groups",
    "tags": f"{LEARN}virtual-network/service-tags-overview",
    "tag file": "https://www.microsoft.com/download/details.aspx?id=56519",
    "udr": f"{LEARN}virtual-network/virtual-networks-udr-overview",
    "endpoints": f"{LEARN}virtual-network/virtual-network-service-endpoints-overview",
    "firewall": f"{LEARN}firewall/rule-processing",
    "firewall faq": f"{LEARN}firewall/firewall-faq",
    "admin": f"{LEARN}virtual-network-manager/concept-security-admins",
}

NETWORK = "Microsoft.Network/"
GROUPS, VNETS, POLICIES = f"{NETWORK}networkSecurityGroups", f"{NETWORK}virtualNetworks", f"{NETWORK}firewallPolicies"
MACHINES, INTERFACES = "Microsoft.Compute/virtualMachines", f"{NETWORK}networkInterfaces"
COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes"
SUBNETS = {"web": "10.0.0.0/24", "data": "10.0.1.0/24"}

Rows = Sequence[str]
Written = dict[str, Any]


def resource(type: str, name: str, **properties: Any) -> Written:
    return {"type": type, "name": name, "location": "eastus", "properties": properties}


def link(type: str, *names: str) -> dict[str, str]:
    return {"id": f"[resourceId('{type}', {', '.join(repr(name) for name in names)})]"}


def part(name: str, **properties: Any) -> Written:
    return {"name": name, "properties": properties}


def member_of(name: str) -> list[dict[str, str]]:
    return [{"id": f"{NETWORK}applicationSecurityGroups/{name}"}]


def rule(row: str) -> Written:
    """A rule as Azure's tables write it: priority, direction, access, protocol, source, destination, ports.

    An end that begins with "Asg" is an application security group.
    """
    priority, direction, access, protocol, source, destination, ports = row.split()
    said: Written = {"priority": int(priority), "direction": direction, "access": access, "protocol": protocol}
    said |= {"sourcePortRange": "*", "destinationPortRanges": ports.split(",")}
    for end, word in (("source", source), ("destination", destination)):
        if word.startswith("Asg"):
            said[f"{end}ApplicationSecurityGroups"] = member_of(word)
        elif "," in word:
            said[f"{end}AddressPrefixes"] = word.split(",")
        else:
            said[f"{end}AddressPrefix"] = word
    return part(f"{access}-{priority}", **said)


def group(name: str, rows: Rows) -> Written:
    return resource(GROUPS, name, securityRules=[rule(row) for row in rows])


def table(rows: Rows) -> Written:
    """Routes as Azure's tables write them: prefix, type of the next hop, its address."""
    keys = ("addressPrefix", "nextHopType", "nextHopIpAddress")
    listed = [part(f"route-{at}", **dict(zip(keys, row.split(), strict=False))) for at, row in enumerate(rows)]
    return resource(f"{NETWORK}routeTables", "routes", routes=listed)


def network(
    groups: Mapping[str, Rows] | None = None, routes: Rows = (), endpoints: Rows = (), others: Sequence[Written] = ()
) -> Environment:
    """Two subnets, web and data: the groups on them, and the routes and service endpoints of web."""
    subnets = {name: part(name, addressPrefix=prefix) for name, prefix in SUBNETS.items()}
    for name in groups or {}:
        subnets[name]["properties"]["networkSecurityGroup"] = link(GROUPS, name)
    listed = [{"service": service} for service in endpoints]
    subnets["web"]["properties"] |= {"routeTable": link(f"{NETWORK}routeTables", "routes"), "serviceEndpoints": listed}
    space = {"addressPrefixes": ["10.0.0.0/16"]}
    whole = resource(VNETS, "vnet", addressSpace=space, subnets=list(subnets.values()))
    declared = [group(name, rows) for name, rows in (groups or {}).items()]
    return environment(json.dumps([*declared, table(routes), whole, *others]), complete=True)


def asked(env: Environment, question: str) -> Outcome:
    """What becomes of "web Storage 443": the first part of the way that does not let it through decides."""
    start, goal, port, *protocol = question.split()
    outcomes = [hop.journey.outcome for hop in trace(env, start, goal, port, *protocol or ["tcp"])]
    return next((one for one in (DENIED, PARTLY, UNKNOWN) if one in outcomes), ALLOWED)
