"""Resources as Azure prints them, and the Rosetta test: one environment in every notation gets the same findings."""

import json
from pathlib import Path
from typing import Any

import pytest

from mlpreflight.engine import examine
from mlpreflight.finding import Finding, Verdict
from mlpreflight.rules.reader import built_in
from mlpreflight.sources.assemble import assemble
from mlpreflight.sources.declared import Settings
from mlpreflight.sources.exports import is_export
from mlpreflight.sources.load import Request, load
from tests.builders import TODAY

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
BASE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
SAID = Settings(subscription=SUBSCRIPTION, resource_group="rg", location="eastus2", as_of=TODAY)


def subnet_id(name: str) -> str:
    return f"{BASE}/Microsoft.Network/virtualNetworks/vnet/subnets/{name}"


def rule(name: str, priority: int, access: str, source: str, port: str) -> dict[str, Any]:
    properties = {
        "priority": priority,
        "direction": "Inbound",
        "access": access,
        "protocol": "Tcp",
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": port,
    }
    return {"name": name, "properties": properties}


# One environment with faults of every kind, in the shape of the REST interface.
RESOURCES: list[dict[str, Any]] = [
    {
        "type": "Microsoft.MachineLearningServices/workspaces",
        "name": "ws",
        "location": "eastus2",
        "properties": {
            "storageAccount": f"{BASE}/Microsoft.Storage/storageAccounts/st",
            "keyVault": f"{BASE}/Microsoft.KeyVault/vaults/kv",
        },
    },
    {
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "name": "ws/cpu",
        "location": "westeurope",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {
                "vmSize": "STANDARD_D4S_V5",
                "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 40},
                "subnet": {"id": subnet_id("train")},
            },
        },
    },
    {
        "type": "Microsoft.Storage/storageAccounts",
        "name": "st",
        "location": "eastus2",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "properties": {"networkAcls": {"defaultAction": "Deny", "bypass": "None", "virtualNetworkRules": []}},
    },
    {
        "type": "Microsoft.KeyVault/vaults",
        "name": "kv",
        "location": "eastus2",
        "properties": {
            "networkAcls": {
                "defaultAction": "Deny",
                "bypass": "AzureServices",
                "virtualNetworkRules": [{"id": subnet_id("train")}],
            }
        },
    },
    {
        "type": "Microsoft.Network/virtualNetworks",
        "name": "vnet",
        "location": "eastus2",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "dhcpOptions": {"dnsServers": ["10.9.9.9"]},
            "subnets": [
                {
                    "name": "train",
                    "id": subnet_id("train"),
                    "properties": {
                        "addressPrefix": "10.0.1.0/27",
                        "networkSecurityGroup": {"id": f"{BASE}/Microsoft.Network/networkSecurityGroups/nsg"},
                    },
                },
                {"name": "aks", "id": subnet_id("aks"), "properties": {"addressPrefix": "10.0.2.0/24"}},
            ],
        },
    },
    {
        "type": "Microsoft.Network/networkSecurityGroups",
        "name": "nsg",
        "location": "eastus2",
        "properties": {
            "securityRules": [rule("ssh", 100, "Allow", "*", "22"), rule("deny", 4096, "Deny", "*", "0-65535")]
        },
    },
    {
        "type": "Microsoft.ContainerService/managedClusters",
        "name": "aks",
        "location": "eastus2",
        "properties": {
            "servicePrincipalProfile": {"clientId": "11111111-1111-1111-1111-111111111111"},
            "networkProfile": {"networkPlugin": "azure", "serviceCidr": "10.0.0.0/16", "dnsServiceIP": "10.0.0.10"},
            "agentPoolProfiles": [
                {
                    "name": "system",
                    "count": 2,
                    "mode": "System",
                    "osType": "Linux",
                    "vmSize": "Standard_D4s_v5",
                    "vnetSubnetID": subnet_id("aks"),
                }
            ],
        },
    },
]


def own_id(resource: dict[str, Any]) -> str:
    namespace, *kinds = resource["type"].split("/")
    steps = [f"{kind}/{name}" for kind, name in zip(kinds, resource["name"].split("/"), strict=True)]
    return f"{BASE}/{namespace}/{'/'.join(steps)}"


def flattened(value: Any) -> Any:
    """What `az` prints: properties lifted out, of parts that are resources of their own too."""
    if isinstance(value, list):
        return [flattened(one) for one in value]
    if not isinstance(value, dict):
        return value
    result = {key: flattened(one) for key, one in value.items() if key != "properties"}
    inner = value.get("properties")
    if isinstance(inner, dict):
        result |= {key: flattened(one) for key, one in inner.items()}
    return result


def as_template() -> Any:
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    return {"$schema": schema, "contentVersion": "1.0.0.0", "resources": RESOURCES}


def as_rest() -> Any:
    return {"value": [{"id": own_id(resource), **resource} for resource in RESOURCES]}


def as_graph() -> Any:
    rows = [
        {"id": own_id(one), **one, "type": one["type"].lower(), "name": one["name"].split("/")[-1]} for one in RESOURCES
    ]
    return {"count": len(rows), "data": rows}


def with_ids_of_rules(resource: dict[str, Any]) -> dict[str, Any]:
    """Parts that are resources carry an id of their own where Azure prints them."""
    copy = json.loads(json.dumps({"id": own_id(resource), **resource}))
    for collection in ("securityRules", "subnets"):
        for one in copy["properties"].get(collection, []):
            one["id"] = f"{own_id(resource)}/{collection}/{one['name']}"
    return copy


def as_az() -> Any:
    kept = ("Microsoft.MachineLearningServices/workspaces/computes",)  # `az ml` prints YAML of its own
    return [with_ids_of_rules(one) if one["type"] in kept else flattened(with_ids_of_rules(one)) for one in RESOURCES]


def as_environment() -> Any:
    return {"context": {"subscription": SUBSCRIPTION, "resourceGroup": "rg"}, "resources": RESOURCES}


NOTATIONS = {
    "template.json": as_template,
    "rest.json": as_rest,
    "graph.json": as_graph,
    "az.json": as_az,
    "env.yaml": as_environment,
}


def judged(folder: Path, name: str) -> list[Finding]:
    path = folder / name
    path.write_text(json.dumps(NOTATIONS[name](), indent=1), encoding="utf-8")
    (declared,) = load(Request([path], SAID))
    assert not declared.unread
    return list(examine(assemble(declared, TODAY), built_in()))


def key(finding: Finding) -> tuple[str, str, str, str]:
    return finding.rule, finding.verdict.value, (finding.subject.id or "").lower(), finding.message.lower()


@pytest.mark.parametrize("name", NOTATIONS)
def test_one_environment_in_every_notation_gets_the_same_findings(tmp_path: Path, name: str) -> None:
    expected = judged(tmp_path, "template.json")
    findings = judged(tmp_path, name)
    assert sorted(map(key, findings)) == sorted(map(key, expected))
    failed = {finding.rule for finding in findings if finding.verdict is Verdict.FAIL}
    assert failed >= {
        "cluster-uses-service-principal",
        "dns-list-lacks-azure-dns",
        "compute-in-another-region",
        "router-needs-more-nodes",
        "service-range-overlaps-subnet",
        "ssh-open-to-internet",
        "storage-shuts-out-azure-services",
        "subnet-too-small-for-nodes",
        "vault-rule-subnet-lacks-endpoint",
    }


@pytest.mark.parametrize("name", NOTATIONS)
def test_every_failure_points_at_the_value_that_it_names(tmp_path: Path, name: str) -> None:
    text = (tmp_path / name, judged(tmp_path, name))[0].read_text(encoding="utf-8")
    lines = text.splitlines()
    for finding in judged(tmp_path, name):
        for one in finding.evidence:
            if one.where is None:
                continue
            line, column = one.where.position or (0, 0)
            last = one.where.path[-1] if one.where.path else None
            rest = lines[line - 1][column - 1 :]
            assert rest.startswith(f'"{last}":') if isinstance(last, str) else rest, (finding.rule, one)


@pytest.mark.parametrize(
    "value",
    [
        [1],
        ["x"],
        [{}],
        [{"id": 5}],
        [{"id": "/providers/"}],
        [{"id": "/providers/Microsoft.X"}],
        [{"id": "/subscriptions/s/providers/Microsoft.X/y"}],
        [{"type": "Microsoft.Storage/storageAccounts"}],
        {"value": "x"},
        {"data": [[]]},
        [{"id": own_id(RESOURCES[2])}, 7],
    ],
)
def test_what_is_no_export_is_not_taken_for_one(value: Any) -> None:
    assert not is_export(value)


@pytest.mark.parametrize(
    "extra", [{"properties": 5}, {"properties": None}, {"properties": []}, {"networkAcls": "x"}, {"sku": 7, "tags": 1}]
)
def test_odd_exports_are_unknown_and_do_not_break(tmp_path: Path, extra: dict[str, Any]) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"id": own_id(RESOURCES[2]), "name": "st", **extra}]), encoding="utf-8")
    (declared,) = load(Request([path], SAID))
    findings = examine(assemble(declared, TODAY), built_in())
    assert Verdict.ERROR not in {finding.verdict for finding in findings}


def test_an_empty_list_of_resources_is_read_and_decides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("[]", encoding="utf-8")
    (declared,) = load(Request([path], SAID))
    assert not declared.unread
    assert {one.verdict for one in examine(assemble(declared, TODAY), built_in())} == {Verdict.NOT_APPLICABLE}
