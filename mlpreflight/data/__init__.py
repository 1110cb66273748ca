"""Dated facts: one table a file, each with its source and the day somebody last compared it with that source."""

from functools import cache
from pathlib import Path
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """A table of facts by its file name without suffix. The shape is described at the head of each file."""
    from mlpreflight.documents import from_text

    text = (Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8")
    value = from_text(text, f"{name}.yaml", yaml=True).value
    if not isinstance(value, dict):
        raise TypeError(f"{name}.yaml is not a table")
    return value
