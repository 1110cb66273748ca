"""How much of what rules read is concrete in real templates: `python benchmarks/concrete.py FOLDER [--list]`.

Each template is read with the parameter file beside it, the subscription, resource group and location being known. Of
each part that matters most it counts how many are concrete in whole; --list names what is not, and why.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mlpreflight.environment import Resource
from mlpreflight.sources.declared import Settings
from mlpreflight.sources.load import Request, load
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value

SAID = Settings(subscription="00000000-0000-0000-0000-000000000000", resource_group="rg", location="eastus2")

PARTS = {
    "microsoft.network/networksecuritygroups": ["properties.securityRules"],
    "microsoft.network/networksecuritygroups/securityrules": ["properties"],
    "microsoft.network/virtualnetworks": ["properties.subnets", "properties.addressSpace", "properties.dhcpOptions"],
    "microsoft.storage/storageaccounts": ["properties.networkAcls"],
    "microsoft.keyvault/vaults": ["properties.networkAcls"],
    "microsoft.containerservice/managedclusters": [
        "identity",
        "properties.networkProfile",
        "properties.apiServerAccessProfile",
        "properties.agentPoolProfiles",
    ],
    "microsoft.network/applicationgateways": ["properties.httpListeners"],
    "microsoft.machinelearningservices/workspaces": ["location", "properties.publicNetworkAccess"],
}


def holes(value: Value) -> Iterator[Unknown]:
    """Everything that is not known in a value."""
    match value:
        case Unknown():
            yield value
        case Text():
            yield from value.holes
        case Fields() | Items():
            if value.more:
                yield value.more
            nodes = value.nodes.values() if isinstance(value, Fields) else value.nodes
            for node in nodes:
                yield from holes(node.value)


def part(resource: Resource, path: str) -> Node | None:
    """What stands at a path of a resource; None where nothing is written."""
    node: Node | None = resource.node
    for step in path.split("."):
        value = node.value if node is not None else None
        if isinstance(value, Unknown):
            return node
        node = value.get(step) if isinstance(value, Fields) else None
    return node


def main() -> None:
    folder, listing = Path(sys.argv[1]), "--list" in sys.argv
    concrete: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for declared in load(Request([folder], SAID)):
        for resource in declared.resources:
            for path in PARTS.get(resource.type.lower(), ()):
                node = part(resource, path)
                if node is None or node.value is None:
                    continue
                name = f"{resource.type.split('.', 1)[1]} {path}"
                open_ = list(dict.fromkeys(hole.reason for hole in holes(node.value)))
                total[name] += 1
                concrete[name] += not open_
                if listing and open_:
                    print(f"{node.where!r} {name}: {'; '.join(open_)}")
    for name, count in sorted(total.items()):
        print(f"{name:<70} {concrete[name]:>5} of {count:>5} concrete")


if __name__ == "__main__":
    main()
