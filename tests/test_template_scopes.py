"""What templates are deployed to, and templates that stand inside of something else."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders import deployed
from tests.templates import (
    SCHEMA,
    SUBSCRIPTION,
    ids,
    inner,
    made,
    tagged,
    tags,
    tags_of,
    whole,
)

# Scopes.


@pytest.mark.parametrize(
    ("schema", "type", "id"),
    [
        (
            "2019-04-01/deploymentTemplate.json",
            "Microsoft.Storage/storageAccounts",
            "/subscriptions/{s}/resourceGroups/rg",
        ),
        (
            "2015-01-01/deploymentTemplate.json",
            "Microsoft.Storage/storageAccounts",
            "/subscriptions/{s}/resourceGroups/rg",
        ),
        (
            "2018-05-01/subscriptionDeploymentTemplate.json",
            "Microsoft.Authorization/policyAssignments",
            "/subscriptions/{s}",
        ),
        (
            "2019-08-01/managementGroupDeploymentTemplate.json",
            "Microsoft.Authorization/policyAssignments",
            "/providers/Microsoft.Management/managementGroups/{{managementGroup().name}}",
        ),
        ("2019-08-01/tenantDeploymentTemplate.json", "Microsoft.Authorization/policyAssignments", ""),
    ],
)
def test_each_schema_deploys_to_its_scope(tmp_path: Path, schema: str, type: str, id: str) -> None:
    template = {**whole({"type": type, "name": "one"}), "$schema": SCHEMA.format(schema)}
    assert ids(made(tmp_path, template)) == [f"{id.format(s=SUBSCRIPTION)}/providers/{type}/one"]


def test_deployments_go_to_other_groups_subscriptions_and_management_groups(tmp_path: Path) -> None:
    account = {"type": "Microsoft.Storage/storageAccounts", "name": "st"}
    policy = {"type": "Microsoft.Authorization/policyAssignments", "name": "p"}
    template = {
        **whole(
            inner("a", whole(account), resourceGroup="other"),
            inner("b", whole(account), resourceGroup="other", subscriptionId="1111"),
            inner("c", whole(policy), scope="[concat('Microsoft.Management/managementGroups/', 'mg')]"),
            inner(
                "d", {**whole(policy), "$schema": SCHEMA.format("2019-08-01/tenantDeploymentTemplate.json")}, scope="/"
            ),
            inner("e", {**whole(policy), "$schema": SCHEMA.format("2018-05-01/subscriptionDeploymentTemplate.json")}),
        ),
    }
    end = "/providers/Microsoft.Storage/storageAccounts/st"
    policy_end = "/providers/Microsoft.Authorization/policyAssignments/p"
    assert ids(made(tmp_path, template)) == [
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other{end}",
        f"/subscriptions/1111/resourceGroups/other{end}",
        f"/providers/Microsoft.Management/managementGroups/mg{policy_end}",
        policy_end,
        f"/subscriptions/{SUBSCRIPTION}{policy_end}",
    ]


@pytest.mark.parametrize(("scope", "name"), [("outer", "rg"), ("inner", "other")])
def test_a_nested_template_of_the_outer_scope_sees_the_outer_resource_group(
    tmp_path: Path, scope: str, name: str
) -> None:
    nested = inner("a", whole(tagged(group="[resourceGroup().name]")), scope, resourceGroup="other")
    env = made(tmp_path, whole(nested))
    (resource,) = deployed(env)
    assert "/resourceGroups/other/" in resource.id.written, "either is deployed to the other group"
    assert tags_of(resource) == {"group": name}


# Templates inside of something else.


@pytest.mark.parametrize(
    "wrap",
    [
        lambda template: {
            "kind": "template",
            "properties": {"template": template, "parameters": {"p": {"value": "x"}}},
        },
        lambda template: {
            "properties": {"mainTemplate": template},
            "type": "Microsoft.Resources/templateSpecs/versions",
        },
        lambda template: {"id": "/subscriptions/s", "mainTemplate": template},
    ],
)
def test_templates_in_artifacts_are_read(tmp_path: Path, wrap: Any) -> None:
    template = whole(tagged(p="[parameters('p')]"), parameters={"p": {"type": "string", "defaultValue": "x"}})
    assert tags(tmp_path, wrap(template)) == {"p": "x"}


def test_templates_that_come_with_a_template_spec_are_read(tmp_path: Path) -> None:
    link = {"properties": {"templateLink": {"relativePath": "parts/one.json"}, "parameters": {"p": {"value": "y"}}}}
    part = whole(tagged(p="[parameters('p')]"), parameters={"p": {"type": "string"}})
    spec = {
        "mainTemplate": whole({"type": "Microsoft.Resources/deployments", "name": "d", **link}),
        "linkedTemplates": [{"path": "parts/one.json", "template": part}],
    }
    assert tags(tmp_path, spec) == {"p": "y"}


@pytest.mark.parametrize("address", ["https://example.org/repo/", "https://example.org/repo/azuredeploy.json"])
def test_linked_templates_below_the_address_that_was_given_are_read_beside_us(tmp_path: Path, address: str) -> None:
    (tmp_path / "nested").mkdir()
    (tmp_path / "nested" / "one.json").write_text(json.dumps(whole(tagged(a="b"))), encoding="utf-8")
    uri = "[uri(parameters('_artifactsLocation'), concat('nested/one.json', parameters('_artifactsLocationSasToken')))]"
    deployment = {"type": "Microsoft.Resources/deployments", "name": "d", "properties": {"templateLink": {"uri": uri}}}
    parameters = {"_artifactsLocation": {"type": "string"}, "_artifactsLocationSasToken": {"type": "securestring"}}
    given = {"_artifactsLocation": address, "_artifactsLocationSasToken": "?sv=1"}
    assert tags(tmp_path, whole(deployment, parameters=parameters), given) == {"a": "b"}
