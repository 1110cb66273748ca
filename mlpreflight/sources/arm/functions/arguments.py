"""Reading arguments: the value in the shape that a function wants, or the reason why not."""

import json
from collections.abc import Iterable
from itertools import count
from typing import Any

from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value, Where

# No function builds text or lists beyond this: a few nested calls could otherwise ask for gigabytes.
MAX_TEXT = 1_000_000
MAX_HOLES = 1_000
MAX_ITEMS = 100_000
# Values share their parts, so that a short template can describe a huge one: no walk through one goes further.
MAX_STEPS = 10_000
MAX_KEY = 1_000
MAX_NUMBER = 1 << 63


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
    return together([text])


def together(texts: Iterable[Text]) -> Value:
    """Texts, one after the other, as a value. Raises BadCall where that grows without bound."""
    pieces: list[str | Unknown] = []
    size = holes = 0
    secret = False
    for one in texts:
        for part in one.parts:
            pieces.append(part)
            size += len(part) if isinstance(part, str) else 0
            holes += not isinstance(part, str)
        secret = secret or one.secret
        if size > MAX_TEXT:
            raise BadCall(f"the text is longer than {MAX_TEXT:,} characters")
        if holes > MAX_HOLES:
            raise BadCall(f"more than {MAX_HOLES:,} parts of the text are unknown")
    if holes or secret:
        return Text(pieces, secret)
    return "".join(piece for piece in pieces if isinstance(piece, str))


def number(value: Value) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= MAX_NUMBER:
            raise BadCall("the number is too large")
        return value
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


class Steps:
    """How much of a value may still be walked through."""

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise BadCall(f"it holds more than {MAX_STEPS:,} values")


def plain(value: Value, steps: Steps | None = None) -> Any:
    """A value as plain data; raises Doubt where some of it is unknown."""
    steps = steps or Steps()
    steps.take()
    if isinstance(value, Unknown):
        raise Doubt(value)
    if isinstance(value, Text):
        return text(value)
    if isinstance(value, Fields | Items) and value.more:
        raise Doubt(value.more)
    if isinstance(value, Fields):
        return {name: plain(node.value, steps) for name, node in value.nodes.items()}
    if isinstance(value, Items):
        return [plain(node.value, steps) for node in value]
    return value


_unlike = count()


def canonical(value: Value) -> str:
    """A text that is the same for equal values and for the same unknown ones."""
    try:
        return bounded(_canonical(value, Steps()))
    except BadCall:
        return f"#{next(_unlike)}"


def _canonical(value: Value, steps: Steps) -> str:
    steps.take()
    if isinstance(value, Unknown):
        return value.key if value.repeatable else f"{value.key}#{next(_unlike)}"
    if isinstance(value, Text):
        parts = (bounded(part) if isinstance(part, str) else f"{{{_canonical(part, steps)}}}" for part in value.parts)
        return f"'{''.join(parts)}'"
    if isinstance(value, Fields):
        inner = ",".join(f"{name}:{_canonical(node.value, steps)}" for name, node in sorted(value.nodes.items()))
        return f"{{{inner}{'+' + value.more.key if value.more else ''}}}"
    if isinstance(value, Items):
        inner = ",".join(_canonical(node.value, steps) for node in value)
        return f"[{inner}{'+' + value.more.key if value.more else ''}]"
    return bounded(repr(value))


def bounded(key: str) -> str:
    """A key, or where it is long what stands for it."""
    if len(key) <= MAX_KEY:
        return key
    import hashlib

    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


NOWHERE = Where(None)


def node(value: Value) -> Node:
    """A value that a function made; its place is that of the expression, which the caller knows."""
    return Node(NOWHERE, value)


def listed(values: Iterable[Value]) -> Items:
    """A list that a function made. Raises BadCall where it grows without bound."""
    nodes: list[Node] = []
    for value in values:
        nodes.append(node(value))
        if len(nodes) > MAX_ITEMS:
            raise BadCall(f"the list is longer than {MAX_ITEMS:,}")
    return Items(tuple(nodes))


def known_head(value: Value, size: int) -> str | None:
    """The first characters of a text that has holes further on; None where they are not known, or all of it is."""
    if isinstance(value, Text) and value.holes and not value.secret:
        first = value.parts[0]
        if isinstance(first, str) and len(first) >= size:
            return first[:size]
    return None


def known_tail(value: Value, size: int) -> str | None:
    """The last characters of a text that has holes before them; None where they are not known, or all of it is."""
    if size and isinstance(value, Text) and value.holes and not value.secret:
        last = value.parts[-1]
        if isinstance(last, str) and len(last) >= size:
            return last[-size:]
    return None
