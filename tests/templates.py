"""Templates for tests, and what comes out of them."""

import json
from pathlib import Path
from typing import Any

from mlpreflight.engine import examine
from mlpreflight.environment import Environment, Resource
from mlpreflight.finding import Finding
from mlpreflight.rules.reader import built_in
from mlpreflight.sources.assemble import assemble
from mlpreflight.sources.declared import Settings
from mlpreflight.sources.load import Request, load
from mlpreflight.values import Fields, Items, Text, Unknown, Value
from tests.builders import TODAY, deployed

SCHEMA = "https://schema.management.azure.com/schemas/{}#"
GROUP = SCHEMA.format("2019-04-01/deploymentTemplate.json")
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
ACCOUNTS = "Microsoft.Storage/storageAccounts"
POLICIES = "Microsoft.Authorization/policyAssignments"
ABOVE = "2018-05-01/subscriptionDeploymentTemplate.json"
TENANT = "2019-08-01/tenantDeploymentTemplate.json"
RULES = built_in()
SAID = Settings(subscription=SUBSCRIPTION, resource_group="rg", location="eastus2", as_of=TODAY)


def whole(*resources: Any, **parts: Any) -> dict[str, Any]:
    return {"$schema": GROUP, "contentVersion": "1.0.0.0", **parts, "resources": list(resources)}


def tagged(**tags: Any) -> dict[str, Any]:
    """A resource whose tags are what a test asks for."""
    return {"type": "Microsoft.Storage/storageAccounts", "name": "st", "tags": tags}


def inner(name: str, template: dict[str, Any], sees: str = "inner", **more: Any) -> dict[str, Any]:
    properties = {"expressionEvaluationOptions": {"scope": sees}, "template": template, **more.pop("properties", {})}
    return {"type": "Microsoft.Resources/deployments", "name": name, "properties": properties, **more}


def made(folder: Path, template: dict[str, Any], parameters: dict[str, Any] | None = None) -> Environment:
    path = folder / "main.json"
    path.write_text(json.dumps(template, indent=1), encoding="utf-8")
    if parameters is not None:
        values = {name: {"value": value} for name, value in parameters.items()}
        (folder / "main.parameters.json").write_text(json.dumps({"parameters": values}, indent=1), encoding="utf-8")
    (declared,) = load(Request([path], SAID))
    assert not declared.unread, declared.unread
    return assemble(declared, TODAY)


def shown(value: Value) -> Any:
    match value:
        case Unknown():
            return f"{{{value.shown}}}"
        case Text():
            return value.written
        case Fields():
            return {name: shown(node.value) for name, node in value.nodes.items()} | (
                {"...": True} if value.more else {}
            )
        case Items():
            return [shown(node.value) for node in value.nodes] + (["..."] if value.more else [])
    return value


def tags_of(resource: Resource) -> Any:
    fields = resource.node.value
    assert isinstance(fields, Fields)
    tags = fields.get("tags")
    assert tags is not None
    return shown(tags.value)


def tags(folder: Path, template: dict[str, Any], parameters: dict[str, Any] | None = None) -> Any:
    return tags_of(next(one for one in deployed(made(folder, template, parameters)) if one.name.written == "st"))


def ids(env: Environment) -> list[str]:
    return [resource.id.written for resource in deployed(env)]


def found(env: Environment, rule: str) -> list[Finding]:
    return list(examine(env, [one for one in RULES if one.id == rule]))
