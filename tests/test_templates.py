"""Templates as the resources that they deploy, each value at the place where it was written."""

import json
from pathlib import Path
from typing import Any

import pytest

from mlpreflight.environment import Environment, Resource
from mlpreflight.resources.nsg import NetworkSecurityGroup
from mlpreflight.resources.storage import StorageAccount
from mlpreflight.resources.vnet import Subnet, VirtualNetwork
from mlpreflight.sources.declared import Settings
from mlpreflight.sources.load import Request, load
from mlpreflight.values import Fields, Items, NotEnoughEvidence, Unknown, Where
from tests.builders import deployed, template

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def made(folder: Path, *resources: dict[str, Any], **parts: Any) -> Environment:
    whole = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", **parts, "resources": list(resources)}
    return template(folder, json.dumps(whole, indent=1))


def account(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-01-01", "name": name, **more}


def names(env: Environment) -> list[str]:
    return [resource.name.written for resource in deployed(env)]


def at(resource: Resource, *path: str | int) -> Where:
    node = resource.node
    for key in path:
        value = node.value
        found = value.get(key) if isinstance(value, Fields) and isinstance(key, str) else None
        if isinstance(value, Items) and isinstance(key, int):
            found = value.nodes[key]
        assert found is not None
        node = found
    assert node.value is not None
    return node.where


def test_copies_count_from_zero_and_conditions_drop_what_is_not_deployed(tmp_path: Path) -> None:
    env = made(
        tmp_path,
        account("[concat('a', copyIndex())]", copy={"name": "loop", "count": 3}),
        account("[format('b{0}', copyIndex('loop', 5))]", copy={"name": "loop", "count": "[parameters('many')]"}),
        account("never", condition=False),
        account("always", condition="[equals(1, 1)]"),
        account(
            "[concat('odd', copyIndex())]",
            copy={"name": "loop", "count": 4},
            condition="[equals(mod(copyIndex(), 2), 1)]",
        ),
        parameters={"many": {"type": "int", "defaultValue": 2}},
    )
    assert names(env) == ["a0", "a1", "a2", "b5", "b6", "always", "odd1", "odd3"]
    assert all(resource.doubt is None for resource in deployed(env))


def test_what_may_not_be_deployed_carries_the_doubt(tmp_path: Path) -> None:
    env = made(
        tmp_path,
        account("maybe", condition="[parameters('wanted')]"),
        account("[concat('some', copyIndex())]", copy={"name": "loop", "count": "[parameters('many')]"}),
        parameters={"wanted": {"type": "bool"}, "many": {"type": "int"}},
    )
    maybe, some = deployed(env)
    assert [one.doubt.cause for one in (maybe, some) if one.doubt] == ["parameter `wanted`", "parameter `many`"]
    assert some.name.written == "some{copyIndex('loop')}"


def test_property_loops_and_variables_with_loops(tmp_path: Path) -> None:
    rules = {
        "name": "securityRules",
        "count": "[length(variables('ports'))]",
        "input": {
            "name": "[concat('allow-', variables('ports')[copyIndex('securityRules')])]",
            "properties": {
                "priority": "[add(100, copyIndex('securityRules'))]",
                "direction": "Inbound",
                "access": "Allow",
                "protocol": "Tcp",
                "sourceAddressPrefix": "*",
                "sourcePortRange": "*",
                "destinationAddressPrefix": "*",
                "destinationPortRange": "[variables('ports')[copyIndex('securityRules')]]",
            },
        },
    }
    env = made(
        tmp_path,
        {"type": "Microsoft.Network/networkSecurityGroups", "name": "nsg", "properties": {"copy": [rules]}},
        variables={"copy": [{"name": "ports", "count": 2, "input": "[string(add(80, copyIndex('ports')))]"}]},
    )
    (group,), _ = env.all(NetworkSecurityGroup)
    assert [(rule.own_name.known, rule.priority, rule.port.sure[0].known) for rule in group.rules] == [
        ("allow-80", 100, "80"),
        ("allow-81", 101, "81"),
    ]


def test_a_value_keeps_the_place_where_it_is_written_and_where_it_came_through(tmp_path: Path) -> None:
    (tmp_path / "main.parameters.json").write_text(
        '{\n "parameters": {\n  "ACTION": {\n   "value": "Deny"\n  }\n }\n}', encoding="utf-8"
    )
    env = made(
        tmp_path,
        account("st", properties={"networkAcls": {"defaultAction": "[variables('own')]"}}),
        parameters={"action": {"type": "string", "defaultValue": "Allow"}},
        variables={"own": "[parameters('action')]"},
    )
    (storage,), _ = env.all(StorageAccount)
    assert storage.default_action == "Deny"
    evidence = storage.at("default_action")
    assert evidence.where is not None
    lines = (tmp_path / "main.json").read_text(encoding="utf-8").splitlines()
    line, column = evidence.where.position or (0, 0)
    assert lines[line - 1][column - 1 :].startswith('"defaultAction"')
    assert evidence.where.pointer == "/resources/0/properties/networkAcls/defaultAction"
    assert [(Path(where.file or "").name, where.position, where.pointer) for where in evidence.via] == [
        ("main.json", evidence.via[0].position, "/variables/own"),
        ("main.parameters.json", (4, 4), "/parameters/ACTION/value"),
    ]


def test_parameters_without_value_from_a_vault_or_secret(tmp_path: Path) -> None:
    (tmp_path / "main.parameters.json").write_bytes(
        json.dumps(
            {"$schema": "nonsense", "parameters": {"key": {"reference": {"keyVault": {"id": "x"}, "secretName": "s"}}}}
        ).encode("utf-16")
    )
    env = made(
        tmp_path,
        account("st", properties={"a": "[parameters('key')]", "b": "[parameters('open')]", "c": "[parameters('pw')]"}),
        parameters={
            "key": {"type": "securestring"},
            "open": {"type": "string"},
            "pw": {"type": "secureString", "defaultValue": "hunter2"},
        },
    )
    properties = deployed(env)[0].node.value.get("properties").value  # type: ignore[union-attr]
    assert properties.get("a").value.cause == "parameter `key`"
    assert properties.get("b").value.cause == "parameter `open`"
    assert properties.get("c").value.written == "***"
    assert "hunter2" not in repr(properties.get("c").value)


def test_children_inline_and_apart_end_in_their_parent(tmp_path: Path) -> None:
    env = made(
        tmp_path,
        {
            "type": "Microsoft.Network/virtualNetworks",
            "name": "vnet",
            "properties": {"subnets": [{"name": "one", "properties": {"addressPrefix": "10.0.1.0/24"}}]},
            "resources": [{"type": "subnets", "name": "two", "properties": {"addressPrefix": "10.0.2.0/24"}}],
        },
        {
            "type": "Microsoft.Network/virtualNetworks/subnets",
            "name": "[concat('vnet', '/three')]",
            "properties": {"addressPrefix": "10.0.3.0/24"},
        },
        {
            "type": "Microsoft.Network/virtualNetworks/subnets",
            "name": "VNET/ONE",
            "properties": {"addressPrefix": "10.0.9.0/24"},
        },
        {"type": "Microsoft.Network/virtualNetworks/subnets", "name": "elsewhere/four", "properties": {}},
    )
    subnets, doubt = env.all(Subnet)
    assert [(one.name.written, one.prefix.written if one.prefix else None) for one in subnets] == [
        ("vnet/two", "10.0.2.0/24"),
        ("vnet/three", "10.0.3.0/24"),
        ("vnet/ONE", "10.0.9.0/24"),
        ("elsewhere/four", None),
    ]
    assert doubt is not None, "the network of the fourth subnet may have others"
    assert len(env.all(VirtualNetwork)[0]) == 2


@pytest.mark.parametrize("inner", [True, False])
def test_nested_templates_see_the_names_of_their_scope(tmp_path: Path, inner: bool) -> None:
    nested = {
        "type": "Microsoft.Resources/deployments",
        "name": "nested",
        "resourceGroup": "other",
        "properties": {
            "expressionEvaluationOptions": {"scope": "inner" if inner else "outer"},
            "parameters": {"who": {"value": "[concat(parameters('who'), '-passed')]"}},
            "template": {
                "parameters": {"who": {"type": "string", "defaultValue": "default"}},
                "variables": {"own": "inside"},
                "resources": [account("[parameters('who')]", tags={"v": "[variables('own')]"})],
            },
        },
    }
    env = made(
        tmp_path,
        nested,
        parameters={"who": {"type": "string", "defaultValue": "outside"}},
        variables={"own": "outside"},
    )
    (resource,) = deployed(env)
    assert resource.name == ("outside-passed" if inner else "outside")
    tags = resource.node.value.get("tags").value  # type: ignore[union-attr]
    assert tags.get("v").value == ("inside" if inner else "outside")
    assert "/resourceGroups/other/" in resource.id.written


def test_linked_templates_are_read_where_their_file_is_there(tmp_path: Path) -> None:
    (tmp_path / "linked").mkdir()
    child = {"$schema": SCHEMA, "parameters": {"n": {"type": "string"}}, "resources": [account("[parameters('n')]")]}
    (tmp_path / "linked" / "child.json").write_text(json.dumps(child), encoding="utf-8")

    def link(name: str, **how: Any) -> dict[str, Any]:
        properties = {"templateLink": how, "parameters": {"n": {"value": name}}}
        return {"type": "Microsoft.Resources/deployments", "name": name, "properties": properties}

    whole = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"_artifactsLocation": {"type": "string"}, "token": {"type": "string"}},
        "resources": [
            link("a", relativePath="linked/child.json"),
            link("b", uri="[uri(parameters('_artifactsLocation'), 'linked/child.json')]"),
            link("c", uri="[uri(deployment().properties.templateLink.uri, 'linked/child.json')]"),
            link(
                "d",
                uri="[concat(parameters('_artifactsLocation'), '/linked/child.json', parameters('token'))]",
            ),
            link("e", uri="https://example.com/child.json"),
            link("f", relativePath="linked/missing.json"),
            link("g", relativePath="../../../../../../etc/passwd"),
        ],
    }
    (tmp_path / "main.json").write_text(json.dumps(whole), encoding="utf-8")
    (declared,) = load(Request([tmp_path]))
    assert [resource.name.written for resource in deployed(declared)] == ["a", "b", "c", "d"]
    reasons = [one.reason for one in declared.unread]
    assert len(reasons) == 3
    assert all("is not among the files" in reason for reason in reasons)
    assert [Path(one.file).name for one in declared.inputs].count("child.json") == 4


def test_templates_that_link_to_each_other_end(tmp_path: Path) -> None:
    for own, other in (("a", "b"), ("b", "a")):
        link = {
            "type": "Microsoft.Resources/deployments",
            "name": other,
            "properties": {"templateLink": {"relativePath": f"{other}.json"}},
        }
        whole = {"$schema": SCHEMA, "resources": [account(own), link]}
        (tmp_path / f"{own}.json").write_text(json.dumps(whole), encoding="utf-8")
    (declared,) = load(Request([tmp_path]))
    assert declared.name.endswith("a.json"), "one of the ring is judged, with the other inside"
    assert {resource.name.written for resource in deployed(declared)} == {"a", "b"}
    assert "deeper than 12 levels" in declared.unread[0].reason


def test_symbolic_names_existing_resources_and_extensions(tmp_path: Path) -> None:
    whole = {
        "$schema": SCHEMA,
        "languageVersion": "2.0",
        "resources": {
            "there": {"existing": True, **account("there")},
            "st": {"type": "Microsoft.Storage/storageAccounts@2023-01-01", "name": "st"},
            "lock": {
                "type": "Microsoft.Authorization/locks",
                "name": "keep",
                "scope": "[format('Microsoft.Storage/storageAccounts/{0}', 'st')]",
                "properties": {"level": "CanNotDelete"},
            },
            "old": {
                "type": "Microsoft.Storage/storageAccounts/providers/locks",
                "name": "st/Microsoft.Authorization/older",
                "properties": {"level": "ReadOnly"},
            },
        },
    }
    env = template(tmp_path, json.dumps(whole))
    assert [(one.type, one.name.written) for one in deployed(env)] == [
        ("Microsoft.Storage/storageAccounts", "st"),
        ("Microsoft.Authorization/locks", "keep"),
        ("Microsoft.Authorization/locks", "older"),
    ]
    for lock in deployed(env)[1:]:
        assert lock.extends is not None
        assert lock.extends.written.endswith("/Microsoft.Storage/storageAccounts/st")


def test_brackets_that_are_no_expression(tmp_path: Path) -> None:
    env = made(tmp_path, account("st", tags={"a": "[[literal]", "b": "[open", "c": "x[0]"}))
    tags = deployed(env)[0].node.value.get("tags").value  # type: ignore[union-attr]
    assert [node.value for node in tags.nodes.values()] == ["[literal]", "[open", "x[0]"]


@pytest.mark.parametrize(
    "resources",
    [
        [1, "x", None, []],
        [{"type": 7, "name": "x"}],
        [{"name": "x"}],
        [{"type": "Microsoft.Resources/deployments", "name": "x"}],
        [{"type": "Microsoft.Resources/deployments", "name": "x", "properties": {"template": 5}}],
        [{"type": "Microsoft.Resources/deployments", "name": "x", "properties": {"mode": "Incremental"}}],
        [{"type": "/", "name": "x"}],
        [{"type": "Microsoft.Resources/deployments", "name": "x", "properties": {"template": {}}}],
        [
            {
                "type": "Microsoft.Resources/deployments",
                "name": "x",
                "properties": {"expressionEvaluationOptions": {"scope": "inner"}, "template": {"resources": 5}},
            }
        ],
        [{"type": "[parameters('t')]", "name": "x"}],
    ],
)
def test_what_is_no_resource_is_told_or_left_out_and_never_breaks(tmp_path: Path, resources: list[Any]) -> None:
    whole = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": resources}
    (tmp_path / "main.json").write_text(json.dumps(whole), encoding="utf-8")
    (declared,) = load(Request([tmp_path / "main.json"]))
    assert deployed(declared) == []
    assert declared.unread, "something was declared that nobody read"


@pytest.mark.parametrize(
    "wrong",
    [{"parameters": [1]}, {"variables": "x"}, {"parameters": {"a": 5}}, {"variables": {"copy": 7}}, {"functions": 3}],
)
def test_parts_of_the_wrong_type_do_not_break_the_rest(tmp_path: Path, wrong: dict[str, Any]) -> None:
    env = made(tmp_path, account("st", tags={"a": "[parameters('a')]", "b": "[variables('b')]"}), **wrong)
    tags = deployed(env)[0].node.value.get("tags").value  # type: ignore[union-attr]
    assert all(isinstance(node.value, Unknown) for node in tags.nodes.values())


def test_the_target_fills_what_it_says_and_leaves_holes_elsewhere(tmp_path: Path) -> None:
    location = account("st", location="[resourceGroup().location]")
    (open_,) = made(tmp_path, location).all(StorageAccount)[0]
    assert open_.location is not None
    with pytest.raises(NotEnoughEvidence, match="the location"):
        _ = open_.location.known
    said = Settings(subscription="s", resource_group="g", location="westeurope")
    text = (tmp_path / "main.json").read_text(encoding="utf-8")
    (known,) = template(tmp_path, text, settings=said).all(StorageAccount)[0]
    assert known.location == "westeurope"
    assert known.id == "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/st"
