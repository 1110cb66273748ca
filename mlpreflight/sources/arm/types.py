"""The declared types of parameters: what a value must be like, and which parts of it are secret."""

from collections.abc import Iterator, Mapping
from typing import Any

from mlpreflight.sources.arm.functions.arguments import BadCall, Doubt, Steps, plain
from mlpreflight.sources.arm.syntax import shortened
from mlpreflight.text import compare
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value

Definitions = Mapping[str, Any]

MAX_REFERENCES = 20

BOUNDS = ("allowedValues", "minLength", "maxLength", "minValue", "maxValue")

_SHAPES: dict[str, tuple[type, ...]] = {
    "string": (str, Text),
    "securestring": (str, Text),
    "int": (int, float, str, Text),
    "bool": (bool, str, Text),
    "array": (Items,),
    "object": (Fields,),
    "secureobject": (Fields,),
}
_WORDS = {"string": "text", "securestring": "text", "int": "a whole number", "bool": "true or false", "array": "a list"}


def resolved(declared: Any, definitions: Definitions) -> dict[str, Any]:
    """A declaration with the definition that it refers to (`$ref`) below it."""
    entry = dict(declared) if isinstance(declared, dict) else {}
    for _ in range(MAX_REFERENCES):
        target = entry.pop("$ref", None)
        if not isinstance(target, str):
            break
        base = definitions.get(target.rpartition("/")[2])
        entry = {**(base if isinstance(base, dict) else {}), **entry}
    return entry


def is_secret(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("type", "")).lower() in ("securestring", "secureobject")


def guarded(node: Node, declared: Any, definitions: Definitions, depth: int = 0) -> Node:
    """A value of which the parts whose type is secure are known to checks and printed by nobody."""
    entry = resolved(declared, definitions)
    if is_secret(entry):
        return hidden(node)
    if depth < MAX_REFERENCES and _may_hold_secrets(entry):
        return Node(node.where, read=lambda _: _guarded(node.value, entry, definitions, depth + 1), via=node.via)
    return node


def _may_hold_secrets(entry: Mapping[str, Any]) -> bool:
    return any(key in entry for key in ("properties", "items", "prefixItems", "additionalProperties"))


def _guarded(value: Value, entry: Mapping[str, Any], definitions: Definitions, depth: int) -> Value:
    if isinstance(value, Fields):
        properties = entry.get("properties")
        types = {key.lower(): one for key, one in properties.items()} if isinstance(properties, dict) else {}
        other = entry.get("additionalProperties")
        return Fields(
            {
                name: guarded(node, types.get(name.lower(), other), definitions, depth)
                for name, node in value.nodes.items()
            },
            value.more,
        )
    if isinstance(value, Items):
        first = entry.get("prefixItems")
        types_at = first if isinstance(first, list) else []
        nodes = tuple(
            guarded(node, types_at[at] if at < len(types_at) else entry.get("items"), definitions, depth)
            for at, node in enumerate(value)
        )
        return Items(nodes, value.more, value.head, value.tail)
    return value


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
        return Items(tuple(hidden(node) for node in value), value.more, value.head, value.tail)
    return value


def bounded(declared: Any, definitions: Definitions) -> bool:
    """Does a declaration say which values of its type it takes?"""
    return any(bound in resolved(declared, definitions) for bound in BOUNDS)


def fault(node: Node, declared: Any, definitions: Definitions) -> str | Unknown | None:
    """Why Azure would refuse a value for a parameter; None where it takes it. No secret is told."""
    entry = resolved(declared, definitions)
    value = node.value
    if isinstance(value, Unknown):
        return value
    if value is None:
        return None if entry.get("nullable") is True or "type" not in entry else "null is given, and it must not be"
    kind = str(entry.get("type", "")).lower()
    shapes = _SHAPES.get(kind)
    if shapes and (not isinstance(value, shapes) or (isinstance(value, bool) and kind != "bool")):
        return f"{_told(value)} is given, {_WORDS.get(kind, 'an object')} wanted"
    try:
        return next(_faults(value, entry), None)
    except Doubt as stopped:
        return stopped.unknown
    except BadCall as refused:
        return Unknown.because(str(refused), "a smaller value")


def _faults(value: Value, entry: Mapping[str, Any]) -> Iterator[str]:
    allowed = entry.get("allowedValues")
    if isinstance(allowed, list):
        known = plain(value, Steps())
        given = known if isinstance(known, list) and not any(isinstance(one, list) for one in allowed) else [known]
        for one in given:
            if not any(_same(one, choice) for choice in allowed):
                shown = "the value" if is_secret(entry) else repr(one)
                yield f"{shortened(shown)} is not among the allowed values ({_list(allowed)})"
    size, unit = _size(value)
    for least, most, measure in (("minLength", "maxLength", size), ("minValue", "maxValue", _number(value))):
        low, high = entry.get(least), entry.get(most)
        if measure is None:
            continue
        if isinstance(low, int) and measure < low:
            yield f"it has {measure}{unit if measure is size else ''}, {least} is {low}"
        if isinstance(high, int) and measure > high:
            yield f"it has {measure}{unit if measure is size else ''}, {most} is {high}"


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return compare(Text((one,)), Text((other,))) is True
    return bool(one == other)


def _size(value: Value) -> tuple[int | None, str]:
    if isinstance(value, str):
        return len(value), " characters"
    if isinstance(value, Text):
        return (None if value.holes else len(value.known)), " characters"
    if isinstance(value, Items):
        return (None if value.more else len(value.nodes)), " elements"
    return None, ""


def _number(value: Value) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _list(allowed: list[Any]) -> str:
    shown = ", ".join(str(one) for one in allowed[:8])
    return shown + (f" and {len(allowed) - 8} more" if len(allowed) > 8 else "")


def _told(value: Value) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case Fields():
            return "an object"
        case Items():
            return "a list"
        case _:
            return "text"
