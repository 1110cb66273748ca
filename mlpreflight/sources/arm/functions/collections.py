"""Array and object functions.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-array and -object
"""

from collections.abc import Callable, Iterable

from mlpreflight.sources.arm.functions.arguments import (
    BadCall,
    Doubt,
    fields,
    gathered,
    items,
    node,
    number,
    refusal,
    text,
)
from mlpreflight.sources.arm.functions.logic import equal, first_unknown
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value

MAX_COMPARED = 500


def chain(values: Iterable[Value]) -> Items:
    """Lists, one after the other. Others may follow where one is unknown."""
    more: Unknown | None = None
    known: list[Items] = []
    for value in values:
        if isinstance(value, Unknown):
            more = more or value
        else:
            known.append(items(value))
            more = more or known[-1].more
    return gathered((one.nodes for one in known), more)


def array(value: Value) -> Value:
    return value if isinstance(value, Items) else Items((node(value),))


def create_array(*values: Value) -> Value:
    return Items(tuple(node(value) for value in values))


def create_object(*values: Value) -> Value:
    if len(values) % 2:
        raise BadCall("each name wants a value")
    named = zip(values[::2], values[1::2], strict=True)
    return Fields({text(name): node(value) for name, value in named})


def union(*values: Value) -> Value:
    """Objects laid over each other, inner objects too; or lists without their doubles."""
    first = next((value for value in values if not isinstance(value, Unknown)), None)
    if isinstance(first, Fields):
        whole: Value = Fields({})
        for value in values:
            whole = _over(whole, value)
        return whole
    if isinstance(first, Items):
        whole_list = chain(values)
        _refuse_large(len(whole_list.nodes))
        nodes: list[Node] = []
        for one in whole_list:
            if not any(equal(one.value, had.value) for had in nodes):
                nodes.append(one)
        return Items(tuple(nodes), whole_list.more)
    raise refusal(values[0], "a list or an object")


def _over(below: Value, above: Value) -> Value:
    """An object with another laid over it. What an unknown one may cover is no longer known."""
    if not isinstance(below, Fields):
        return above
    if isinstance(above, Unknown):
        covered = {name: Node(one.where, above) for name, one in below.nodes.items()}
        return Fields(covered, above)
    upper = fields(above)
    nodes: dict[str, Node] = {}
    for name, one in below.nodes.items():
        cover = upper.get(name)
        if cover is None:
            nodes[name] = Node(one.where, upper.more) if upper.more else one
        elif isinstance(one.value, Fields) and isinstance(cover.value, Fields | Unknown):
            nodes[name] = Node(cover.where, _over(one.value, cover.value), via=(*one.via, *cover.via))
        else:
            nodes[name] = cover
    folded = {name.lower() for name in nodes}
    nodes.update({name: one for name, one in upper.nodes.items() if name.lower() not in folded})
    return Fields(nodes, below.more or upper.more)


def shallow_merge(values: Value) -> Value:
    nodes: dict[str, Node] = {}
    given = items(values)
    if given.more:
        raise Doubt(given.more)
    for one in given:
        nodes.update(fields(one.value).nodes)
    return Fields(nodes)


def intersection(*values: Value) -> Value:
    if not values:
        raise BadCall("at least one list is wanted")
    first = items(values[0])
    for value in values:
        if items(value).more:
            raise Doubt(first_unknown(value))
    _refuse_large(max(len(items(value).nodes) for value in values))
    common = [one for one in first if all(_holds(items(other), one.value) for other in values[1:])]
    return Items(tuple(common))


def _refuse_large(length: int) -> None:
    """Each element is compared with all others."""
    if length > MAX_COMPARED:
        raise BadCall(f"lists of more than {MAX_COMPARED:,} are not compared")


def contains(container: Value, wanted: Value) -> Value:
    if isinstance(container, Fields):
        if container.get(text(wanted)) is not None:
            return True
        if container.more:
            raise Doubt(container.more)
        return False
    if isinstance(container, Items):
        return _holds(container, wanted)
    if isinstance(container, Text) and container.holes:
        inner = text(wanted)
        if any(isinstance(part, str) and inner in part for part in container.parts):
            return True
        raise Doubt(container.holes[0])
    return text(wanted) in text(container)


def _holds(container: Items, wanted: Value) -> bool:
    answers = [equal(one.value, wanted) for one in container]
    if True in answers:
        return True
    if None in answers or container.more:
        raise Doubt(container.more or first_unknown(wanted, container))
    return False


def first(value: Value) -> Value:
    if isinstance(value, Items):
        if not value.nodes and value.more:
            raise Doubt(value.more)
        return value.nodes[0].value if value.nodes else None
    return text(value)[:1]


def last(value: Value) -> Value:
    if isinstance(value, Items):
        if value.more:
            raise Doubt(value.more)
        return value.nodes[-1].value if value.nodes else None
    return text(value)[-1:]


def take(value: Value, count: Value) -> Value:
    many = max(number(count), 0)
    if isinstance(value, Items):
        if len(value.nodes) < many and value.more:
            return Items(value.nodes, value.more)
        return Items(value.nodes[:many])
    if isinstance(value, Text) and value.holes and isinstance(value.parts[0], str) and len(value.parts[0]) >= many:
        return value.parts[0][:many]
    return text(value)[:many]


def skip(value: Value, count: Value) -> Value:
    many = max(number(count), 0)
    if isinstance(value, Items):
        return Items(value.nodes[many:], value.more)
    return text(value)[many:]


def flatten(value: Value) -> Value:
    outer = items(value)
    whole = chain(one.value for one in outer)
    return Items(whole.nodes, outer.more or whole.more)


def object_keys(value: Value) -> Value:
    given = fields(value)
    return Items(tuple(node(name) for name in sorted(given.nodes)), given.more)


def items_(value: Value) -> Value:
    """An object as a list of its names and values, in the order of the names."""
    given = fields(value)
    pairs = sorted(given.nodes.items(), key=lambda pair: pair[0].lower())
    return Items(tuple(node(Fields({"key": node(name), "value": one})) for name, one in pairs), given.more)


def try_get(value: Value, *keys: Value) -> Value:
    """What stands at the end of a way down; null where the way ends early."""
    for key in keys:
        if value is None:
            return None
        if isinstance(value, Unknown):
            raise Doubt(value)
        if isinstance(value, Fields):
            found, more = value.get(text(key)), value.more
        else:
            elements, at = items(value), number(key)
            found, more = elements.nodes[at] if 0 <= at < len(elements.nodes) else None, elements.more
        if found is None and more:
            raise Doubt(more)
        value = found.value if found is not None else None
    return value


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "array": array,
    "contains": contains,
    "createarray": create_array,
    "createobject": create_object,
    "first": first,
    "flatten": flatten,
    "intersection": intersection,
    "items": items_,
    "last": last,
    "objectkeys": object_keys,
    "shallowmerge": shallow_merge,
    "skip": skip,
    "take": take,
    "tryget": try_get,
    "union": union,
}
