"""A list of service tags at work: what clusters make of it, where it comes from, and that reports name it."""

import json
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mlpreflight.cli import main
from mlpreflight.engine import examine
from mlpreflight.finding import Finding, Verdict
from mlpreflight.rules.reader import built_in
from tests.builders import environment
from tests.test_house import loaded_by
from tests.test_service_tags import LIST, NAME, TAG, listed, whole

# What clusters make of a list.


def judged(ranges: list[str], rule: str = "authorized-ranges-lack-azureml", tags: Any = LIST, **more: str) -> Finding:
    """What a rule says of a cluster with these authorized ranges."""
    location = more.get("location", "East US 2")
    text = f"""\
        - type: Microsoft.ContainerService/managedClusters
          name: aks
          location: "{location}"
          identity: {{type: SystemAssigned}}
          properties: {{apiServerAccessProfile: {{authorizedIPRanges: {json.dumps(ranges)}}}}}
        """
    env = environment(textwrap.dedent(text) + more.get("beside", ""))
    env = replace(env, tags=tags and listed(tags))
    (page,) = [one for one in built_in() if one.id == rule]
    (finding,) = examine(env, [page])
    return finding


EAST = ["13.0.0.0/28", "13.0.1.0/28"]
BOTH = ["13.0.0.0/27", "13.0.1.0/28", "13.0.2.0/28"]


@pytest.mark.parametrize(
    ("ranges", "verdict", "told"),
    [
        ([*BOTH, "13.0.9.9/32"], "pass", "they hold all of AzureMachineLearning (by the service tags of 2025-10-28)"),
        (["13.0.0.0/16"], "pass", "they hold all of AzureMachineLearning"),
        (["AzureMachineLearning"], "pass", "they hold all of AzureMachineLearning"),
        (BOTH, "pass", "they hold AzureMachineLearning.EastUS2 and AzureMachineLearning.CentralUS"),
        (["13.0.0.0/26", "13.0.1.0/24", "13.0.2.0/25"], "pass", "they hold AzureMachineLearning.EastUS2 and"),
        ([*EAST, "AzureMachineLearning.CentralUS"], "pass", "they hold AzureMachineLearning.EastUS2 and"),
        (EAST, "fail", "they hold AzureMachineLearning.EastUS2, and lack 2 ranges of AzureMachineLearning.CentralUS: "),
        (EAST, "fail", "CentralUS: 13.0.0.16/28, 13.0.2.0/28 (by the service tags of 2025-10-28)"),
        (
            ["13.0.0.0/27", "13.0.1.0/29", "13.0.2.0/28"],
            "fail",
            "lack 1 range of AzureMachineLearning.EastUS2: 13.0.1.8/29",
        ),
        (["203.0.113.7/32"], "fail", "they lack 2 ranges of AzureMachineLearning.EastUS2: 13.0.0.0/28, 13.0.1.0/28; "),
        (["99.0.0.0/8"], "fail", "they lack 2 ranges of AzureMachineLearning.EastUS2"),
        ([*EAST, "[parameters('more')]"], "unknown", "more"),
    ],
)
def test_ranges_are_compared_exactly_with_the_control_plane(ranges: list[str], verdict: str, told: str) -> None:
    finding = judged(ranges)
    assert (finding.verdict.value, told in finding.message) == (verdict, True), finding.message


def test_the_fix_names_all_that_is_missing() -> None:
    assert "To be added: 13.0.0.16/28, 13.0.2.0/28." in (judged(EAST).fix or "")
    many = {**LIST, f"{TAG}.CentralUS": [f"14.0.{at}.0/32" for at in range(199)]}
    finding = judged(EAST, tags=many)
    assert "14.0.9.0/32, …" in finding.message
    assert "14.0.198.0/32" in (finding.fix or "")
    assert "with these they would be 201, and AKS takes 200" in finding.message


def test_the_documented_minimum_is_a_warning_of_its_own() -> None:
    rule = "authorized-ranges-hold-two-regions-only"
    finding = judged(BOTH, rule)
    assert finding.verdict is Verdict.FAIL
    assert str(finding.severity) == "warn"
    assert finding.message.endswith(", and lack 1 range of AzureMachineLearning")
    assert "13.0.9.9/32" in (finding.fix or "")
    assert judged([*BOTH, "13.0.9.9/32"], rule).verdict is Verdict.PASS
    assert judged(EAST, rule).verdict is Verdict.NOT_APPLICABLE


def test_whose_region_it_is() -> None:
    assert judged(BOTH, location="centralus").verdict is Verdict.PASS
    workspace = "- {type: Microsoft.MachineLearningServices/workspaces, name: ws, location: eastus2}\n"
    assert judged(BOTH, location="westeurope", beside=workspace).verdict is Verdict.PASS
    assert "is not among the service tags of 2025-10-28" in judged(BOTH, location="westeurope").message
    assert judged(BOTH, location="somewhere").verdict is Verdict.UNKNOWN
    assert "they hold no address of AzureMachineLearning" in judged(["99.0.0.0/8"], location="somewhere").message
    assert judged(["203.0.113.7/32"], location="somewhere").verdict is Verdict.FAIL
    alone = {**LIST, f"{TAG}.ItalyNorth": ["13.0.2.0/28"]}
    assert judged(["13.0.2.0/28"], location="italynorth", tags=alone).verdict is Verdict.PASS


def test_trusted_access_needs_no_ranges() -> None:
    binding = """\
- type: Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings
  name: aks/azureml
  properties:
    sourceResourceId: "[resourceId('Microsoft.MachineLearningServices/workspaces', 'ws')]"
    roles: [Microsoft.MachineLearningServices/workspaces/mlworkload]
"""
    assert judged(EAST, beside=binding).message == "Trusted Access gets past the ranges"


def test_too_many_ranges_may_be_fewer() -> None:
    ranges = [f"13.0.0.{at}/32" for at in range(202)]
    assert "; neighbours joined they are 4" in judged(ranges, "too-many-authorized-ranges").message
    apart = [f"13.0.{at}.0/32" for at in range(202)]
    assert judged(apart, "too-many-authorized-ranges").message == "202 ranges are declared, AKS takes 200"


# Where a list comes from, and that reports name it.


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["check", *map(str, arguments)])
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a list and an environment that wants one; what is kept is kept in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / NAME).write_text(json.dumps(whole(LIST)), encoding="utf-8")
    cluster = f"""\
        resources:
        - type: Microsoft.ContainerService/managedClusters
          name: aks
          location: eastus2
          identity: {{type: SystemAssigned}}
          properties: {{apiServerAccessProfile: {{authorizedIPRanges: {json.dumps(EAST)}}}}}
        """
    (tmp_path / "env.yaml").write_text(textwrap.dedent(cluster), encoding="utf-8")
    return tmp_path


def used(result: Result) -> Any:
    (judged,) = json.loads(result.stdout)["environments"]
    return judged["service_tags"]


USED = {"file": f"lists/{NAME}", "cloud": "AzureCloud", "change_number": 375, "date": "2025-10-28"}


def test_every_report_names_the_list_that_was_used(folder: Path) -> None:
    given_ = ["env.yaml", "--service-tags", f"lists/{NAME}"]
    assert used(run(*given_, "--format", "json")) == USED
    assert used(run("env.yaml", "--format", "json")) is None
    told = "the service tags of 2025-10-28 (change 375 of AzureCloud, lists/ServiceTags_Public_20251028.json)"
    assert told in " ".join(run(*given_).output.split())
    assert "tags" not in json.loads(run("env.yaml", "--format", "sarif").stdout)["runs"][0].get("properties", {})
    (sarif,) = json.loads(run(*given_, "--format", "sarif").stdout)["runs"]
    assert sarif["properties"]["serviceTags"] == [
        {"file": f"lists/{NAME}", "cloud": "AzureCloud", "changeNumber": 375, "date": "2025-10-28"}
    ]


def test_an_environment_may_name_its_list(folder: Path) -> None:
    text = (folder / "env.yaml").read_text(encoding="utf-8")
    (folder / "sub").mkdir()
    (folder / "sub" / "env.yaml").write_text(f"serviceTags: ../lists/{NAME}\n{text}", encoding="utf-8")
    assert used(run("sub", "--format", "json"))["file"] == f"lists/{NAME}"
    (folder / "sub" / "env.yaml").write_text(f"serviceTags: none.json\n{text}", encoding="utf-8")
    result = run("sub")
    assert result.exit_code in (1, 4)
    assert "UNREAD" in result.output
    assert "sub/none.json cannot be opened: No such file or directory" in result.output


def test_a_list_of_another_cloud_is_not_used(folder: Path) -> None:
    result = run("env.yaml", "--service-tags", f"lists/{NAME}", "--cloud", "AzureUSGovernment", "--format", "json")
    (judged,) = json.loads(result.stdout)["environments"]
    assert judged["service_tags"] is None
    assert "lists the service tags of AzureCloud" in judged["unread"][0]["reason"]


def test_a_list_is_kept_and_used_only_if_somebody_says_so(folder: Path) -> None:
    nothing = run("env.yaml", "--service-tags", "kept")
    assert nothing.exit_code == 2
    assert "keep one first, with --service-tags FILE --keep" in nothing.output
    kept = used(run("env.yaml", "--service-tags", f"lists/{NAME}", "--keep", "--format", "json"))
    assert kept == USED
    assert [one.name for one in (folder / "cache" / "mlpreflight").iterdir()] == ["service-tags"]
    (folder / "lists" / NAME).unlink()
    again = run("env.yaml", "--service-tags", "kept", "--format", "json")
    assert used(again) == {**USED, "file": NAME}
    assert "13.0.0.16/28, 13.0.2.0/28" in again.output
    assert used(run("env.yaml", "--format", "json")) is None


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--keep"], "--keep goes with --service-tags FILE"),
        (["--service-tags", "kept", "--keep"], "--keep goes with --service-tags FILE"),
        (["--service-tags", "none.json"], "none.json cannot be opened: No such file or directory"),
        (["--service-tags", "lists"], "lists cannot be opened: Is a directory"),
        (["--service-tags", "env.yaml"], "env.yaml is no list of service tags, for it is not JSON"),
        (["--service-tags", "none.json", "--keep"], "none.json cannot be opened"),
        (["--service-tags", "large.json"], "large.json is larger than 32 MB"),
        (["--service-tags", "broken.json", "--keep"], "broken.json cannot be kept: broken.json gives A 'x'"),
    ],
)
def test_wrong_use_is_told(folder: Path, options: list[str], told: str) -> None:
    with (folder / "large.json").open("wb") as file:
        file.truncate(50 * 2**20)
    (folder / "broken.json").write_text(json.dumps(whole({"A": ["x"]})), encoding="utf-8")
    result = run("env.yaml", *options)
    assert result.exit_code == 2
    assert told in result.output
    assert not list((folder / "cache").glob("**/.service-tags*"))


def test_a_place_to_keep_a_list_may_be_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "cache").write_text("in the way", encoding="utf-8")
    result = run("env.yaml", "--service-tags", f"lists/{NAME}", "--keep")
    assert result.exit_code == 2
    assert "the service tags cannot be kept" in result.output
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(folder / "home"))
    assert run("env.yaml", "--service-tags", f"lists/{NAME}", "--keep").exit_code == 1
    assert (folder / "home" / ".cache" / "mlpreflight" / "service-tags").is_file()


def test_nothing_of_this_is_loaded_where_nobody_asks(folder: Path) -> None:
    ours = {"mlpreflight.network.service_tags", "mlpreflight.sources.service_tags"}
    assert not ours & loaded_by("check", str(folder))
    option = ["--service-tags", str(folder / "lists" / NAME)]
    assert "mlpreflight.sources.service_tags" in loaded_by("check", str(folder / "env.yaml"), *option)


def test_a_list_that_stands_in_a_folder_of_environments_is_no_input_of_its_own(folder: Path) -> None:
    (folder / NAME).write_bytes((folder / "lists" / NAME).read_bytes())
    assert "UNREAD" not in run(str(folder)).output
    assert "hand it in with --service-tags" in " ".join(run(NAME).output.split())


def test_trace_and_flows_read_the_list_too(folder: Path) -> None:
    network = """\
        resources:
        - type: Microsoft.Network/networkSecurityGroups
          name: nsg
          properties:
            securityRules:
            - name: ml
              properties: {priority: 100, direction: Outbound, access: Allow, protocol: "*", sourceAddressPrefix: "*",
                sourcePortRange: "*", destinationAddressPrefix: AzureMachineLearning.EastUS2, destinationPortRange: 443}
            - name: none
              properties: {priority: 200, direction: Outbound, access: Deny, protocol: "*", sourceAddressPrefix: "*",
                sourcePortRange: "*", destinationAddressPrefix: "*", destinationPortRange: "*"}
        - type: Microsoft.Network/virtualNetworks
          name: vnet
          properties:
            addressSpace: {addressPrefixes: [10.0.0.0/16]}
            subnets:
            - name: snet
              properties:
                addressPrefix: 10.0.0.0/24
                networkSecurityGroup: {id: "[resourceId('Microsoft.Network/networkSecurityGroups', 'nsg')]"}
        """
    (folder / "net.yaml").write_text(textwrap.dedent(network), encoding="utf-8")
    question = ["trace", "net.yaml", "--from", "snet", "--to", "13.0.0.1", "--port", "443"]
    option = ["--service-tags", f"lists/{NAME}"]
    runner = CliRunner()
    assert runner.invoke(main, question).exit_code == 3
    assert runner.invoke(main, [*question, *option]).exit_code == 0
    (folder / "lists" / NAME).write_text("{", encoding="utf-8")
    for command in (question, ["flows", "net.yaml"]):
        result = runner.invoke(main, [*command, *option])
        assert result.exit_code == 2
        assert "is no list of service tags" in result.output
