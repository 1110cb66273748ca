"""Functions of lists alone.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-array
"""

from collections.abc import Callable, Iterable

from mlpreflight.sources.arm.functions.arguments import MAX_ITEMS, BadCall, Doubt, items, node, number
from mlpreflight.values import Items, Node, Unknown, Value


def chain(values: Iterable[Value]) -> Items:
    """Lists, one after the other. Where one is unknown, what follows it still belongs to the list."""
    nodes: list[Node] = []
    more: Unknown | None = None
    head = tail = 0
    for value in values:
        if isinstance(value, Unknown):
            more, tail = more or value, 0
            continue
        part = items(value)
        nodes.extend(part.nodes)
        if len(nodes) > MAX_ITEMS:
            raise BadCall(f"the list is longer than {MAX_ITEMS:,}")
        head = head + part.head if more is None else head
        tail = tail + part.tail if part.more is None else part.tail
        more = more or part.more
    return Items(tuple(nodes), more, head, tail)


def array(value: Value) -> Value:
    if isinstance(value, Unknown):  # it may be a list already
        raise Doubt(value)
    return value if isinstance(value, Items) else Items((node(value),))


def create_array(*values: Value) -> Value:
    return Items(tuple(node(value) for value in values))


def flatten(value: Value) -> Value:
    outer = items(value)
    inner: list[Value] = [one.value for one in outer]
    if outer.more:
        inner.insert(outer.head, outer.more)
    return chain(inner)


def index_from_end(value: Value, index: Value) -> Value:
    """The element at an index that counts from the end; the last is 1."""
    found = _from_end(value, index)
    if found is None:
        raise BadCall(f"the list has no element {number(index)} from its end")
    return found.value


def try_index_from_end(value: Value, index: Value) -> Value:
    if value is None:
        return None
    found = _from_end(value, index)
    return found.value if found is not None else None


def _from_end(value: Value, index: Value) -> Node | None:
    given, back = items(value), number(index)
    if back < 1:
        raise BadCall("the index from the end begins with 1")
    found = given.at(-back)
    if found is None and given.more:
        raise Doubt(given.more)
    return found


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "array": array,
    "createarray": create_array,
    "flatten": flatten,
    "indexfromend": index_from_end,
    "tryindexfromend": try_index_from_end,
}
