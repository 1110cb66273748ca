"""The reader of rule pages refuses, with page and line, whatever is not right; fixes are filled in safely."""

from pathlib import Path

import pytest

from mlpreflight.finding import Severity
from mlpreflight.rules.page import RulePageError, fill
from mlpreflight.rules.reader import built_in, read_folder, read_page
from mlpreflight.text import Text
from mlpreflight.unknown import Unknown

PAGE = """\
---
title: The storage account is open
check: firewall.storage_denies_by_default
severity: {legacy-2019: block, else: warn}
workloads: [training]
profiles: [current, legacy-2019]
since: 2020-01-01
until: 2030-01-01
requirements: [STO-001]
benchmarks: {mcsb: [NS-2]}
cites: [https://example.com]
reviewed: 2026-11-20
---
Why it matters.

## Fix
Close it.

```az
az storage account update -g {{resource_group}} -n {{name}}
```

## Samples
```yaml pass
[]
```
```yaml fail
[]
```
```yaml unknown
[]
```
"""


def page(folder: Path, text: str, name: str = "our-rule.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_page_that_is_right(tmp_path: Path) -> None:
    rule = read_page(page(tmp_path, PAGE), "rules/our-rule.md")
    assert rule.id == "our-rule"
    assert rule.severity("legacy-2019") is Severity.BLOCK
    assert rule.severity("current") is Severity.WARN
    assert [(sample.verdict, sample.line) for sample in rule.samples] == [("pass", 25), ("fail", 28), ("unknown", 31)]
    assert rule.why == "Why it matters."
    assert rule.fix.startswith("Close it.")


WRONG = [
    ("title: The storage account is open\n", "", 1, "the front matter has no 'title'"),
    ("title: The", "titel: The", 2, "unknown key 'titel'"),
    ("title: The storage account is open", "title: [a]", 2, "'title' has the wrong shape"),
    ("firewall.storage_denies_by_default", "firewall.storage_denies", 3, "there is no check 'storage_denies'"),
    ("firewall.storage_denies_by_default", "nothing.here", 3, "there are no checks called 'nothing'"),
    ("firewall.storage_denies_by_default", "os.system", 3, "there are no checks called 'os'"),
    ("firewall.storage_denies_by_default", "firewall.failed", 3, "there is no check 'failed'"),
    ("firewall.storage_denies_by_default", "firewall.__doc__", 3, "is no check"),
    ("severity:", "with: {no: 1}\nseverity:", 4, "the check takes no 'no'"),
    ("firewall.storage_denies_by_default", "gateway.gateway_uses_port", 3, "the check wants 'port'"),
    (
        "check: firewall.storage_denies_by_default",
        "check: gateway.gateway_uses_port\nwith: {port: many}",
        4,
        "'port' must be a whole number, not 'many'",
    ),
    ("else: warn", "else: bad", 4, "'bad' is no severity"),
    (", else: warn", "", 4, "a severity for every other profile is missing"),
    ("legacy-2019: block", "legacy: block", 4, "'legacy' is no profile"),
    ("[training]", "[trainng]", 5, "'trainng' is none of training"),
    ("[current, legacy-2019]", "[now]", 6, "'now' is none of current"),
    ("since: 2020-01-01", "since: once", 7, "'since' is a date"),
    ("requirements: [STO-001]", "requirements: []", 9, "'requirements' is empty"),
    ("requirements: [STO-001]", "requirements: [5]", 9, "which is no text"),
    ("{mcsb: [NS-2]}", "{mcsb: NS-2}", 10, "the controls of 'mcsb' are a list"),
    ("title: The storage", "title: a\ntitle: The storage", 1, "'title' stands twice"),
    ("---\ntitle", "title", 1, "a page begins with its front matter"),
    ("Why it matters.", "", 14, "say why it matters"),
    ("## Fix", "## Mend", 14, "below the front matter stand"),
    ("Close it.", "", 16, "'## Fix' says in words what to do"),
    ("```az", "```powershell", 19, "a block of the fix is in one of az"),
    ("```yaml unknown\n[]\n```\n", "", 23, "'## Samples' has no sample for unknown"),
    ("```yaml unknown", "```yaml maybe", 30, "a sample's fence reads"),
    ("```yaml unknown", "```json unknown", 30, "a sample's fence reads"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), WRONG, ids=[message[:40] for *_, message in WRONG])
def test_whatever_is_not_right_is_told_with_page_and_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in PAGE
    with pytest.raises(RulePageError) as caught:
        read_page(page(tmp_path, PAGE.replace(old, new, 1)), "rules/our-rule.md")
    assert str(caught.value).startswith(f"rules/our-rule.md:{line}: ")
    assert message in str(caught.value)


def test_pages_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RulePageError, match="there are no rule pages"):
        read_folder(tmp_path, "rules")
    (tmp_path / "our-rule.md").write_bytes(b"\xff\xfe")
    with pytest.raises(RulePageError, match="our-rule.md: cannot be read"):
        read_folder(tmp_path, "rules")
    with pytest.raises(RulePageError, match="the file's name is the rule's id"):
        read_page(page(tmp_path, PAGE, "Our Rule.md"), "x")


def test_two_pages_of_one_id(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        page(tmp_path / folder, PAGE)
    with pytest.raises(RulePageError, match="has the same id"):
        read_folder(tmp_path, "rules")


def test_a_heading_in_a_block_is_none(tmp_path: Path) -> None:
    text = PAGE.replace("Why it matters.", "Why.\n\n```\n## Fix\n```\n")
    assert read_page(page(tmp_path, text), "x").why.startswith("Why.")


HOLE = Text(["rg-", Unknown.because("why", "x")])


@pytest.mark.parametrize(
    ("markdown", "facts", "expected"),
    [
        ("Close {{name}}.", {"name": "st"}, "Close st."),
        ("Close {{name}}.", {}, "Close <name>."),
        ("{{resource_group}}", {"resource_group": HOLE}, "rg-<x>"),
        ("{{resource_group}}", {"resource_group": Text([HOLE.holes[0]])}, "<resource-group>"),
        ("```az\nx {{name}}\n```", {"name": "a; rm -rf ~"}, "```az\nx 'a; rm -rf ~'\n```"),
        ("```az\nx {{name}}\n```", {"name": "$(reboot)"}, "```az\nx '$(reboot)'\n```"),
        ("```az\nx {{name}}\n```", {"name": "a\n```\nevil"}, "```az\nx 'a ``` evil'\n```"),
        ("```bicep\n'{{name}}'\n```", {"name": "it's ${x}"}, "```bicep\n'it\\'s \\${x}'\n```"),
        ('```terraform\n"{{name}}"\n```', {"name": 'a"${x}%{y}'}, '```terraform\n"a\\"$${x}%%{y}"\n```'),
        ("```az\nx {{name}}\n```", {"name": Text(["pw"], secret=True)}, "```az\nx '***'\n```"),
    ],
)
def test_placeholders_are_filled_as_their_language_wants_them(markdown: str, facts: dict, expected: str) -> None:
    assert fill(markdown, facts) == expected


def test_all_pages_that_come_with_the_tool_are_read() -> None:
    rules = built_in()
    assert len(rules) >= 95
    assert len({rule.id for rule in rules}) == len(rules)
