"""Reading arguments: the value in the shape that a function wants, or the reason why not."""

import json
from typing import Any

from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value, Where

# No function builds text or lists beyond this: a few nested calls could otherwise ask for gigabytes.
MAX_TEXT = 1_000_000
MAX_ITEMS = 100_000


class Doubt(Exception):
    """A value is not known well enough for the function to give one."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown


class BadCall(Exception):
    """Azure would refuse this call; says why."""


def text(value: Value) -> str:
    """A text that is known in whole."""
    if isinstance(value, str):
        return value
    if isinstance(value, Text):
        if value.holes:
            raise Doubt(value.holes[0])
        return value.known
    raise refusal(value, "text")


def parts(value: Value) -> Text:
    """A value as a part of a longer text: known, or a hole in it."""
    if isinstance(value, Text):
        return value
    if isinstance(value, Unknown):
        return Text((value,))
    return Text((plain_text(value),))


def plain_text(value: Value) -> str:
    """A known value as text, written as Azure writes it."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, Fields | Items):
        return json.dumps(plain(value), separators=(",", ":"), ensure_ascii=False)
    raise refusal(value, "text")


def joined(text: Text) -> Value:
    """A text as a value: a plain string where nothing is special about it."""
    if sum(len(part) for part in text.parts if isinstance(part, str)) > MAX_TEXT:
        raise BadCall(f"the text is longer than {MAX_TEXT:,} characters")
    if text.holes or text.secret:
        return text
    return text.known


def number(value: Value) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise refusal(value, "a whole number")


def truth(value: Value) -> bool:
    """A condition. Azure takes "true" and "false" as text, and numbers."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    if isinstance(value, int):
        return value != 0
    raise refusal(value, "true or false")


def items(value: Value) -> Items:
    if isinstance(value, Items):
        return value
    raise refusal(value, "a list")


def fields(value: Value) -> Fields:
    if isinstance(value, Fields):
        return value
    raise refusal(value, "an object")


def refusal(value: Value, wanted: str) -> Exception:
    """What to raise for a value of the wrong shape: doubt where it is unknown, else what it is."""
    if isinstance(value, Unknown):
        return Doubt(value)
    if isinstance(value, Text) and value.holes:
        return Doubt(value.holes[0])
    return BadCall(f"{_kind(value)} is given, {wanted} wanted")


def _kind(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case Fields():
            return "an object"
        case Items():
            return "a list"
        case _:
            return "text"


def plain(value: Value) -> Any:
    """A value as plain data; raises Doubt where some of it is unknown."""
    if isinstance(value, Unknown):
        raise Doubt(value)
    if isinstance(value, Text):
        return text(value)
    if isinstance(value, Fields):
        if value.more:
            raise Doubt(value.more)
        return {name: plain(node.value) for name, node in value.nodes.items()}
    if isinstance(value, Items):
        if value.more:
            raise Doubt(value.more)
        return [plain(node.value) for node in value]
    return value


def canonical(value: Value) -> str:
    """A text that is the same for equal values and for the same unknown ones."""
    if isinstance(value, Unknown):
        return value.key if value.repeatable else f"{value.key}#{id(value)}"
    if isinstance(value, Text):
        return "'" + "".join(part if isinstance(part, str) else f"{{{canonical(part)}}}" for part in value.parts) + "'"
    if isinstance(value, Fields):
        inner = ",".join(f"{name}:{canonical(node.value)}" for name, node in sorted(value.nodes.items()))
        return f"{{{inner}{'+' + value.more.key if value.more else ''}}}"
    if isinstance(value, Items):
        return f"[{','.join(canonical(node.value) for node in value)}{'+' + value.more.key if value.more else ''}]"
    return repr(value)


NOWHERE = Where(None)


def node(value: Value) -> Node:
    """A value that a function made; its place is that of the expression, which the caller knows."""
    return Node(NOWHERE, value)


def listed(values: list[Value], more: Unknown | None = None) -> Items:
    if len(values) > MAX_ITEMS:
        raise BadCall(f"the list is longer than {MAX_ITEMS:,}")
    return Items(tuple(node(value) for value in values), more)
