"""The index of our own rule pages, so that a run need not read two hundred files before it begins.

`python -m mlpreflight.rules.index` writes it anew after a page has changed; a test says when that is due.
"""

import json
from pathlib import Path

from mlpreflight.rules.page import Rule
from mlpreflight.rules.reader import NAME, from_parts, parts_of

FILE = "index.json"


def read(folder: Path, name: str) -> tuple[Rule, ...]:
    """The rules of the index."""
    entries = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return tuple(from_parts(parts, folder / file, f"{name}/{file}") for file, parts in entries.items())


def text_of(folder: Path, name: str) -> str:
    """The index of the pages as they are now."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md"))
    entries = {file: parts_of(folder / file, f"{name}/{file}") for file in files}
    return json.dumps(entries, indent=0, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    here = Path(__file__).parent
    (here / FILE).write_text(text_of(here, NAME), encoding="utf-8")
