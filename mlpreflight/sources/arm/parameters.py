"""Parameter files, and the values that a template's parameters have."""

from collections.abc import Mapping
from typing import Any

from mlpreflight.documents import Document
from mlpreflight.sources.arm.functions.resources import TEMPLATE_FOLDER
from mlpreflight.sources.arm.nodes import node_of
from mlpreflight.sources.arm.scope import Scope
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value, Where, lift

Supplied = Mapping[str, Node]
"""Parameter values by lower-cased name."""

ARTIFACTS = "_artifactslocation"


def supplied_by(document: Document) -> dict[str, Node]:
    """The values that a parameter file gives. Its $schema does not matter, nor the case of names."""
    raw = document.value.get("parameters") if isinstance(document.value, dict) else None
    where = Where(document).child("parameters")
    entries = raw if isinstance(raw, dict) else {}
    return {name.lower(): _entry(name, entry, where.child(name)) for name, entry in entries.items()}


def _entry(name: str, entry: Any, where: Where) -> Node:
    if isinstance(entry, dict) and "value" in entry:
        return lift(entry["value"], where.child("value"))
    if isinstance(entry, dict) and "reference" in entry:
        reason = f"the parameter `{name}` comes out of a key vault"
        return Node(where, Unknown(reason, f"parameter `{name}`", key=f"vault:{name.lower()}", shown=name))
    reason = f"the parameter file gives `{name}` neither a value nor a reference"
    return Node(where, Unknown.because(reason, f"parameter `{name}`"))


def bound(declared: Any, where: Where, supplied: Supplied, scope: Scope) -> dict[str, Node]:
    """The parameters of a template: what was supplied, else the default, else unknown."""
    if not isinstance(declared, dict):
        return {}
    return {name.lower(): _bound(name, entry, where.child(name), supplied, scope) for name, entry in declared.items()}


def _bound(name: str, declaration: Any, where: Where, supplied: Supplied, scope: Scope) -> Node:
    entry = declaration if isinstance(declaration, dict) else {}
    given = supplied.get(name.lower())
    secret = str(entry.get("type", "")).lower() in ("securestring", "secureobject")
    if given is None:
        if name.lower() == ARTIFACTS:
            folder = Unknown("the template is a file", "the template's address", TEMPLATE_FOLDER, TEMPLATE_FOLDER)
            return Node(where, Text((folder,)))
        if "defaultValue" in entry:
            given = node_of(entry["defaultValue"], where.child("defaultValue"), scope)
        elif entry.get("nullable") is True:
            return Node(where, None)
        else:
            key = f"{scope.identity}:parameters('{name.lower()}')"
            reason = f"the parameter `{name}` has no value: no default, and no parameter file gives it"
            return Node(where, Unknown(reason, f"parameter `{name}`", key=key, shown=f"parameters('{name}')"))
    return hidden(given) if secret else given


def hidden(node: Node) -> Node:
    """A secret: checks can use the value, reports cannot print it."""
    return Node(node.where, read=lambda _: _hidden(node.value), via=node.via)


def _hidden(value: Value) -> Value:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return Text((str(value),), secret=True)
    if isinstance(value, Text):
        return Text(value.parts, secret=True)
    if isinstance(value, Fields):
        return Fields({name: hidden(node) for name, node in value.nodes.items()}, value.more)
    if isinstance(value, Items):
        return Items(tuple(hidden(node) for node in value), value.more)
    return value
