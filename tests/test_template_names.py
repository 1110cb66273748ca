"""What the expressions of a template see: its own functions, lambdas, references, outputs of deployments."""

from pathlib import Path

from mlpreflight.sources.arm.nodes import node_of
from mlpreflight.sources.arm.scope import Budget, Scope, target
from mlpreflight.sources.arm.siblings import Siblings
from mlpreflight.sources.arm.syntax import parse
from mlpreflight.values import Where
from tests.templates import (
    SUBSCRIPTION,
    inner,
    shown,
    tagged,
    tags,
    whole,
)

# Functions of a template's own, and lambdas.


def test_a_template_calls_its_own_functions(tmp_path: Path) -> None:
    functions = [
        {
            "namespace": "contoso",
            "members": {
                "named": {
                    "parameters": [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}],
                    "output": {"type": "string", "value": "[concat(parameters('a'), '-', toLower(parameters('b')))]"},
                },
                "object": {"parameters": [], "output": {"type": "object", "value": {"x": "[contoso.named('p', 'Q')]"}}},
                "nosy": {"parameters": [], "output": {"type": "string", "value": "[variables('v')]"}},
                "ring": {"parameters": [], "output": {"type": "string", "value": "[contoso.ring()]"}},
            },
        }
    ]
    template = whole(
        tagged(
            one="[Contoso.Named('x', variables('v'))]",
            two="[contoso.object().x]",
            three="[contoso.nosy()]",
            four="[contoso.named('x')]",
            five="[contoso.ring()]",
            six="[contoso.named('x', parameters('open'))]",
        ),
        functions=functions,
        variables={"v": "ABC"},
        parameters={"open": {"type": "string"}},
    )
    assert tags(tmp_path, template) == {
        "one": "x-abc",
        "two": "p-q",
        "three": "{variable `v`}",
        "four": "{contoso.named('x')}",
        "five": "{`ring`}",
        "six": "x-{parameters('open')}",
    }


def test_lambdas_see_the_names_around_them(tmp_path: Path) -> None:
    template = whole(
        tagged(
            a="[map(variables('list'), lambda('x', concat(parameters('p'), lambdaVariables('x'))))]",
            b="[filter(variables('list'), lambda('x', 'i', greater(lambdaVariables('i'), 0)))]",
            c="[reduce(range(1, 4), 0, lambda('all', 'one', add(lambdaVariables('all'), lambdaVariables('one'))))]",
            d="[map(createArray(1, 2), lambda('x', map(createArray(3), lambda('y', contoso.sum()))))]".replace(
                "contoso.sum()", "add(lambdaVariables('x'), lambdaVariables('y'))"
            ),
        ),
        variables={"list": ["u", "v"]},
        parameters={"p": {"type": "string", "defaultValue": "p"}},
    )
    assert tags(tmp_path, template) == {"a": ["pu", "pv"], "b": ["v"], "c": 10, "d": [[4], [5]]}


def test_what_a_lambda_leaves_open_is_the_same_only_for_the_same_element(tmp_path: Path) -> None:
    """Two elements of which one call makes something unknown are two unknown values."""
    choice = "if(equals(parameters('one'), 1), lambdaVariables('x'), 0)"
    template = whole(
        tagged(
            same="[equals(map(parameters('one'), lambda('x', 1)), map(parameters('one'), lambda('x', 1)))]",
            other="[equals(map(parameters('one'), lambda('x', 1)), map(parameters('two'), lambda('x', 1)))]",
            each="[equals(variables('made')[0], variables('made')[1])]",
        ),
        parameters={"one": {"type": "array"}, "two": {"type": "array"}},
        variables={"made": f"[map(createArray('a', 'b'), lambda('x', {choice}))]"},
    )
    found = tags(tmp_path, template)
    assert found["same"] is True
    assert str(found["other"]).startswith("{equals")
    assert str(found["each"]).startswith("{equals")


def test_the_evaluator_takes_trees_as_well_as_text() -> None:
    """What another language is lowered onto: expressions in a template that were never text."""
    scope = Scope(target("AzureCloud", SUBSCRIPTION, "rg", "eastus"), "test", Budget(), Siblings())
    raw = {"a": parse("concat('x', resourceGroup().name)"), "b": [parse("add(1, 2)")]}
    assert shown(node_of(raw, Where(None), scope).value) == {"a": "xrg", "b": [3]}


# References and outputs.


def test_references_give_what_the_template_declares(tmp_path: Path) -> None:
    vault = {
        "type": "Microsoft.KeyVault/vaults",
        "name": "[variables('kv')]",
        "location": "eastus2",
        "properties": {"enablePurgeProtection": True, "networkAcls": {"bypass": "AzureServices"}},
    }
    template = whole(
        vault,
        tagged(
            by_name="[reference(variables('kv')).networkAcls.bypass]",
            by_id="[reference(resourceId('Microsoft.KeyVault/vaults', 'kv'), '2023-07-01').enablePurgeProtection]",
            full="[reference('kv', '2023-07-01', 'Full').location]",
            not_declared="[reference('kv').vaultUri]",
            not_here="[reference('elsewhere').vaultUri]",
            keys="[listKeys('kv', '2023-07-01').keys[0]]",
        ),
        variables={"kv": "kv"},
    )
    assert tags(tmp_path, template) == {
        "by_name": "AzureServices",
        "by_id": True,
        "full": "eastus2",
        "not_declared": "{reference('kv').vaultUri}",
        "not_here": "{reference('elsewhere').vaultUri}",
        "keys": "{listKeys('kv', '2023-07-01').keys[0]}",
    }


def test_references_and_infos_by_symbolic_names(tmp_path: Path) -> None:
    resources = {
        "vnets": {
            "type": "Microsoft.Network/virtualNetworks",
            "name": "[format('vnet{0}', copyIndex())]",
            "copy": {"name": "vnets", "count": 2},
            "properties": {"addressSpace": {"addressPrefixes": ["[format('10.{0}.0.0/16', copyIndex())]"]}},
        },
        "old": {"existing": True, "type": "Microsoft.KeyVault/vaults", "name": "kv"},
        "account": tagged(
            first="[reference('vnets[1]').addressSpace.addressPrefixes[0]]",
            id="[resourceInfo('old').id]",
            old="[reference('old').vaultUri]",
        ),
    }
    found = tags(tmp_path, {**whole(), "languageVersion": "2.0", "resources": resources})
    assert found["first"] == "10.1.0.0/16"
    assert found["id"].endswith("/providers/Microsoft.KeyVault/vaults/kv")
    assert found["old"] == "{reference('old').vaultUri}"


def test_outputs_of_deployments_are_known_to_the_templates_around_them(tmp_path: Path) -> None:
    outputs = {
        "name": {"type": "string", "value": "[concat(parameters('p'), '-made')]"},
        "list": {"type": "array", "copy": {"count": 3, "input": "[copyIndex()]"}},
        "secret": {"type": "securestring", "value": "hush"},
        "account": {"type": "string", "value": "[reference('below').accessTier]"},
    }
    below = {"type": "Microsoft.Storage/storageAccounts", "name": "below", "properties": {"accessTier": "Cool"}}
    given = {"properties": {"parameters": {"p": {"value": "x"}}}}
    template = whole(
        inner("dep", whole(below, parameters={"p": {"type": "string"}}, outputs=outputs), **given),
        tagged(
            name="[reference('dep').outputs.name.value]",
            list="[reference(resourceId('Microsoft.Resources/deployments', 'dep')).outputs.list.value]",
            hidden="[reference('dep').outputs.secret.value]",
            account="[reference('dep').outputs.account.value]",
            none="[reference('dep').outputs.none.value]",
        ),
    )
    assert tags(tmp_path, template) == {
        "name": "x-made",
        "list": [0, 1, 2],
        "hidden": "***",
        "account": "Cool",
        "none": "{reference('dep').outputs.none.value}",
    }


def test_references_in_a_ring_end(tmp_path: Path) -> None:
    one = {"type": "Microsoft.A/b", "name": "one", "properties": "[reference('two')]"}
    two = {"type": "Microsoft.A/b", "name": "two", "properties": "[reference('one')]"}
    found = tags(tmp_path, whole(one, two, tagged(x="[reference('one').y]")))
    assert str(found["x"]).startswith("{")
