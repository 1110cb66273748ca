"""What kind of input a file is."""

from enum import StrEnum
from pathlib import Path
from typing import Any

from mlpreflight.sources.artifacts import artifact, is_template
from mlpreflight.sources.exports import is_export


class Kind(StrEnum):
    ENVIRONMENT = "environment file"
    TEMPLATE = "ARM template"
    ARTIFACT = "template inside of an artifact"
    EXPORT = "resources as Azure prints them"
    PARAMETERS = "parameter file"
    BICEP = "Bicep file"
    TERRAFORM = "Terraform configuration"
    PLAN = "Terraform plan"
    MANIFEST = "Kubernetes manifest"
    AZUREML = "Azure ML YAML"
    LIST = "list of resources"
    TAGS = "list of service tags"
    OTHER = "something else"


ADVICE = {
    Kind.PARAMETERS: "is a parameter file; hand in its template, with --parameters",
    Kind.BICEP: "is Bicep, which is not read yet; make a template of it: az bicep build --file {file}",
    Kind.TERRAFORM: "is Terraform, which is not read yet; make a plan: terraform plan -out plan.bin && "
    "terraform show -json plan.bin > plan.json",
    Kind.PLAN: "is a Terraform plan, which is not read yet",
    Kind.MANIFEST: "is a Kubernetes manifest, which is not read yet",
    Kind.AZUREML: "is an Azure ML YAML file, which is not read yet; describe the resources in an env.yaml",
    Kind.TAGS: "is a list of service tags, no environment; hand it in with --service-tags {file}",
    Kind.OTHER: "is no template, no list of resources and no environment file",
}
"""Why a file of a kind that is known but not read stays unread, and what makes it readable."""

ENVIRONMENT_KEYS = {"profile", "workloads", "include", "resources", "roles", "context"}


def by_name(path: Path) -> Kind | None:
    """The kind that the name alone tells."""
    name = path.name.lower()
    if name.endswith((".bicep", ".bicepparam")):
        return Kind.BICEP
    if name.endswith((".tf", ".tfvars", ".tf.json")):
        return Kind.TERRAFORM
    if name in ("env.yaml", "env.yml"):
        return Kind.ENVIRONMENT
    return None


def by_content(value: Any, is_yaml: bool) -> Kind:
    """The kind that the parsed content tells."""
    if isinstance(value, dict):
        if is_yaml:
            return _of_yaml(value)
        return _of_object(value)
    if is_yaml and isinstance(value, list):
        return Kind.OTHER
    return Kind.EXPORT if isinstance(value, list) and is_export(value) else Kind.OTHER


def _of_yaml(value: dict[str, Any]) -> Kind:
    if "azuremlschemas" in str(value.get("$schema", "")):
        return Kind.AZUREML
    if "apiVersion" in value and "kind" in value:
        return Kind.MANIFEST
    return Kind.ENVIRONMENT if ENVIRONMENT_KEYS & value.keys() else Kind.OTHER


def _of_object(value: dict[str, Any]) -> Kind:
    schema = str(value.get("$schema", "")).lower()
    resources = value.get("resources")
    if "deploymentparameters" in schema or (_holds_values(value.get("parameters")) and resources is None):
        return Kind.PARAMETERS
    if isinstance(resources, list | dict) and ("deploymenttemplate" in schema or "contentVersion" in value):
        return Kind.TEMPLATE
    if "deploymenttemplate" in schema:
        return Kind.TEMPLATE
    if "resource_changes" in value or "planned_values" in value:
        return Kind.PLAN
    if {"changeNumber", "values"} <= value.keys():
        return Kind.TAGS
    if artifact(value) is not None:
        return Kind.ARTIFACT
    if is_export(value):
        return Kind.EXPORT
    if is_template(value):
        return Kind.TEMPLATE
    if "apiVersion" in value and "kind" in value:
        return Kind.MANIFEST
    return Kind.OTHER


def _holds_values(parameters: Any) -> bool:
    return isinstance(parameters, dict) and any(
        isinstance(entry, dict) and ({"value", "reference"} & entry.keys()) and "type" not in entry
        for entry in parameters.values()
    )
