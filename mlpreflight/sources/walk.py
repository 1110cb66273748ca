"""Finding the inputs in the paths that the user gave."""

import os
from collections.abc import Iterator
from pathlib import Path

from mlpreflight.finding import Unread

SUFFIXES = (".json", ".jsonc", ".yaml", ".yml", ".bicep", ".bicepparam", ".tf")
SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})


def files_below(folder: Path, refused: list[Unread]) -> Iterator[Path]:
    """The files of a folder that may be inputs, in the order of their names. Hidden folders and links are left out.

    Folders that cannot be opened are added to `refused`.
    """

    def refuse(error: OSError) -> None:
        refused.append(Unread(str(error.filename), f"cannot be opened: {error.strerror}"))

    for here, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED)
        for name in sorted(names):
            path = Path(here) / name
            if name.lower().endswith(SUFFIXES) and not name.startswith(".") and not path.is_symlink():
                yield path


def shown(path: Path) -> str:
    """A path as reports print it: relative to where the tool runs, if it lies there."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix() or "."
    except ValueError:
        return path.as_posix()
