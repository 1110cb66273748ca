"""The sample environments: each report is just what its `expected.txt` says, and says what its README promises."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from mlpreflight.cli import main
from tests.expected import compare_whole

ROOT = Path(__file__).parents[1]
SAMPLES = sorted(path.parent.name for path in ROOT.glob("sample-envs/*/env.yaml"))
CLEAN = {"aks-inference-ready", "mlserver-hardened", "training-in-vnet"}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_whole_report_is_as_expected(
    name: str, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(main, ["check", f"sample-envs/{name}"])
    compare_whole(result.output, ROOT / "sample-envs" / name / "expected.txt", update=pytestconfig.getoption("update"))
    assert result.exit_code == (0 if name in CLEAN else 1)


def test_every_sample_has_a_readme_of_a_few_sentences() -> None:
    assert len(SAMPLES) >= 5
    for name in SAMPLES:
        title, _, body = (ROOT / "sample-envs" / name / "README.md").read_text(encoding="utf-8").partition("\n")
        assert title.startswith("# ")
        assert 3 <= body.count(".\n") <= 5, name
