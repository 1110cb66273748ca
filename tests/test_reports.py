"""Reports: whole ones compared with files that were read, and their formats checked by others' validators."""

import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from mlpreflight.cli import main
from mlpreflight.reports.lines import Span, printer, wrapped
from tests.expected import compare_whole

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden"
SAMPLES = sorted(path.parent.name for path in ROOT.glob("sample-envs/*/env.yaml"))
FEW = ["--select", "storage", "--select", "router-needs-more-nodes", "--select", "batch-opening-is-obsolete"]


@pytest.fixture(autouse=True)
def at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def report(format_: str, *arguments: str) -> str:
    result = CliRunner().invoke(main, ["check", *arguments, "--format", format_])
    assert result.exit_code in (0, 1, 3, 4), result.output
    return result.stdout


@pytest.mark.parametrize("format_", ["json", "sarif"])
@pytest.mark.parametrize("name", ["aks-inference-broken", "training-in-vnet"])
def test_whole_reports_are_as_expected(name: str, format_: str, pytestconfig: pytest.Config) -> None:
    actual = report(format_, f"sample-envs/{name}", *FEW)
    whole = json.dumps(json.loads(actual), indent=1) + "\n"
    compare_whole(whole, GOLDEN / f"{name}.{format_}", update=pytestconfig.getoption("update"))


def mixed(folder: Path) -> str:
    """A folder with an unread file beside a template with failures, unknowns and odd names."""
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    resources = [
        {"type": "Microsoft.Storage/storageAccounts", "name": "größe & <b>", "properties": {}},
        {"type": "Microsoft.Storage/storageAccounts", "name": "[parameters('x')]", "properties": "[parameters('x')]"},
    ]
    template = {"$schema": schema, "contentVersion": "1.0.0.0", "resources": resources}
    (folder / "with space.json").write_text(json.dumps(template), encoding="utf-8")
    (folder / "broken.json").write_text("{", encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize("name", [*SAMPLES, "mixed"])
def test_json_reports_follow_the_committed_schema(name: str, tmp_path: Path) -> None:
    schema = json.loads((ROOT / "mlpreflight/schema/report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    path = mixed(tmp_path) if name == "mixed" else f"sample-envs/{name}"
    whole = json.loads(report("json", path))
    jsonschema.validate(whole, schema, format_checker=jsonschema.FormatChecker())
    counted = sum(len(one["findings"]) for one in whole["environments"])
    assert sum(whole["summary"].values()) == counted
    assert undescribed(whole, schema, schema) == set()


def undescribed(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> set[str]:
    """The names of properties in a value that its schema does not describe."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        return min((undescribed(value, one, root) for one in schema["anyOf"]), key=len)
    if isinstance(value, list):
        return {name for one in value for name in undescribed(one, schema["items"], root)}
    if not isinstance(value, dict):
        return set()
    known = schema.get("properties", {})
    missing = set(value) - set(known)
    return missing | {name for key, one in value.items() if key in known for name in undescribed(one, known[key], root)}


def multitool() -> Path:
    """The SARIF validator of its authors; `.ci/run` installs it and says where."""
    folder = os.environ.get("SARIF_MULTITOOL")
    if not folder or not shutil.which("unshare"):
        pytest.skip("SARIF_MULTITOOL does not name the folder of the SARIF multitool, or unshare is missing")
    return Path(folder)


@pytest.mark.parametrize("name", [*SAMPLES, "mixed"])
def test_sarif_is_valid_by_its_schema_and_by_the_rules_of_code_scanning(name: str, tmp_path: Path) -> None:
    tool = multitool()
    path = mixed(tmp_path) if name == "mixed" else f"sample-envs/{name}"
    file, out = tmp_path / "report.sarif", tmp_path / "out.sarif"
    file.write_text(report("sarif", path), encoding="utf-8")
    schema = json.loads((tool / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    jsonschema.validate(json.loads(file.read_text(encoding="utf-8")), schema)
    levels = ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "--log", "ForceOverwrite"]
    # The validator fetches addresses that it finds: it gets no network.
    subprocess.run(
        ["unshare", "-rn", tool / "Sarif.Multitool", "validate", file, *levels, "--output", out],
        check=True,
        capture_output=True,
    )
    told = json.loads(out.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    wanted = {"SARIF2005"}  # asks for the address of the tool's own pages, of which there are none yet
    assert [one for one in told if one["ruleId"] not in wanted] == []


def test_sarif_shows_failures_where_the_fix_goes() -> None:
    run = json.loads(report("sarif", "sample-envs/aks-inference-broken"))["runs"][0]
    (result,) = [one for one in run["results"] if one["ruleId"] == "router-needs-more-nodes"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "sample-envs/aks-inference-broken/main.json"
    line = (
        (ROOT / place["artifactLocation"]["uri"])
        .read_text(encoding="utf-8")
        .splitlines()[place["region"]["startLine"] - 1]
    )
    assert line[place["region"]["startColumn"] - 1 :].startswith('"count": 2')
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert {one["kind"] for one in run["results"]} <= {"fail", "open"}
    assert run["invocations"][0]["exitCode"] == 1


def test_sarif_tells_unread_inputs_and_waivers(tmp_path: Path) -> None:
    invocation = json.loads(report("sarif", mixed(tmp_path)))["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert "broken.json" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    results = json.loads(report("sarif", "sample-envs/training-in-vnet"))["runs"][0]["results"]
    assert [one["suppressions"][0]["status"] for one in results if "suppressions" in one] == ["accepted"]


def test_fingerprints_survive_lines_that_move(tmp_path: Path) -> None:
    mixed(tmp_path)
    file = tmp_path / "with space.json"

    def prints() -> set[str]:
        results = json.loads(report("sarif", str(file)))["runs"][0]["results"]
        return {one["partialFingerprints"]["mlpreflight/v1"] for one in results}

    before = prints()
    file.write_text("\n\n\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert prints() == before
    assert len(before) > 1


WORDS = st.lists(st.tuples(st.text("ab \n", max_size=12), st.sampled_from(["", "red", "blue"])), max_size=6)


@given(WORDS, st.integers(3, 20))
def test_wrapping_keeps_every_word_its_style_and_the_width(spans: list[Span], width: int) -> None:
    lines = list(wrapped(spans, width))
    letters = [(one, style) for text, style in spans for one in text if one not in " \n"]
    assert [(one, style) for line in lines for text, style in line for one in text if one != " "] == letters
    words = "".join(text for text, _ in spans).split()
    assert " ".join("".join(text for text, _ in line) for line in lines).split() == words
    for line in lines:
        whole = "".join(text for text, _ in line)
        assert len(whole) <= width or " " not in whole
        assert not whole.endswith(" ")


def test_a_terminal_gets_colours_and_a_file_none() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, coloured in ((Terminal(), True), (io.StringIO(), False)):
        show, _ = printer(stream)
        show([("FAIL", "bold red"), (" [not markup] :smile:", "")])
        assert stream.getvalue().count("[not markup] :smile:") == 1
        assert ("\x1b[1;31m" in stream.getvalue()) is coloured
