"""One broken template in every way that people write templates: what is wrong with it is found in all of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlpreflight.engine import examine
from mlpreflight.finding import Verdict
from mlpreflight.sources.assemble import assemble
from mlpreflight.sources.load import Request, load
from tests.builders import TODAY
from tests.templates import RULES, SAID, inner, whole

ACLS = {"defaultAction": "Deny", "bypass": "None"}
CLUSTER = {
    "type": "Microsoft.ContainerService/managedClusters",
    "name": "aks",
    "location": "eastus2",
    "properties": {
        "servicePrincipalProfile": {"clientId": "11111111-1111-1111-1111-111111111111"},
        "disableLocalAccounts": True,
        "agentPoolProfiles": [{"name": "system", "count": 2, "mode": "System"}],
    },
}
GROUP_RULE = {
    "priority": 100,
    "direction": "Inbound",
    "access": "Allow",
    "protocol": "Tcp",
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "*",
    "destinationPortRange": "22",
}
RESOURCES: list[dict[str, Any]] = [
    {
        "type": "Microsoft.Storage/storageAccounts",
        "name": "st",
        "location": "eastus2",
        "properties": {"networkAcls": ACLS},
    },
    CLUSTER,
    {
        "type": "Microsoft.Network/networkSecurityGroups",
        "name": "nsg",
        "location": "eastus2",
        "properties": {"securityRules": [{"name": "ssh", "properties": GROUP_RULE}]},
    },
    {
        "type": "Microsoft.Network/virtualNetworks",
        "name": "vnet",
        "location": "eastus2",
        "dependsOn": ["gone"],
        "properties": {"dhcpOptions": {"dnsServers": ["10.0.0.4"]}},
    },
]
PLAIN = whole(*RESOURCES)
TEXT = json.dumps(PLAIN, indent=2)

Files = dict[str, bytes]


def commented() -> Files:
    """Comments of both kinds, a comma too many, single quotes around a name."""
    text = TEXT.replace('"resources"', '// what is deployed\n"resources"', 1).replace(
        '"aks"', '/* the\ncluster */ "aks"'
    )
    return {"main.json": text.replace('"name": "nsg",', '"name": "nsg",\n').replace('"22"\n', '"22",\n').encode()}


def by_parameters() -> Files:
    """Every value that decides stands in the parameter file, whose names are written in another case."""
    resources = json.loads(json.dumps(RESOURCES))
    resources[0]["properties"]["networkAcls"] = "[parameters('acls')]"
    resources[1]["properties"] = "[parameters('cluster')]"
    resources[2]["properties"]["securityRules"] = "[parameters('rules')]"
    resources[3]["properties"]["dhcpOptions"]["dnsServers"] = ["[parameters('dns')]"]
    types = {"acls": "object", "cluster": "object", "rules": "array", "dns": "string"}
    template = whole(*resources, parameters={name: {"type": type} for name, type in types.items()})
    values = {
        "ACLS": ACLS,
        "Cluster": CLUSTER["properties"],
        "rules": RESOURCES[2]["properties"]["securityRules"],
        "dns": "10.0.0.4",
    }
    given = {"$schema": template["$schema"], "parameters": {name: {"value": value} for name, value in values.items()}}
    return {
        "main.json": json.dumps(template).encode(),
        "main.parameters.json": b"\xff\xfe" + json.dumps(given).encode("utf-16-le"),
    }


def nested() -> Files:
    deep = whole(inner("a", whole(inner("b", whole(*RESOURCES), "outer"))))
    return {"main.json": json.dumps(deep).encode()}


def symbolic() -> Files:
    resources = {f"r{at}": one for at, one in enumerate(RESOURCES)}
    return {"main.json": json.dumps({**PLAIN, "languageVersion": "2.0", "resources": resources}).encode()}


WAYS: dict[str, Callable[[], Files]] = {
    "plain": lambda: {"main.json": TEXT.encode()},
    "tabs": lambda: {"main.json": json.dumps(PLAIN, indent="\t").replace("\n", "\r\n").encode()},
    "comments": commented,
    "byte order mark": lambda: {"main.json": b"\xef\xbb\xbf" + TEXT.encode()},
    "UTF-16": lambda: {"main.json": TEXT.encode("utf-16")},
    "UTF-16, no mark": lambda: {"main.json": TEXT.encode("utf-16-be")},
    "symbolic names": symbolic,
    "nested": nested,
    "by parameter file": by_parameters,
    "one line": lambda: {"main.json": json.dumps(PLAIN, separators=(",", ":")).encode()},
    "other case": lambda: {
        "main.json": TEXT.replace('"properties"', '"Properties"').replace("defaultAction", "DefaultAction").encode()
    },
}


def failures(folder: Path, files: Files) -> set[tuple[str, str, str]]:
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    (declared,) = load(Request([folder / "main.json"], SAID))
    assert not declared.unread, declared.unread
    findings = examine(assemble(declared, TODAY), RULES)
    assert all(one.where and one.where.position for one in findings if one.verdict is Verdict.FAIL)
    return {
        (
            one.rule,
            one.message.replace(str(folder), ""),
            "" if one.subject.type == "Preflight/templates" else one.subject.name or "",
        )
        for one in findings
        if one.verdict is Verdict.FAIL
    }


@pytest.mark.parametrize("way", WAYS)
def test_however_a_template_is_written_the_same_is_wrong_with_it(tmp_path: Path, way: str) -> None:
    (tmp_path / "plain").mkdir()
    expected = failures(tmp_path / "plain", WAYS["plain"]())
    assert {rule for rule, _, _ in expected} >= {
        "cluster-uses-service-principal",
        "dependency-not-in-template",
        "dns-list-lacks-azure-dns",
        "ssh-open-to-internet",
        "storage-shuts-out-azure-services",
    }
    assert failures(tmp_path, WAYS[way]()) == expected


@pytest.mark.parametrize("off", [False, "[equals(1, 2)]", "[not(bool('true'))]", "[variables('no')]"])
def test_what_is_not_deployed_is_not_judged(tmp_path: Path, off: object) -> None:
    template = whole(*({**one, "condition": off} for one in RESOURCES), variables={"no": False})
    assert failures(tmp_path, {"main.json": json.dumps(template).encode()}) == set()
