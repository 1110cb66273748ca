"""Reading a value as text, number, truth value or object, with the coercions that Azure Resource Manager makes."""

import re

from mlpreflight.resources.several import Several
from mlpreflight.values import Fields, Items, Node, NotEnoughEvidence, Text, Unknown, Value

MAX_SHOWN_DEPTH = 3

_WHOLE = re.compile(r"[-+]?\d{1,18}\Z")


def wrong_shape(node: Node, label: str, wanted: str) -> NotEnoughEvidence:
    """What to raise where the value has a shape that Azure would refuse."""
    return NotEnoughEvidence.because(f"{label} is {show(node.value)}, not {wanted}", f"a {label} of the right shape")


def object_of(node: Node, label: str) -> Fields | None:
    """A value as an object; None where it is absent. Raises NotEnoughEvidence for anything else."""
    value = node.value
    if isinstance(value, Fields) or value is None:
        return value
    if isinstance(value, Unknown):
        raise NotEnoughEvidence(value)
    if isinstance(value, Text):
        _ = value.known  # raises where it has holes
    raise wrong_shape(node, node_label(node, label), "an object")


def node_label(node: Node, label: str) -> str:
    return str(node.where.key) or label


def text_of(node: Node, label: str) -> Text:
    """A value as text. Numbers are accepted as Azure accepts them."""
    value = node.value
    if isinstance(value, Text):
        return value
    if isinstance(value, Unknown):
        return Text((value,))
    if isinstance(value, str):
        return Text((value,))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Text((str(value),))
    raise wrong_shape(node, label, "text")


def number_of(node: Node, label: str) -> int:
    """A value as a whole number; "443" counts as one."""
    value = _settled(node)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _WHOLE.match(value.strip()):
        return int(value)
    raise wrong_shape(node, label, "a whole number")


def flag_of(node: Node, label: str) -> bool:
    """A value as a truth value; "false" and "True" count as such."""
    value = _settled(node)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise wrong_shape(node, label, "true or false")


def items_of(node: Node, label: str) -> Items:
    """A value as a list."""
    value = _settled(node)
    if isinstance(value, Items):
        return value
    raise wrong_shape(node, label, "a list")


def short_id(text: str) -> str:
    """An id as people say it: `virtualNetworks/vnet/subnets/snet`. Other text stays as it is."""
    if not text.startswith("/subscriptions/") or "/providers/" not in text:
        return text
    return text.rsplit("/providers/", 1)[1].split("/", 1)[-1]


def _settled(node: Node) -> Value:
    value = node.value
    if isinstance(value, Unknown):
        raise NotEnoughEvidence(value)
    return value.known if isinstance(value, Text) else value


def show(value: object, limit: int = 100, depth: int = 0) -> str:
    """A value in a few words, for evidence."""
    if depth > MAX_SHOWN_DEPTH:
        return "…"
    if isinstance(value, Unknown):
        return f"{{{value.shown}}}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Fields):
        inner = ", ".join(f"{key}: {show(node.value, 20, depth + 1)}" for key, node in list(value.nodes.items())[:4])
        text = f"{{{inner}}}"
    elif isinstance(value, Items):
        text = "[" + ", ".join(show(node.value, 30, depth + 1) for node in value.nodes[:6]) + "]"
    elif isinstance(value, Several):
        text = ", ".join(show(one, 30) for one in value.every)
    else:
        text = short_id(str(value))
    return text if len(text) <= limit else text[: limit - 1] + "…"
