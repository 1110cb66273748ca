"""The Rosetta test: one environment in every notation has the same facts and gets the same findings."""

import json
from pathlib import Path
from typing import Any

import pytest

from mlpreflight.engine import examine
from mlpreflight.environment import Environment
from mlpreflight.finding import Finding, Verdict
from mlpreflight.rules.reader import built_in
from mlpreflight.sources.assemble import assemble
from mlpreflight.sources.declared import Settings
from mlpreflight.sources.load import Request, load
from mlpreflight.values import Fields, Items, Text, Unknown, Value
from tests.builders import TODAY, deployed

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


def as_symbols() -> Any:
    """Language version 2.0: resources by symbolic names, children by theirs, one that only exists among them."""
    resources: dict[str, Any] = {f"r{at}": dict(one) for at, one in enumerate(RESOURCES)}
    resources["r1"]["dependsOn"] = ["r0", "existing"]
    resources["existing"] = {"existing": True, "type": "Microsoft.Storage/storageAccounts", "name": "old"}
    return {**as_template(), "languageVersion": "2.0", "resources": resources}


def nested(scope: str, resources: list[Any], **parts: Any) -> dict[str, Any]:
    return {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": f"inner-{scope}",
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": scope},
            "parameters": {"all": {"value": "[parameters('all')]"}} if scope == "inner" else {},
            "template": {**as_template(), **parts, "resources": resources},
        },
    }


def as_nested() -> Any:
    """The first half in a nested template of the outer scope, the rest two deep in templates of the inner one."""
    whole = {"all": {"type": "array", "defaultValue": RESOURCES}}
    outer = [dict(one, location="[parameters('all')[0].location]") for one in RESOURCES[:1]] + RESOURCES[1:3]
    given = {"all": {"type": "array"}}
    names = [f"[parameters('all')[{at}].name]" for at in range(len(RESOURCES))]
    inner = [
        {"type": one["type"], "name": names[at], "location": one["location"]}
        | {"properties": f"[parameters('all')[{at}].properties]"}
        for at, one in enumerate(RESOURCES)
    ][3:]
    deep = nested("inner", [nested("inner", inner, parameters=given)], parameters=given)
    return {**as_template(), "parameters": whole, "resources": [nested("outer", outer), deep]}


def as_expressions() -> Any:
    """Every text put together by functions, every object by a variable or a copy loop."""

    def written(value: Any) -> Any:
        if isinstance(value, str):
            middle = len(value) // 2
            first, last = (part.replace("'", "''") for part in (value[:middle], value[middle:]))
            return f"[concat('{first}', format('{{0}}', '{last}'))]"
        if isinstance(value, list):
            return [written(one) for one in value]
        return {key: written(one) for key, one in value.items()} if isinstance(value, dict) else value

    resources = [{**written(one), "type": one["type"]} for one in RESOURCES]
    rules = resources[5]["properties"].pop("securityRules")
    loop = {"name": "securityRules", "count": "[length(variables('rules'))]"}
    resources[5]["properties"]["copy"] = [{**loop, "input": "[variables('rules')[copyIndex('securityRules')]]"}]
    accounts = {**resources[2], "name": "[variables('names')[copyIndex()]]", "copy": {"name": "all", "count": 1}}
    variables = {"rules": rules, "names": ["st"], "unused": "[variables('nowhere')]"}
    resources = [*resources[:2], accounts, *resources[3:]]
    resources.append({**resources[0], "name": "never", "condition": "[not(equals(variables('names')[0], 'st'))]"})
    return {**as_template(), "variables": variables, "resources": resources}


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
    "symbols.json": as_symbols,
    "nested.json": as_nested,
    "expressions.json": as_expressions,
    "rest.json": as_rest,
    "graph.json": as_graph,
    "az.json": as_az,
    "env.yaml": as_environment,
}


RULES = [rule for rule in built_in() if rule.area != "template"]


def environment_in(folder: Path, name: str) -> Environment:
    path = folder / name
    path.write_text(json.dumps(NOTATIONS[name](), indent=1), encoding="utf-8")
    (declared,) = load(Request([path], SAID))
    assert not declared.unread
    return assemble(declared, TODAY)


def judged(folder: Path, name: str) -> list[Finding]:
    return list(examine(environment_in(folder, name), RULES))


def plain(value: Value) -> Any:
    """A value as data, texts folded, what is not known as the word."""
    match value:
        case Unknown():
            return "unknown"
        case Text():
            return value.written.lower()
        case str():
            return value.lower()
        case Fields():
            more = {"...": "unknown"} if value.more else {}
            return {name.lower(): plain(node.value) for name, node in value.nodes.items()} | more
        case Items():
            return [plain(node.value) for node in value.nodes] + (["unknown"] if value.more else [])
    return value


def facts(env: Environment) -> list[Any]:
    """What is known of each resource, without what only a notation needs."""
    found = []
    for resource in deployed(env):
        whole = plain(resource.node.value)
        kept = {key: whole[key] for key in ("location", "properties") if key in whole}
        found.append((resource.id.written.lower(), resource.type.lower(), kept))
    return sorted(found, key=lambda fact: fact[0])


@pytest.mark.parametrize("name", ["symbols.json", "nested.json", "expressions.json", "env.yaml"])
def test_one_environment_in_every_notation_has_the_same_facts(tmp_path: Path, name: str) -> None:
    assert facts(environment_in(tmp_path, name)) == facts(environment_in(tmp_path, "template.json"))


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
