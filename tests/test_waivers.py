"""Waivers: what they cover, when they end, and every way to get the file wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mlpreflight.cli import main

RULE = "storage-open-to-all-networks"
GOOD = {"rule": RULE, "subject": "st*", "owner": "us", "reason": "moving", "expires": "2026-12-31"}


def judged(
    folder: Path, waivers: object, *options: str, names: tuple[str, ...] = ("st1",)
) -> tuple[int, dict[str, Any]]:
    resources = [
        {
            "type": "Microsoft.Storage/storageAccounts",
            "name": name,
            "properties": {"networkAcls": {"defaultAction": "Allow"}},
        }
        for name in names
    ]
    env = {"context": {"asOf": "2026-11-20"}, "waivers": "waivers.yaml", "resources": resources}
    (folder / "env.yaml").write_text(json.dumps(env), encoding="utf-8")
    if waivers is not None:
        text = waivers if isinstance(waivers, str) else json.dumps(waivers)
        (folder / "waivers.yaml").write_text(text, encoding="utf-8")
    arguments = ["check", str(folder / "env.yaml"), "--select", RULE, "--format", "json", "--fail-on", "warn", *options]
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, json.loads(result.stdout)["environments"][0]


def test_a_waived_failure_is_still_one_and_does_not_stop_the_gate(tmp_path: Path) -> None:
    code, environment = judged(tmp_path, [GOOD])
    (finding,) = environment["findings"]
    assert code == 0
    assert finding["verdict"] == "fail"
    assert finding["waiver"] == {"owner": "us", "reason": "moving", "expires": "2026-12-31"}


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({"subject": "ST1"}, True),
        ({"subject": "*/storageAccounts/st1"}, True),
        ({"subject": "other"}, False),
        ({"subject": "st[2-9]"}, False),
        ({"expires": "2026-11-20"}, True),
        ({"expires": "2026-11-19"}, False),
        ({"rule": "vault-open-to-all-networks"}, False),
    ],
)
def test_what_a_waiver_covers_and_until_when(tmp_path: Path, change: dict[str, str], holds: bool) -> None:
    code, environment = judged(tmp_path, [{**GOOD, **change}])
    assert (environment["findings"][0]["waiver"] is not None) is holds
    assert code == (0 if holds else 1)


def test_it_covers_no_other_subject(tmp_path: Path) -> None:
    code, environment = judged(tmp_path, [{**GOOD, "subject": "st1"}], names=("st1", "st2"))
    assert code == 1
    waived = {one["subject"]["name"]: one["waiver"] is not None for one in environment["findings"]}
    assert waived == {"st1": True, "st2": False}


@pytest.mark.parametrize(
    ("waivers", "message"),
    [
        (None, "cannot be opened"),
        ("", "is empty"),
        ("a: [", "is not YAML"),
        ("rule: x", "waivers are a list"),
        ("- x", "a waiver has rule, subject, owner, reason, expires"),
        ([{**GOOD, "until": "x"}], "unknown key 'until'"),
        ([{key: GOOD[key] for key in GOOD if key != "owner"}], "the waiver has no 'owner'"),
        ([{**GOOD, "owner": " "}], "'owner' must be text"),
        ([{**GOOD, "rule": "nope"}], "there is no rule 'nope'"),
        ([{**GOOD, "expires": "soon"}], "'soon' is no date"),
        ("- rule: x\n  subject: !!python/none y", "the tag"),
    ],
)
def test_a_file_that_is_not_right_waives_nothing_and_is_never_green(
    tmp_path: Path, waivers: object, message: str
) -> None:
    code, environment = judged(tmp_path, waivers)
    assert code == 1, "the failure counts"
    assert [message in one["reason"] for one in environment["unread"]] == [True], environment["unread"]
    assert judged(tmp_path, waivers, "--fail-on", "block")[0] == 4


def test_a_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    text = f"# ours\n- rule: {RULE}\n  subject: st1\n  owner: us\n  reason: why\n  expires: never\n"
    _, environment = judged(tmp_path, text)
    assert "waivers.yaml:6:" in environment["unread"][0]["reason"]
