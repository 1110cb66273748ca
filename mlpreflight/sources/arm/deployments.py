"""Deployments inside of a template: where the inner template stands, what it is deployed to, what comes out of it."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from mlpreflight.documents import Document, DocumentError, read
from mlpreflight.environment import Resource
from mlpreflight.sources.arm.functions.resources import TEMPLATE_FOLDER
from mlpreflight.sources.arm.nodes import items_of_loop, node_of
from mlpreflight.sources.arm.parameters import ARTIFACTS, Supplied, passed, supplied_by
from mlpreflight.sources.arm.scope import Scope, Target, other_group, other_scope
from mlpreflight.sources.arm.types import guarded
from mlpreflight.values import Fields, Node, Text, Unknown, Value, Where

Linked = Mapping[str, tuple[Any, Where]]
"""Templates that come inside of the same document, by their paths."""


class NotReadError(Exception):
    """An inner template that cannot be read; says why. `file` is its name, where it has one."""

    def __init__(self, where: Where, reason: str, file: str = "") -> None:
        super().__init__(reason)
        self.where = where
        self.file = file


class Inner(NamedTuple):
    """The template of a deployment. `is_outer`: its expressions see the names of the template around it."""

    raw: Any
    where: Where
    document: Document
    folder: Path | None
    scope: Scope
    target: Target
    supplied: Supplied
    linked: Linked
    is_outer: bool = False
    path: Path | None = None


def inner(
    declared: Mapping[str, Any],
    where: Where,
    own: Resource,
    scope: Scope,
    target: Target,
    document: Document,
    folder: Path | None,
    linked: Linked,
) -> Inner:
    """The template that a deployment deploys, nested or linked. Raises NotReadError."""
    properties = declared.get("properties")
    if not isinstance(properties, dict):
        raise NotReadError(where, "a deployment without properties")
    inside = where.child("properties")
    goal = _target(declared, where, scope, target)
    fresh = scope.fresh(goal, f"{scope.identity}/{own.name.written}", own.name)
    here = Inner(None, inside.child("template"), document, folder, fresh, goal, {}, linked)
    template = properties.get("template")
    if isinstance(template, dict):
        options = properties.get("expressionEvaluationOptions")
        if isinstance(options, dict) and str(options.get("scope", "")).lower() == "inner":
            supplied = passed(properties.get("parameters"), inside.child("parameters"), scope)
            return here._replace(raw=template, supplied=supplied)
        return here._replace(raw=template, scope=scope, is_outer=True)
    if "templateLink" not in properties:
        raise NotReadError(where, "a deployment without a template")
    found = _linked(properties, inside, here, scope)
    return found._replace(supplied=_supplied(properties, inside, found, scope))


def _target(declared: Mapping[str, Any], where: Where, scope: Scope, here: Target) -> Target:
    """What a deployment deploys to: another resource group or subscription, a management group, the tenant."""
    away = _text(declared.get("scope"), where.child("scope"), scope)
    if away is not None:
        return other_scope(here, away)
    return other_group(
        here,
        _text(declared.get("subscriptionId"), where.child("subscriptionId"), scope),
        _text(declared.get("resourceGroup"), where.child("resourceGroup"), scope),
    )


def _supplied(properties: Mapping[str, Any], where: Where, found: Inner, scope: Scope) -> Supplied:
    """The values that a deployment passes to a linked template: written here, or in a file of their own."""
    if "parametersLink" not in properties:
        return passed(properties.get("parameters"), where.child("parameters"), scope)
    place = where.child("parametersLink")
    link = node_of(properties["parametersLink"], place, scope)
    shown, path = _file_of(link, found.folder, scope)
    if path is None:
        return {}
    try:
        return supplied_by(read(path, shown))
    except DocumentError:
        return {}


def _linked(properties: Mapping[str, Any], where: Where, here: Inner, scope: Scope) -> Inner:
    """A linked template where it comes with this one, or its file lies beside it."""
    place = where.child("templateLink")
    link = node_of(properties["templateLink"], place, scope)
    shown, path = _file_of(link, here.folder, scope)
    known = here.linked.get(PurePosixPath(shown).as_posix())
    if known is not None:
        return here._replace(raw=known[0], where=known[1])
    if path is None:
        raise NotReadError(place, f"the linked template {shown} is not among the files")
    name = str(PurePosixPath(Path(here.document.name).parent.as_posix()) / shown)
    try:
        document = read(path, name)
    except DocumentError as error:
        raise NotReadError(place, str(error), name) from None
    return here._replace(
        raw=document.value, where=Where(document), document=document, folder=path.parent, linked={}, path=path
    )


def _file_of(link: Node, folder: Path | None, scope: Scope) -> tuple[str, Path | None]:
    """What a link names, and its file where that may be read."""
    fields = link.value
    if not isinstance(fields, Fields):
        return "(its address is not known)", None
    for key in ("relativePath", "uri", "id"):
        node = fields.get(key)
        if node is None or node.value is None:
            continue
        text = node.value if isinstance(node.value, Text) else Text((str(node.value),))
        if isinstance(node.value, Unknown):
            text = Text((node.value,))
        relative = _relative(text, scope) if key == "uri" else text.written if key == "relativePath" else None
        if relative is None or folder is None:
            return relative or text.written, None
        path = (folder / relative).resolve()
        # A template is not trusted to have any file read: only what lies below it or where the tool runs.
        inside = path.is_relative_to(folder.resolve()) or path.is_relative_to(Path.cwd())
        return relative, path if inside and path.is_file() else None
    return "(it has no address)", None


def _relative(address: Text, scope: Scope) -> str | None:
    """The path below the template's folder that an address names; what follows it (a token) does not count."""
    parts = address.parts
    if not parts:
        return None
    first, *rest = parts
    if isinstance(first, str):
        base = _artifacts(scope)
        if base is None or not first.lower().startswith(base.lower()):
            return None
        first = first[len(base) :]
    elif first.key == TEMPLATE_FOLDER and rest and isinstance(rest[0], str):
        first, *rest = rest
    if isinstance(first, str) and (not rest or first.lower().endswith((".json", ".jsonc"))):
        return first.lstrip("/").split("?")[0] or None
    return None


def _artifacts(scope: Scope) -> str | None:
    """The address that `_artifactsLocation` was given, without the name of a file: what is below it lies beside us."""
    node = scope.parameters.get(ARTIFACTS)
    value = node.value if node is not None else None
    if not isinstance(value, str) or not value:
        return None
    return value if value.endswith("/") or not value.lower().endswith(".json") else value.rpartition("/")[0]


def outputs(raw: Any, where: Where, scope: Scope) -> Node:
    """The outputs of a template, each with its `value`, as `reference()` gives them."""

    def read_(_: Node) -> Value:
        entries = raw.items() if isinstance(raw, dict) else ()
        return Fields({name: _output(entry, where.child(name), scope) for name, entry in entries})

    return Node(where, read=read_)


def _output(raw: Any, where: Where, scope: Scope) -> Node:
    entry = raw if isinstance(raw, dict) else {}
    loop = entry.get("copy")
    if isinstance(loop, dict) and "count" in loop:
        value = items_of_loop({**loop, "name": ""}, where.child("copy"), scope)
    else:
        value = node_of(entry.get("value"), where.child("value"), scope)
    return Node(where, Fields({"type": Node(where, str(entry.get("type", ""))), "value": guarded(value, entry, {})}))


def _text(raw: Any, where: Where, scope: Scope) -> Text | None:
    if raw is None:
        return None
    value: Value = node_of(raw, where, scope).value
    if isinstance(value, str):
        return Text((value,))
    if isinstance(value, Text):
        return value
    return Text((value,)) if isinstance(value, Unknown) else None
