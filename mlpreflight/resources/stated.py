"""Truth values of which Azure documents no default: what is not written is neither true nor false."""

from typing import Any

from mlpreflight.resources import shapes
from mlpreflight.resources.view import Attribute


def stated(*paths: str) -> Attribute[bool | None]:
    """A truth value; None where nothing is written."""

    def read(view: object, node: Any, label: str, use: object) -> bool:
        return shapes.flag_of(node, label)

    return Attribute(paths, read, None)
