"""Functions of objects alone.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-object
"""

from collections.abc import Callable

from mlpreflight.sources.arm.functions.arguments import BadCall, Doubt, fields, items, node, text
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value


def create_object(*values: Value) -> Value:
    """Names and values in turn. Where a name is not known, the object has a property more that is not known either."""
    if len(values) % 2:
        raise BadCall("each name wants a value")
    nodes: dict[str, Node] = {}
    more: Unknown | None = None
    for name, value in zip(values[::2], values[1::2], strict=True):
        if isinstance(name, Unknown):
            more = more or name
        elif isinstance(name, Text) and name.holes:
            more = more or name.holes[0]
        else:
            nodes[text(name)] = node(value)
    return Fields(nodes, more)


def shallow_merge(values: Value) -> Value:
    nodes: dict[str, Node] = {}
    given = items(values)
    if given.more:
        raise Doubt(given.more)
    more: Unknown | None = None
    for one in given:
        if isinstance(one.value, Unknown):  # it may cover what stands below it
            more = one.value
            nodes = {name: Node(had.where, more) for name, had in nodes.items()}
            continue
        part = fields(one.value)
        if part.more:
            nodes = {name: Node(had.where, part.more) for name, had in nodes.items()}
        folded = {name.lower() for name in part.nodes}
        nodes = {name: had for name, had in nodes.items() if name.lower() not in folded} | part.nodes
        more = more or part.more
    return Fields(nodes, more)


def object_keys(value: Value) -> Value:
    given = fields(value)
    return Items(tuple(node(name) for name in sorted(given.nodes)), given.more, head=0)


def items_(value: Value) -> Value:
    """An object as a list of its names and values, in the order of the names."""
    given = fields(value)
    pairs = sorted(given.nodes.items(), key=lambda pair: pair[0].lower())
    return Items(tuple(node(Fields({"key": node(name), "value": one})) for name, one in pairs), given.more, head=0)


def null() -> Value:
    return None


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "createobject": create_object,
    "items": items_,
    "null": null,
    "objectkeys": object_keys,
    "shallowmerge": shallow_merge,
}
