"""Resources as Azure prints them: REST answers, `az … -o json`, Resource Graph rows.

`az` prints many types flattened, without `properties`; they are read back into ARM's shape, each value at the place
where it is written.
"""

from collections.abc import Iterator
from typing import Any

from mlpreflight.environment import Resource
from mlpreflight.values import Fields, Items, Node, Text, Value, Where, lift

ENVELOPE = frozenset(
    [
        "id",
        "name",
        "type",
        "location",
        "tags",
        "sku",
        "identity",
        "kind",
        "zones",
        "etag",
        "managedby",
        "managedbyextended",
        "plan",
        "apiversion",
        "resourcegroup",
        "extendedlocation",
        "systemdata",
        "scope",
        "subscriptionid",
        "tenantid",
        "properties",
    ]
)


def entries(value: Any, where: Where) -> Iterator[tuple[Any, Where]]:
    """The resources in a document: a list, a page of one ({"value": […]}, {"data": […]}) or a single resource."""
    if isinstance(value, dict):
        for key in ("value", "data"):
            if isinstance(value.get(key), list):
                value, where = value[key], where.child(key)
                break
        else:
            yield value, where
            return
    for at, entry in enumerate(value if isinstance(value, list) else ()):
        yield entry, where.child(at)


def is_export(value: Any) -> bool:
    """Does a document hold resources as Azure prints them, and nothing else? An empty list does."""
    found = [entry for entry, _ in entries(value, Where(None))]
    return all(isinstance(entry, dict) and _type_of(entry) for entry in found)


def _type_of(entry: dict[str, Any]) -> str | None:
    id = entry.get("id")
    if isinstance(id, str) and "/providers/" in id.lower():
        types, names, _ = _identity(id)
        return "/".join(types) if names and len(types) == len(names) + 1 else None
    type = entry.get("type")
    return type if isinstance(type, str) and "/" in type and isinstance(entry.get("name"), str) else None


def resource(entry: dict[str, Any], where: Where) -> Resource:
    """One printed resource."""
    id = entry.get("id")
    node = _node(entry, where) if "properties" not in entry else lift(entry, where)
    if isinstance(id, str) and "/providers/" in id.lower():
        types, names, outer = _identity(id)
        extends = Text((outer,)) if "/providers/" in outer.lower() else None
        return Resource("/".join(types), Text(("/".join(names),)), Text((id,)), node, extends=extends)
    type, name = str(entry["type"]), str(entry["name"])
    return Resource(type, Text((name,)), Text((f"{type}/{name}",)), node)


def _identity(id: str) -> tuple[list[str], list[str], str]:
    """The type and the names in an id, and the id of what the resource is on."""
    at = id.lower().rindex("/providers/")
    namespace, *steps = id[at + len("/providers/") :].strip("/").split("/")
    return [namespace, *steps[::2]], steps[1::2], id[:at]


def _node(entry: dict[str, Any], where: Where) -> Node:
    """A flattened object, its properties put back where ARM has them."""

    def read(_: Node) -> Value:
        outer = {key: lift(value, where.child(key)) for key, value in entry.items() if key.lower() in ENVELOPE}
        inner = {key: _inner(value, where.child(key)) for key, value in entry.items() if key.lower() not in ENVELOPE}
        return Fields({**outer, "properties": Node(where, Fields(inner))})

    return Node(where, read=read)


def _inner(value: Any, where: Where) -> Node:
    """A value in a flattened object; parts that are resources of their own are flattened in their turn."""
    if isinstance(value, list):
        items = tuple(_inner(one, where.child(at)) for at, one in enumerate(value))
        return Node(where, Items(items))
    if isinstance(value, dict):
        is_part = isinstance(value.get("name"), str) and str(value.get("id", "")).startswith("/")
        if is_part and "properties" not in value:
            return _node(value, where)
        return Node(where, Fields({key: _inner(one, where.child(key)) for key, one in value.items()}))
    return lift(value, where)
