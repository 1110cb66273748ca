"""What Azure refuses of a template before it deploys anything: lost dependencies, and values of parameters."""

from pathlib import Path
from typing import Any

import pytest

from mlpreflight.environment import Environment
from mlpreflight.finding import Verdict
from tests.templates import (
    found,
    inner,
    made,
    tagged,
    tags,
    whole,
)

# Dependencies and parameters.


def verdicts(env: Environment, rule: str) -> dict[str, str]:
    return {one.subject.name or "": one.verdict.value for one in found(env, rule)}


@pytest.mark.parametrize(
    ("entry", "verdict"),
    [
        ("vnet", Verdict.PASS),
        ("VNET", Verdict.PASS),
        ("loop", Verdict.PASS),
        ("vnet/subnet", Verdict.PASS),
        ("off", Verdict.PASS),
        ("[resourceId('Microsoft.Network/virtualNetworks', 'vnet')]", Verdict.PASS),
        ("[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet', 'subnet')]", Verdict.PASS),
        ("[concat('Microsoft.Network/virtualNetworks/', 'vnet')]", Verdict.PASS),
        ("[concat('many', 1)]", Verdict.PASS),
        ("[resourceId('other', 'Microsoft.Resources/deployments', 'dep')]", Verdict.PASS),
        ("[parameters('named')]", Verdict.PASS),
        ("gone", Verdict.FAIL),
        ("storageLoop", Verdict.FAIL),
        ("many7", Verdict.FAIL),
        ("inside", Verdict.FAIL),
        ("[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet', 'inline')]", Verdict.FAIL),
        ("[resourceId('Microsoft.KeyVault/vaults', parameters('open'))]", Verdict.FAIL),
        ("[resourceId('Microsoft.Network/virtualNetworks', parameters('open'))]", Verdict.UNKNOWN),
        ("[parameters('open')]", Verdict.UNKNOWN),
        ("[concat('vn', parameters('open'))]", Verdict.UNKNOWN),
        ("[concat('zz', parameters('open'))]", Verdict.FAIL),
    ],
)
def test_what_a_resource_may_wait_for(tmp_path: Path, entry: str, verdict: Verdict) -> None:
    account = {"type": "Microsoft.Storage/storageAccounts"}
    template = whole(
        {
            "type": "Microsoft.Network/virtualNetworks",
            "name": "vnet",
            "properties": {"subnets": [{"name": "inline"}]},
            "resources": [{"type": "subnets", "name": "subnet"}],
        },
        {**account, "name": "off", "condition": False},
        {**account, "name": "[concat('many', copyIndex())]", "copy": {"name": "loop", "count": 2}},
        inner("dep", whole({**account, "name": "inside"}), resourceGroup="other"),
        {"type": "Microsoft.Compute/virtualMachines", "name": "vm", "dependsOn": [entry]},
        parameters={"open": {"type": "string"}, "named": {"type": "string"}},
    )
    if "named" in entry:
        template["resources"].append({"type": "Microsoft.Insights/components", "name": "[parameters('named')]"})
    env = made(tmp_path, template)
    assert verdicts(env, "dependency-not-in-template")[str(tmp_path / "main.json")] == verdict.value


def test_a_lost_dependency_is_shown_where_it_stands(tmp_path: Path) -> None:
    env = made(tmp_path, whole({"type": "Microsoft.A/b", "name": "x", "dependsOn": ["[concat('go', 'ne')]"]}))
    (finding,) = found(env, "dependency-not-in-template")
    assert finding.where is not None
    assert finding.where.pointer == "/resources/0/dependsOn/0"
    assert "x waits for gone" in finding.message


DECLARED = {
    "sku": {"type": "string", "allowedValues": ["Basic", "Standard"], "defaultValue": "Basic"},
    "count": {"type": "int", "minValue": 1, "maxValue": 3, "defaultValue": 2},
    "name": {"type": "string", "minLength": 2, "maxLength": 4, "defaultValue": "abc"},
    "list": {"type": "array", "maxLength": 1, "allowedValues": ["a", "b"], "defaultValue": []},
    "object": {"type": "object", "defaultValue": {}},
    "word": {"type": "securestring", "minLength": 8, "defaultValue": "longenough"},
    "maybe": {"type": "string", "nullable": True},
}


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, ""),
        ({"sku": "standard", "COUNT": 3, "list": ["b"], "maybe": None}, ""),
        ({"sku": "Premium"}, "'Premium' is not among the allowed values (Basic, Standard)"),
        ({"count": 4}, "it has 4, maxValue is 3"),
        ({"count": 0}, "it has 0, minValue is 1"),
        ({"name": "a"}, "it has 1 characters, minLength is 2"),
        ({"name": None}, "null is given"),
        ({"list": ["a", "b"]}, "it has 2 elements, maxLength is 1"),
        ({"list": ["c"]}, "'c' is not among the allowed values"),
        ({"object": []}, "a list is given, an object wanted"),
        ({"name": {"a": 1}}, "an object is given, text wanted"),
        ({"word": "short"}, "it has 5 characters, minLength is 8"),
    ],
)
def test_values_that_azure_would_refuse(tmp_path: Path, given: dict[str, Any], fault: str) -> None:
    env = made(tmp_path, whole(tagged(a="x"), parameters=DECLARED), given)
    (finding,) = found(env, "parameter-value-refused")
    assert finding.verdict is (Verdict.FAIL if fault else Verdict.PASS), finding.message
    assert fault in finding.message
    assert "short" not in finding.message
    if fault:
        assert any(one.where and (one.where.file or "").endswith("main.parameters.json") for one in finding.evidence)


def test_a_parameter_that_the_template_does_not_have(tmp_path: Path) -> None:
    env = made(tmp_path, whole(tagged(a="x"), parameters=DECLARED), {"sku": "Basic", "skuU": "Basic"})
    (finding,) = found(env, "parameter-not-in-template")
    assert "it is given skuU" in finding.message
    assert any(one.where and one.where.pointer == "/parameters/skuU/value" for one in finding.evidence)


def test_types_tell_what_is_secret_and_what_may_be_left_out(tmp_path: Path) -> None:
    definitions = {
        "login": {
            "type": "object",
            "properties": {
                "user": {"type": "string"},
                "word": {"type": "securestring"},
                "next": {"$ref": "#/definitions/login"},
            },
        },
        "some": {"type": "string", "nullable": True},
        "ring": {"$ref": "#/definitions/ring"},
    }
    template = whole(
        tagged(
            login="[parameters('login')]",
            word="[parameters('login').next.word]",
            words="[parameters('words')]",
            some="[coalesce(parameters('some'), 'none')]",
        ),
        languageVersion="2.0",
        definitions=definitions,
        parameters={
            "login": {"$ref": "#/definitions/login"},
            "some": {"$ref": "#/definitions/some"},
            "words": {"type": "array", "items": {"type": "securestring"}, "defaultValue": ["hush"]},
            "ring": {"$ref": "#/definitions/ring", "defaultValue": 1},
        },
    )
    login = {"user": "u", "word": "w", "next": {"user": "v", "word": "x"}}
    found = tags(tmp_path, template, {"login": login})
    hidden = {"user": "u", "word": "***", "next": {"user": "v", "word": "***"}}
    assert found == {"login": hidden, "word": "***", "words": ["***"], "some": "none"}
