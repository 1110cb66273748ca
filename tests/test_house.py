"""What holds of the project as a whole."""

import ast
import inspect
import json
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from mlpreflight import checks, data
from mlpreflight.engine import examine
from mlpreflight.finding import Verdict
from mlpreflight.rules import index
from mlpreflight.rules.page import placeholders
from mlpreflight.rules.reader import NAME, built_in
from mlpreflight.sources.samples import environment_of

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mlpreflight"
RULES = built_in()
SOURCES = sorted(path for folder in ("mlpreflight", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
REQUIREMENT = re.compile(r"[A-Z][A-Z0-9]*-\d{3}|[a-z0-9]+(-[a-z0-9.]+)+")


def public_functions() -> dict[str, object]:
    """Every check by its address."""
    found: dict[str, object] = {}
    for module in pkgutil.iter_modules(checks.__path__):
        loaded = import_module(f"mlpreflight.checks.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if function.__module__ == loaded.__name__ and not name.startswith("_"):
                found[f"{module.name}.{name}"] = function
    return found


def test_every_check_is_used_by_a_page_and_every_page_by_its_own_words() -> None:
    assert {rule.check for rule in RULES} == set(public_functions())
    titles = [rule.title for rule in RULES]
    same = {title for title in titles if titles.count(title) > 1}
    eras = {tuple(sorted(rule.profiles)) for rule in RULES if rule.title in same}
    assert len(same) <= 2, "rules that differ in nothing but their era"
    assert () not in eras


@pytest.mark.parametrize("address", sorted(public_functions()))
def test_every_check_asks_a_question(address: str) -> None:
    first = (inspect.getdoc(public_functions()[address]) or "").splitlines()[0]
    assert first.endswith("?"), first


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_every_page_says_what_readers_need(rule) -> None:
    assert 12 <= len(rule.title) <= 100
    assert not rule.title.endswith(".")
    assert all(address.startswith("https://") for address in rule.cites)
    assert all(REQUIREMENT.fullmatch(one) for one in rule.requirements), rule.requirements
    assert rule.area == Path(rule.file).parent.name
    if rule.since and rule.until:
        assert rule.since < rule.until


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_what_a_fix_names_is_known_where_the_page_fails(rule) -> None:
    wanted = placeholders(rule.fix) - {"resource_group", "subscription"}  # these the user may leave unsaid
    for sample in rule.samples:
        if sample.verdict != "fail":
            continue
        for finding in examine(environment_of(rule, sample), [rule]):
            if finding.verdict is not Verdict.FAIL:
                continue
            left = {name for name in wanted if f"<{name.replace('_', '-')}>" in (finding.fix or "")}
            assert not left, f"the fix asks for {left}, and the finding does not know them"


@pytest.mark.parametrize("path", sorted((PACKAGE / "data").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_table_of_facts_names_its_source_and_review(path: Path) -> None:
    table = data.table(path.stem)
    assert "http" in str(table["source"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", str(table["reviewed"]))
    assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_long_and_every_module_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    limit = 450 if path.is_relative_to(ROOT / "tests") else 300
    assert text.count("\n") <= limit
    assert ast.get_docstring(ast.parse(text)) or not text.strip()


def loaded_by(*arguments: str) -> set[str]:
    """The names of all modules that a command has loaded when it ends, in a process of its own."""
    code = (
        "import sys, json, atexit, runpy\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
        f"sys.argv = {['mlpreflight', *arguments]!r}\n"
        "runpy.run_module('mlpreflight', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    return set(json.loads(done.stderr.strip().splitlines()[-1]))


def test_a_start_loads_nothing_that_it_does_not_need() -> None:
    version = loaded_by("--version")
    assert "mlpreflight.engine" not in version
    assert not {"yaml", "rich", "azure", "cryptography"} & version
    checked = loaded_by("check", "sample-envs/aks-inference-ready")
    assert "mlpreflight.engine" in checked
    assert not {"rich", "azure", "cryptography", "dns", "socket", "ssl", "subprocess", "asyncio", "hashlib"} & checked
    assert "rich" not in loaded_by("check", "sample-envs/aks-inference-ready", "--format", "json")


def test_the_package_carries_all_that_it_reads() -> None:
    suffixes = {path.suffix for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert suffixes == {".py", ".md", ".yaml", ".json", ".typed"}


def test_the_index_of_the_rule_pages_is_up_to_date() -> None:
    folder = Path(index.__file__).parent
    written = (folder / index.FILE).read_text(encoding="utf-8")
    assert written == index.text_of(folder, NAME), "run: python -m mlpreflight.rules.index"
