"""The type, name and id of a declared resource, however it is written."""

from collections.abc import Mapping
from typing import Any

from mlpreflight.environment import Resource
from mlpreflight.sources.arm.nodes import node_of
from mlpreflight.sources.arm.scope import Scope, Target
from mlpreflight.values import Node, Text, Unknown, Where


def resource(
    declared: Mapping[str, Any],
    node: Node,
    scope: Scope,
    target: Target,
    doubt: Unknown | None,
    parent: Resource | None = None,
) -> Resource | None:
    """A declared resource with its whole type, name and id. None where it has no type that can be read."""
    written = next((value for key, value in declared.items() if key.lower() == "type"), None)
    type = node_of(written, node.where.child("type"), scope).value
    if not isinstance(type, str) or not type.strip("/"):
        return None
    type = type.strip("/")
    if "@" in type:  # symbolic names of compiled Bicep carry the API version here
        type = type.split("@")[0]
    name = _name(declared, node.where, scope)
    if parent is not None and not type.lower().startswith(parent.type.lower().split("/")[0] + "/"):
        type, name = f"{parent.type}/{type}", parent.name + "/" + name
    elif parent is not None and type.lower().startswith(parent.type.lower() + "/"):
        name = name if len(name.split("/")) == type.count("/") else parent.name + "/" + name
    extends = _extended(declared, node.where, scope, target)
    if "/providers/" in type.lower():
        type, name, extends = _unwrapped(type, name, target)
    if "/" not in type:
        return None
    own = _said_id(declared, node.where, scope)
    base = extends if extends is not None else target.scope
    return Resource(type, name, own or resource_id(base, type, name), node, doubt, extends)


def _name(declared: Mapping[str, Any], where: Where, scope: Scope) -> Text:
    written = next((value for key, value in declared.items() if key.lower() == "name"), None)
    return _text(written, where.child("name"), scope) or Text((Unknown.because("it has no name", "its name"),))


def _text(raw: Any, where: Where, scope: Scope) -> Text | None:
    value = node_of(raw, where, scope).value
    if isinstance(value, Text):
        return value
    if isinstance(value, Unknown):
        return Text((value,))
    return Text((str(value),)) if value is not None and isinstance(value, str | int | float) else None


def _said_id(declared: Mapping[str, Any], where: Where, scope: Scope) -> Text | None:
    """The id that an exported resource carries."""
    raw = declared.get("id")
    return _text(raw, where.child("id"), scope) if isinstance(raw, str) and raw.startswith("/") else None


def _extended(declared: Mapping[str, Any], where: Where, scope: Scope, goal: Target) -> Text | None:
    """What an extension resource is scoped to, as a whole id."""
    target = _text(declared.get("scope"), where.child("scope"), scope)
    if target is None:
        return None
    first = target.parts[0] if target.parts else ""
    if isinstance(first, str) and not first.startswith("/"):
        return goal.scope + "/providers/" + target
    return target


def _unwrapped(type: str, name: Text, goal: Target) -> tuple[str, Text, Text]:
    """An extension in the older notation, `A/b/providers/c` named `b1/D/c1`: type D/c, name c1, on A/b b1."""
    at = type.lower().index("/providers/")
    outer, inner = type[:at], type[at + len("/providers/") :]
    names = name.split("/")
    count = outer.count("/")
    target = resource_id(goal.scope, outer, _together(names[:count]))
    rest = names[count:]
    if rest and not rest[0].holes and "." in rest[0].known:
        inner, rest = f"{rest[0].known}/{inner.split('/', 1)[-1] if '.' in inner else inner}", rest[1:]
    return inner, _together(rest), target


def _together(names: list[Text]) -> Text:
    whole = Text(())
    for at, name in enumerate(names):
        whole = whole + ("/" if at else "") + name
    return whole


def resource_id(base: Text, type: str, name: Text) -> Text:
    """The id of a resource below a scope: types and names take turns."""
    namespace, *kinds = type.split("/")
    if type.lower() == "microsoft.resources/resourcegroups":
        return Text(tuple(base.split("/resourceGroups/")[0].parts)) + "/resourceGroups/" + name
    names = name.split("/")
    whole = base + f"/providers/{namespace}"
    if len(names) != len(kinds):  # a hole hides where one name ends and the next begins
        holes = name.holes or (Unknown.because("it has too few names", "its name"),)
        rest = holes[0]._replace(key=f"names in {name.written}", shown=name.written)
        return whole + f"/{kinds[0]}/" + Text((rest,))
    for kind, part in zip(kinds, names, strict=True):
        whole = whole + f"/{kind}/" + part
    return whole
