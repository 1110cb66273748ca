"""`env.yaml`: what it can say, what it includes, and every way to get it wrong."""

import json
import textwrap
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlpreflight.documents import from_text
from mlpreflight.environment import Fetch
from mlpreflight.resources.roles import ROLES
from mlpreflight.sources import yaml as reader
from mlpreflight.sources.declared import Declared, Settings
from mlpreflight.sources.load import Request, load
from mlpreflight.vocabulary import CLOUDS, PROFILES, WORKLOADS
from tests.builders import deployed

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "mlpreflight" / "schema" / "env.schema.json").read_text(encoding="utf-8"))


def one(folder: Path, text: str, **request: Any) -> Declared:
    (folder / "env.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    (declared,) = load(Request([folder / "env.yaml"], **request))
    return declared


def test_all_that_an_environment_can_say(tmp_path: Path) -> None:
    declared = one(
        tmp_path,
        """\
        name: Ours
        profile: legacy-2019
        workloads: [training]
        roles: {computeSubnet: snet, mlCluster: [aks, other]}
        context:
          subscription: sub
          resourceGroup: rg
          location: westeurope
          cloud: AzureUSGovernment
          asOf: 2019-07-01
        complete: true
        waivers: waivers.yaml
        resources:
        - {type: Microsoft.Storage/storageAccounts, name: st, location: "[resourceGroup().location]"}
        observations:
        - {fetch: "http://pki/x.crl", from: snet, outcome: refused, detail: "port 80"}
        """,
    )
    assert declared.unread == []
    assert declared.name == "Ours"
    said = declared.settings
    assert (said.profile, said.workloads, said.cloud, said.complete) == (
        "legacy-2019",
        ("training",),
        "AzureUSGovernment",
        True,
    )
    assert said.roles == {"computeSubnet": ("snet",), "mlCluster": ("aks", "other")}
    assert str(said.as_of) == "2019-07-01"
    (resource,) = declared.resources
    assert resource.id == "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st"
    seen = declared.observations[Fetch("http://pki/x.crl", "snet")]
    assert (seen.outcome, seen.detail) == ("refused", "port 80")


def test_the_command_line_says_more_than_the_file(tmp_path: Path) -> None:
    text = "profile: current\ncontext: {location: eastus}\nresources: []\n"
    declared = one(tmp_path, text, settings=Settings(profile="aks-v1", location="westus"))
    assert (declared.settings.profile, declared.settings.location) == ("aks-v1", "westus")


def test_included_files_are_read_with_their_parameters(tmp_path: Path) -> None:
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    resource = {"type": "Microsoft.Storage/storageAccounts", "name": "[parameters('n')]"}
    template = {"$schema": schema, "parameters": {"n": {"type": "string"}}, "resources": [resource]}
    (tmp_path / "main.json").write_text(json.dumps(template), encoding="utf-8")
    for name, value in (("main.parameters.json", "beside"), ("prod.json", "chosen")):
        (tmp_path / name).write_text(json.dumps({"parameters": {"n": {"value": value}}}), encoding="utf-8")
    (tmp_path / "more.yaml").write_text("- {type: Microsoft.KeyVault/vaults, name: listed}\n", encoding="utf-8")
    exported = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/exported"
    (tmp_path / "export.json").write_text(json.dumps([{"id": exported, "properties": {}}]), encoding="utf-8")
    text = """\
    include:
    - main.json
    - {file: main.json, parameters: prod.json}
    - more.yaml
    - export.json
    resources:
    - {type: Microsoft.KeyVault/vaults, name: own}
    """
    declared = one(tmp_path, text)
    assert declared.unread == []
    assert [resource.name.written for resource in deployed(declared)] == [
        "beside",
        "chosen",
        "listed",
        "exported",
        "own",
    ]
    whole = list(load(Request([tmp_path])))
    assert len(whole) == 1, "what an environment includes is not judged again"
    assert whole[0].unread == []


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("missing.json", None, "cannot be opened: No such file or directory"),
        ("broken.json", "{", "is not JSON: line 1, column 2"),
        ("main.bicep", "param x string", "az bicep build --file"),
        ("main.tf", "", "terraform show -json"),
        ("other.json", '{"a": 1}', "is no template"),
        ("params.json", '{"parameters": {"a": {"value": 1}}}', "is a parameter file"),
        ("env2.yaml", "profile: current\nresources: []\n", "is an environment of its own"),
        ("plan.json", '{"planned_values": {}, "resource_changes": []}', "is a Terraform plan"),
        ("tags.json", '{"changeNumber": 1, "cloud": "Public", "values": []}', "hand it in with --service-tags"),
        ("list.yaml", "- 5\n", "a resource must be keys and values"),
        ("list.yaml", "- {type: x/y}\n", "this resource has no name"),
    ],
)
def test_what_cannot_be_included_is_unread_with_the_reason(
    tmp_path: Path, file: str, text: str | None, reason: str
) -> None:
    if text is not None:
        (tmp_path / file).write_text(text, encoding="utf-8")
    declared = one(tmp_path, f"include: [{file}]\nresources: [{{type: Microsoft.KeyVault/vaults, name: own}}]\n")
    assert [reason in unread.reason for unread in declared.unread] == [True], declared.unread
    assert [resource.name.written for resource in deployed(declared)] == ["own"], "the rest is judged all the same"


WRONG = [
    ("profil: current", "line 1, column 1: unknown key 'profil' in the environment; did you mean 'profile'?"),
    ("profile: curent", "'curent' is no profile; did you mean 'current'?"),
    ("profile: 7", "profile must be text"),
    ("workloads: training", "workloads must be a list"),
    ("workloads: [serving]", "'serving' is no workload; write one of training"),
    ("roles: {computeSubnets: x}", "unknown key 'computeSubnets' in roles; did you mean 'computeSubnet'?"),
    ("roles: {computeSubnet: 5}", "roles.computeSubnet must be a list"),
    ("roles: {computeSubnet: [5]}", "roles.computeSubnet must be text"),
    ("context: {ressourceGroup: x}", "unknown key 'ressourceGroup' in context; did you mean 'resourceGroup'?"),
    ("context: {location: [a]}", "location must be text"),
    ("context: {cloud: azurecloud}", "'azurecloud' is no cloud; did you mean 'AzureCloud'?"),
    ("context: {asOf: yesterday}", "'yesterday' is no date"),
    ("context: 5", "context must be keys and values"),
    ("complete: yes", "complete must be true or false"),
    ("include: main.json", "include must be a list of files"),
    ("include: [5]", "an included file must be keys and values"),
    ("include: [{path: x}]", "unknown key 'path' in an included file"),
    ("include: [{parameters: x}]", "file must be text"),
    ("waivers: [x]", "waivers must be text"),
    ("name: ''", "name must be text"),
    ("resources: {a: 1}", "resources must be a list"),
    ("resources: [5]", "a resource must be keys and values"),
    ("resources:\n- name: x", "line 2, column 3: this resource has no type"),
    ("observations: {}", "observations must be a list"),
    ("observations: [{outcome: ok}]", "fetch must be text"),
    ("observations: [{fetch: x}]", "outcome must be text"),
    ("observations: [{fetch: x, outcome: y, when: z}]", "unknown key 'when' in an observation"),
    ("- a\n- b", "the environment must be keys and values"),
    ("5", "the environment must be keys and values"),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[text[:40] for text, _ in WRONG])
def test_every_mistake_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    declared = one(tmp_path, text)
    assert [message in unread.reason for unread in declared.unread] == [True], declared.unread
    assert declared.unread[0].reason.startswith("line ")


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[text[:40] for text, _ in WRONG])
def test_the_schema_for_editors_refuses_it_too(text: str, message: str) -> None:
    value = from_text(text, "env.yaml", yaml=True).value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, SCHEMA)


def test_the_schema_knows_just_the_keys_and_words_of_the_reader() -> None:
    properties = SCHEMA["properties"]
    assert tuple(properties) == reader.KEYS
    assert tuple(properties["context"]["properties"]) == reader.CONTEXT_KEYS
    assert tuple(properties["roles"]["properties"]) == tuple(ROLES)
    assert tuple(properties["include"]["items"]["anyOf"][1]["properties"]) == reader.INCLUDE_KEYS
    assert tuple(properties["observations"]["items"]["properties"]) == reader.OBSERVATION_KEYS
    assert tuple(properties["profile"]["enum"]) == PROFILES
    assert tuple(properties["workloads"]["items"]["enum"]) == WORKLOADS
    assert tuple(properties["context"]["properties"]["cloud"]["enum"]) == CLOUDS


def test_the_sample_environments_are_valid() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    files = list(ROOT.glob("sample-envs/*/env.yaml"))
    assert files
    for file in files:
        jsonschema.validate(from_text(file.read_text(encoding="utf-8"), file.name, yaml=True).value, SCHEMA)
