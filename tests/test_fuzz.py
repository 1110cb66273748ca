"""Fuzzing in a marked run: `pytest -m fuzz`, with as many inputs as FUZZ_RUNS says (200,000 unless it does)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS, MEGABYTES = 10, 1024


@pytest.mark.fuzz
def test_no_input_breaks_the_reader_of_templates(tmp_path: Path) -> None:
    """No crash, no input that takes longer than some seconds, no memory beyond a bound."""
    pytest.importorskip("atheris", reason="the extra `fuzz` is not installed")
    limits = [f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}", "-max_len=1500", "-len_control=0", "-verbosity=0"]
    runs = [f"-runs={os.environ.get('FUZZ_RUNS', '200000')}", f"-artifact_prefix={tmp_path}/"]
    command = [sys.executable, "-m", "tests.fuzz_arm", *runs, *limits]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent)
    assert done.returncode == 0, done.stderr[-3000:]
