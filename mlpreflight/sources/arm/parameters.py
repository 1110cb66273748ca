"""Parameter files, and the values that a template's parameters have."""

from collections.abc import Mapping
from typing import Any

from mlpreflight.documents import Document
from mlpreflight.sources.arm.functions.resources import TEMPLATE_FOLDER
from mlpreflight.sources.arm.nodes import node_of
from mlpreflight.sources.arm.scope import Scope
from mlpreflight.sources.arm.types import Definitions, guarded, resolved
from mlpreflight.values import Node, Text, Unknown, Where, lift

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
    return _not_given(name, entry, where)


def passed(raw: Any, where: Where, scope: Scope) -> dict[str, Node]:
    """The parameters that a deployment passes to its template; their values may be expressions."""
    given: dict[str, Node] = {}
    for name, entry in raw.items() if isinstance(raw, dict) else ():
        place = where.child(name)
        if isinstance(entry, dict) and "value" in entry:
            given[name.lower()] = node_of(entry["value"], place.child("value"), scope)
        else:
            given[name.lower()] = _not_given(name, entry, place)
    return given


def _not_given(name: str, entry: Any, where: Where) -> Node:
    if isinstance(entry, dict) and "reference" in entry:
        reason = f"the parameter `{name}` comes out of a key vault"
        return Node(where, Unknown(reason, f"parameter `{name}`", key=f"vault:{name.lower()}", shown=name))
    if isinstance(entry, dict) and "expression" in entry:
        reason = f"the parameter `{name}` is worked out when the file is deployed"
        return Node(where, Unknown.because(reason, f"parameter `{name}`"))
    reason = f"the parameter file gives `{name}` neither a value nor a reference"
    return Node(where, Unknown.because(reason, f"parameter `{name}`"))


def bound(declared: Any, where: Where, supplied: Supplied, scope: Scope, types: Definitions) -> dict[str, Node]:
    """The parameters of a template: what was supplied, else the default, else unknown."""
    if not isinstance(declared, dict):
        return {}
    return {
        name.lower(): _bound(name, entry, where.child(name), supplied, scope, types) for name, entry in declared.items()
    }


def _bound(name: str, declared: Any, where: Where, supplied: Supplied, scope: Scope, types: Definitions) -> Node:
    entry = resolved(declared, types)
    given = supplied.get(name.lower())
    if given is None:
        given = _default(name, entry, where, scope)
    return guarded(given, entry, types)


def _default(name: str, entry: dict[str, Any], where: Where, scope: Scope) -> Node:
    if name.lower() == ARTIFACTS:
        folder = Unknown("the template is a file", "the template's address", TEMPLATE_FOLDER, TEMPLATE_FOLDER)
        return Node(where, Text((folder,)))
    if "defaultValue" in entry:
        return node_of(entry["defaultValue"], where.child("defaultValue"), scope)
    if entry.get("nullable") is True:
        return Node(where, None)
    key = f"{scope.identity}:parameters('{name.lower()}')"
    reason = f"the parameter `{name}` has no value: no default, and no parameter file gives it"
    return Node(where, Unknown(reason, f"parameter `{name}`", key=key, shown=f"parameters('{name}')"))
