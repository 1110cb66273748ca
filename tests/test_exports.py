"""What is an export of resources as Azure prints them, and what is not; test_rosetta.py reads whole ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from mlpreflight.engine import examine
from mlpreflight.finding import Verdict
from mlpreflight.rules.reader import built_in
from mlpreflight.sources.assemble import assemble
from mlpreflight.sources.declared import Settings
from mlpreflight.sources.exports import is_export
from mlpreflight.sources.load import Request, load
from tests.builders import TODAY

ACCOUNT = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st"


@pytest.mark.parametrize(
    "value",
    [
        [1],
        ["x"],
        [{}],
        [{"id": 5}],
        [{"id": "/providers/"}],
        [{"id": "/providers/Microsoft.X"}],
        [{"id": "/subscriptions/s/providers/Microsoft.X/y"}],
        [{"type": "Microsoft.Storage/storageAccounts"}],
        {"value": "x"},
        {"data": [[]]},
        [{"id": ACCOUNT}, 7],
    ],
)
def test_what_is_no_export_is_not_taken_for_one(value: Any) -> None:
    assert not is_export(value)


@pytest.mark.parametrize(
    "extra", [{"properties": 5}, {"properties": None}, {"properties": []}, {"networkAcls": "x"}, {"sku": 7, "tags": 1}]
)
def test_odd_exports_are_unknown_and_do_not_break(tmp_path: Path, extra: dict[str, Any]) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"id": ACCOUNT, "name": "st", **extra}]), encoding="utf-8")
    (declared,) = load(Request([path], Settings(as_of=TODAY)))
    findings = examine(assemble(declared, TODAY), built_in())
    assert Verdict.ERROR not in {finding.verdict for finding in findings}


def test_an_empty_list_of_resources_is_read_and_decides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("[]", encoding="utf-8")
    (declared,) = load(Request([path], Settings(as_of=TODAY)))
    assert not declared.unread
    assert {one.verdict for one in examine(assemble(declared, TODAY), built_in())} == {Verdict.NOT_APPLICABLE}
