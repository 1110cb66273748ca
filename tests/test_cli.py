"""The command line as a user meets it: options, exit codes, and input of every bad kind."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mlpreflight import __version__
from mlpreflight.cli import main

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def account(action: object = "Deny", name: str = "st") -> dict[str, Any]:
    properties = {"networkAcls": {"defaultAction": action, "bypass": "AzureServices"}}
    return {
        "type": "Microsoft.Storage/storageAccounts",
        "apiVersion": "2023-01-01",
        "name": name,
        "properties": properties,
    }


def template(*resources: dict[str, Any], **parts: Any) -> str:
    return json.dumps({"$schema": SCHEMA, "contentVersion": "1.0.0.0", **parts, "resources": resources})


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def written(folder: Path, text: str | bytes, name: str = "main.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def report(*arguments: object) -> dict[str, Any]:
    result = run("check", *arguments, "--format", "json")
    parsed: dict[str, Any] = json.loads(result.stdout)
    assert parsed["exit_code"] == result.exit_code
    return parsed


OPEN = "storage-open-to-all-networks"


@pytest.mark.parametrize(
    ("resources", "options", "code"),
    [
        ([account()], [], 0),
        ([account("Allow")], [], 0),  # without a workspace it is a warning
        ([account("Allow")], ["--fail-on", "warn"], 1),
        ([account("Allow")], ["--fail-on", "info"], 1),
        ([account("[parameters('open')]")], ["--select", OPEN], 3),
        ([account("[parameters('open')]"), account(name="other")], ["--select", OPEN], 0),
        ([account("[parameters('open')]"), account(name="other")], ["--select", OPEN, "--strict"], 4),
        ([], [], 3),
        ([account()], ["--select", "dns"], 3),
    ],
)
def test_exit_codes_of_judged_environments(
    tmp_path: Path, resources: list[dict[str, Any]], options: list[str], code: int
) -> None:
    path = written(tmp_path, template(*resources, parameters={"open": {"type": "string"}}))
    assert run("check", path, *options).exit_code == code


BAD = {
    "empty": "",
    "blank": " \n",
    "no-json": "hello",
    "truncated": template(account())[:-9],
    "deep": "[" * 50_000,
    "deep-object": '{"resources":' * 5_000,
    "no-utf8": b'{"a": "\xff\xfe\xfd"}',
    "binary": bytes(range(256)) * 10,
    "number": "42",
    "null": "null",
    "text": '"x"',
    "other-object": '{"hello": "world"}',
    "list-of-lists": "[[1]]",
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("in_folder", [False, True])
def test_what_cannot_be_read_is_told_and_never_green(tmp_path: Path, kind: str, in_folder: bool) -> None:
    path = written(tmp_path, BAD[kind])
    result = run("check", tmp_path if in_folder else path)
    assert "Traceback" not in result.output
    if in_folder and kind in ("number", "null", "text", "other-object", "list-of-lists"):
        assert result.exit_code == 3, "valid JSON that is none of ours is no input of a folder"
    else:
        assert result.exit_code == 4
        assert "UNREAD" in result.output
        assert "main.json" in result.output


@pytest.mark.parametrize(
    "text",
    [
        template({"type": "Microsoft.Storage/storageAccounts", "name": {"a": 1}}),
        template({"type": "Microsoft.Storage/storageAccounts", "name": "st", "properties": "x"}),
        template({"type": "Microsoft.Storage/storageAccounts", "name": "st", "properties": [1]}),
        template({"type": "Microsoft.Storage/storageAccounts", "name": "st", "properties": {"networkAcls": 7}}),
        template({"type": "Microsoft.Network/networkSecurityGroups", "name": "n", "properties": {"securityRules": {}}}),
        template(
            {"type": "Microsoft.Network/networkSecurityGroups", "name": "n", "properties": {"securityRules": [1]}}
        ),
        template({"type": "Microsoft.Network/virtualNetworks", "name": 5, "properties": {"subnets": "x"}}),
        template(
            {
                "type": "Microsoft.ContainerService/managedClusters",
                "name": "a",
                "identity": 5,
                "properties": {"agentPoolProfiles": 3, "networkProfile": []},
            }
        ),
        template(
            {
                "type": "Microsoft.KubernetesConfiguration/extensions",
                "name": "a",
                "properties": {"configurationSettings": [1], "extensionType": 7},
            }
        ),
        template(
            {
                "type": "Microsoft.Compute/virtualMachineScaleSets",
                "name": "a",
                "properties": {"virtualMachineProfile": "x", "overprovision": {}},
            }
        ),
        template(
            {
                "type": "Microsoft.Network/applicationGateways",
                "name": "a",
                "properties": {"httpListeners": {"a": 1}, "sku": "x"},
            }
        ),
    ],
)
def test_values_of_the_wrong_type_are_unknown_and_no_bug(tmp_path: Path, text: str) -> None:
    findings = report(written(tmp_path, text), "--profile", "mlserver")["environments"][0]["findings"]
    findings += report(written(tmp_path, text))["environments"][0]["findings"]
    assert not [one for one in findings if one["verdict"] == "error"]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "main.json"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)
    result = run("check", path)
    assert result.exit_code == 4
    assert "is 50 MB; the limit is 32 MB" in " ".join(result.output.split())


def test_what_is_not_there_or_not_to_be_opened(tmp_path: Path) -> None:
    result = run("check", tmp_path / "missing.json")
    assert result.exit_code == 2
    assert "does not exist" in result.output
    assert run("check").exit_code == 2
    empty = run("check", tmp_path)
    assert empty.exit_code == 3
    assert "nothing was decided" in empty.output


def test_without_permission(tmp_path: Path) -> None:
    written(tmp_path, template(account())).chmod(0)
    tool = [sys.executable, "-m", "mlpreflight", "check", str(tmp_path)]
    if os.geteuid() == 0:  # root may open everything, unless it gives that up
        if not shutil.which("setpriv"):
            pytest.skip("setpriv is missing, which lets root act as one without rights")
        tool = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *tool]
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "cannot be opened: Permission denied" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--select", "storage-open-to-all-network"], "did you mean 'storage-open-to-all-networks'?"),
        (["--ignore", "nope"], "no rule, area or requirement is called 'nope'"),
        (["--as-of", "tomorrow"], "'tomorrow' is no date"),
        (["--profile", "curent"], "curent"),
        (["--format", "xml"], "xml"),
        (["--fail-on", "never"], "never"),
        (["--cloud", "AzureGerman"], "AzureGerman"),
        (["--parameters", "missing.json"], "does not exist"),
        (["--no-parameters", "--parameters", "{path}"], "exclude each other"),
        (["--rules", "{folder}/none"], "does not exist"),
        (["--rules", "{folder}"], "there are no rule pages"),
        (["--output", "{folder}"], "is a directory"),
        (["--output", "{folder}/none/report.json"], "cannot be written"),
        (["--nonsense"], "No such option"),
    ],
)
def test_wrong_usage_says_what_is_wrong(tmp_path: Path, options: list[str], message: str) -> None:
    path = written(tmp_path, template(account()))
    said = [one.format(path=path, folder=tmp_path) for one in options]
    result = run("check", path, *said)
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert "Traceback" not in result.output


def test_several_parameter_files_are_one_environment_each(tmp_path: Path) -> None:
    path = written(tmp_path, template(account("[parameters('a')]"), parameters={"a": {"type": "string"}}))
    for name, value in (("main.parameters.json", "Deny"), ("test.json", "Allow"), ("prod.json", "Deny")):
        written(tmp_path, json.dumps({"parameters": {"a": {"value": value}}}), name)

    def verdicts(*options: object) -> list[str]:
        environments = report(path, "--select", OPEN, *options)["environments"]
        return [one["findings"][0]["verdict"] for one in environments]

    assert verdicts() == ["pass"], "the file beside the template is taken by itself"
    assert verdicts("--no-parameters") == ["unknown"]
    chosen = ["--parameters", tmp_path / "test.json", "--parameters", tmp_path / "prod.json"]
    assert verdicts(*chosen) == ["fail", "pass"]
    names = [one["name"] for one in report(path, *chosen)["environments"]]
    assert names[0].endswith("test.json")
    assert names[1].endswith("prod.json")


def test_folders_are_searched_and_known_kinds_that_are_not_read_are_named(tmp_path: Path) -> None:
    written(tmp_path, template(account()), "a/main.json")
    written(tmp_path, '{"parameters": {"x": {"value": 1}}}', "a/main.parameters.json")
    written(tmp_path, template(account()), "b/azuredeploy.json")
    written(tmp_path, '{"parameters": {"x": {"value": 1}}}', "c/lone.parameters.json")
    written(tmp_path, "resource x 'y'", "d/main.bicep")
    written(tmp_path, "param x string", "a/main.bicep")
    written(tmp_path, 'resource "x" "y" {}', "e/main.tf")
    written(tmp_path, "name: Ours\nresources: []\n", "f/env.yaml")
    written(tmp_path, "kind: Pod\napiVersion: v1\n", "g/pod.yaml")
    written(tmp_path, "jobs: [\n", "h/pipeline.yml")
    written(tmp_path, '{"name": "x"}', "i/package.json")
    written(tmp_path, template(account()), ".hidden/main.json")
    written(tmp_path, template(account()), "node_modules/x/main.json")
    whole = report(tmp_path)
    judged = {Path(one["name"]).name if "/" in one["name"] else one["name"]: one for one in whole["environments"]}
    assert set(judged) == {"main.json", "azuredeploy.json", "Ours", tmp_path.name}
    unread = {Path(one["file"]).name: one["reason"] for one in judged[tmp_path.name]["unread"]}
    assert set(unread) == {"lone.parameters.json", "main.bicep", "main.tf"}
    assert f"az bicep build --file {tmp_path}/d/main.bicep" in unread["main.bicep"]
    assert "terraform show -json" in unread["main.tf"]


def test_together_makes_one_environment(tmp_path: Path) -> None:
    subnet = "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet', 'snet')]"
    rules = {"networkAcls": {"defaultAction": "Deny", "virtualNetworkRules": [{"id": subnet}]}}
    one = written(tmp_path, template({**account(), "properties": rules}), "one.json")
    subnets = [{"name": "snet", "properties": {"addressPrefix": "10.0.0.0/24"}}]
    network = {"type": "Microsoft.Network/virtualNetworks", "name": "vnet", "properties": {"subnets": subnets}}
    other = written(tmp_path, template(network), "other.json")
    rule = ["--select", "storage-rule-subnet-lacks-endpoint"]
    apart = report(one, other, *rule)["environments"]
    assert [environment["findings"][0]["verdict"] for environment in apart] == ["unknown", "not-applicable"]
    (together,) = report(one, other, "--together", *rule)["environments"]
    (finding,) = together["findings"]
    assert finding["verdict"] == "fail"
    assert {Path(one["file"]).name for one in finding["evidence"]} == {"one.json", "other.json"}


def test_the_same_file_twice_is_judged_once(tmp_path: Path) -> None:
    path = written(tmp_path, template(account()))
    assert len(report(path, tmp_path, path)["environments"]) == 1


def test_a_report_in_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = written(tmp_path, template(account()))
    out = written(tmp_path, "old", "report.json")
    result = run("check", path, "--format", "json", "--output", out)
    assert result.output == ""
    assert json.loads(out.read_text(encoding="utf-8"))["exit_code"] == result.exit_code
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
    umask = os.umask(0)
    os.umask(umask)
    assert out.stat().st_mode & 0o777 == 0o666 & ~umask


def test_hostile_names_do_not_drive_the_terminal(tmp_path: Path) -> None:
    name = "st\x1b[31m\u202eevil\r\n\x07"
    path = written(tmp_path, template(account("Allow", name)))
    for format_ in ("console", "json", "sarif"):
        output = run("check", path, "--format", format_, "--verbose").output
        assert not {"\x1b", "\u202e", "\x07", "\r"} & set(output), format_


def test_secrets_are_in_no_report(tmp_path: Path) -> None:
    resource = account("[parameters('pw')]", "[concat('st', parameters('pw'))]")
    path = written(tmp_path, template(resource, parameters={"pw": {"type": "securestring", "defaultValue": "hunter2"}}))
    for format_ in ("console", "json", "sarif"):
        assert "hunter2" not in run("check", path, "--format", format_, "--verbose").output


def test_rules_of_ones_own(tmp_path: Path) -> None:
    page = Path(__file__).parents[1] / "mlpreflight" / "rules" / "storage" / f"{OPEN}.md"
    written(tmp_path, page.read_text(encoding="utf-8"), "rules/our-storage.md")
    path = written(tmp_path, template(account("Allow")))
    options = ["--rules", tmp_path / "rules", "--select", "our-storage"]
    (finding,) = report(path, *options)["environments"][0]["findings"]
    assert finding["rule"] == "our-storage"
    assert run("explain", "our-storage", "--rules", tmp_path / "rules").output == page.read_text(encoding="utf-8")
    written(tmp_path, page.read_text(encoding="utf-8"), f"rules/{OPEN}.md")
    clash = run("check", path, *options)
    assert clash.exit_code == 2
    assert "has the same id" in clash.output


def test_explain_and_rules() -> None:
    assert run("explain", OPEN).output.startswith("---\ntitle: The storage account is open to every network\n")
    assert run("explain", "STO-001").output.startswith("---\n"), "a requirement explains itself by its first rule"
    missing = run("explain", "storage-open")
    assert missing.exit_code == 2
    assert "no rule, area or requirement" in missing.output
    table = run("rules").output
    assert OPEN in table
    pages = json.loads(run("rules", "--format", "json").output)
    own = next(one for one in pages if one["id"] == OPEN)
    assert own["requirements"]
    assert own["check"] == "firewall.storage_denies_by_default"


@pytest.mark.parametrize("command", [[], ["check"], ["explain"], ["rules"]])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(command: list[str], option: str) -> None:
    result = run(*command, option)
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")


def module(*arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlpreflight", *arguments], capture_output=True, text=True, check=False, **how
    )


def test_as_a_module_and_its_version() -> None:
    done = module("--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"mlpreflight {__version__}")


def test_a_bug_is_told_as_one_and_not_as_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlpreflight import run as runs

    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(runs, "check", broken)
    result = run("check", written(tmp_path, template(account())))
    assert result.exit_code == 5
    assert "mlpreflight itself broke (ZeroDivisionError: oh)" in result.output


def test_a_reader_that_goes_away_is_no_success(tmp_path: Path) -> None:
    many = [account("Allow", f"st{at}") for at in range(3000)]
    path = written(tmp_path, template(*many))
    process = subprocess.Popen(
        [sys.executable, "-m", "mlpreflight", "check", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 141
    assert b"Traceback" not in errors


def test_output_that_cannot_show_a_character(tmp_path: Path) -> None:
    path = written(tmp_path, template(account("Allow", "größe")))
    done = module("check", str(path), env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "gr\\xf6\\xdfe" in done.stdout
