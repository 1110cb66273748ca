"""Comparing whole outputs with files that are kept beside what they are the outputs of."""

from pathlib import Path


def compare_whole(actual: str, file: Path, *, update: bool) -> None:
    """Is the output just what the file holds? With `--update` it becomes so, for the next commit to be read."""
    if update:
        file.write_text(actual, encoding="utf-8", newline="\n")
    assert file.exists(), f"{file} is missing: run pytest --update, then read what it wrote"
    assert actual == file.read_text(encoding="utf-8")
