"""Documents that hold a template inside of something else: blueprint artifacts, deployments, template specs."""

from pathlib import PurePosixPath
from typing import Any, NamedTuple

from mlpreflight.sources.arm.parameters import passed
from mlpreflight.sources.arm.scope import Scope
from mlpreflight.values import Node, Where


class Artifact(NamedTuple):
    """A template inside of something else: where it stands, the way to it, and to what comes with it."""

    template: tuple[str, ...]
    parameters: tuple[str, ...] | None = None
    linked: tuple[str, ...] | None = None


ARTIFACTS = (
    Artifact(("properties", "template"), ("properties", "parameters")),  # blueprint artifacts, deployments
    Artifact(("properties", "mainTemplate"), None, ("properties", "linkedTemplates")),  # template specs in ARM's shape
    Artifact(("mainTemplate",), None, ("linkedTemplates",)),  # and as `az ts show` prints them
)


def artifact(value: dict[str, Any]) -> Artifact | None:
    """How a document holds a template inside of something else; None where it does not."""
    return next((one for one in ARTIFACTS if is_template(at(value, one.template))), None)


def at(value: Any, path: tuple[str, ...]) -> Any:
    """What stands at the end of a way down; None where the way ends early."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def is_template(value: Any) -> bool:
    """An object with resources that have types, whatever it calls its schema."""
    resources = value.get("resources") if isinstance(value, dict) else None
    entries = resources.values() if isinstance(resources, dict) else resources if isinstance(resources, list) else ()
    return any(isinstance(entry, dict) and "/" in str(entry.get("type", "")) for entry in entries)


def place_at(where: Where, path: tuple[str, ...]) -> Where:
    """The place at the end of a way down."""
    for step in path:
        where = where.child(step)
    return where


def supplied(found: Artifact, raw: Any, where: Where, scope: Scope) -> dict[str, Node]:
    """The parameters that stand beside the template. What a blueprint fills in is unknown."""
    if found.parameters is None:
        return {}
    return passed(at(raw, found.parameters), place_at(where, found.parameters), scope)


def linked(found: Artifact, raw: Any, where: Where) -> dict[str, tuple[Any, Where]]:
    """The templates that come with a template spec, by their paths."""
    entries = at(raw, found.linked) if found.linked is not None else None
    known: dict[str, tuple[Any, Where]] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        path = entry.get("path") if isinstance(entry, dict) else None
        if found.linked is not None and isinstance(path, str):
            place = place_at(where, found.linked).child(index).child("template")
            known[PurePosixPath(path).as_posix()] = entry.get("template"), place
    return known
