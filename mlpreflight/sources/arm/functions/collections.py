"""Functions that take lists, objects or text alike.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-array, -object and -string
"""

from collections.abc import Callable, Sequence

from mlpreflight.sources.arm.functions.arguments import (
    BadCall,
    Doubt,
    fields,
    items,
    joined,
    known_head,
    known_tail,
    number,
    refusal,
    text,
)
from mlpreflight.sources.arm.functions.arrays import chain
from mlpreflight.sources.arm.functions.logic import equal, equals, first_unknown
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value

MAX_COMPARED = 500


def union(*values: Value) -> Value:
    """Objects laid over each other, inner objects too; or lists without their doubles."""
    if not values:
        raise BadCall("at least one list or object is wanted")
    first = next((value for value in values if not isinstance(value, Unknown)), values[0])
    if isinstance(first, Fields):
        whole: Value = Fields({})
        for value in values:
            whole = _over(whole, value)
        return whole
    if isinstance(first, Items):
        return _without_doubles(chain(values))
    raise refusal(first, "a list or an object")


def _without_doubles(whole: Items) -> Items:
    """A list with the first of each value. What may be a double leaves open where the following ones stand."""
    _refuse_large(len(whole.nodes))
    nodes: list[Node] = []
    doubt = whole.more
    head: int | None = None
    for at, one in enumerate(whole.nodes):
        answers = [equal(one.value, had.value) for had in nodes]
        if True in answers:
            continue
        if None in answers or at >= whole.head:
            doubt = doubt or first_unknown(one.value, Items(tuple(nodes)))
            head = len(nodes) if head is None else head
        nodes.append(one)
    return Items(tuple(nodes), doubt, head)


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


def intersection(*values: Value) -> Value:
    """What all lists hold; or the properties that all objects have with the same value."""
    if len(values) < 2:
        raise BadCall("at least two lists or objects are wanted")
    if isinstance(values[0], Fields):
        return _shared(values[0], [fields(value) for value in values[1:]])
    lists = [items(value) for value in values]
    if any(one.more for one in lists):
        raise Doubt(first_unknown(*lists))
    _refuse_large(max(len(one.nodes) for one in lists))
    return Items(tuple(one for one in lists[0] if all(_holds(other, one.value) for other in lists[1:])))


def _shared(first: Fields, others: Sequence[Fields]) -> Value:
    if first.more or any(other.more for other in others):
        raise Doubt(first_unknown(first, *others))
    nodes: dict[str, Node] = {}
    for name, one in first.nodes.items():
        matches = [other.get(name) for other in others]
        if all(match is not None and equals(one.value, match.value) for match in matches):
            nodes[name] = one
    return Fields(nodes)


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


def empty(value: Value) -> Value:
    if value is None:
        return True
    if isinstance(value, str):
        return not value
    if isinstance(value, Text):
        if any(isinstance(part, str) for part in value.parts):
            return False
        if value.holes:
            raise Doubt(value.holes[0])
        return True
    if isinstance(value, Fields | Items):
        if not value.nodes and value.more:
            raise Doubt(value.more)
        return not value.nodes
    raise refusal(value, "text, a list or an object")


def length(value: Value) -> Value:
    if isinstance(value, Items | Fields):
        if value.more:
            raise Doubt(value.more)
        return len(value.nodes)
    return len(text(value))


def first(value: Value) -> Value:
    if isinstance(value, Items):
        return _end(value, 0)
    return known_head(value, 1) or text(value)[:1]


def last(value: Value) -> Value:
    if isinstance(value, Items):
        return _end(value, -1)
    return known_tail(value, 1) or text(value)[-1:]


def _end(value: Items, index: int) -> Value:
    found = value.at(index)
    if found is None and value.more:
        raise Doubt(value.more)
    return found.value if found is not None else None


def take(value: Value, count: Value) -> Value:
    many = max(number(count), 0)
    if isinstance(value, Items):
        if value.more is None or many <= value.head:
            return Items(value.nodes[:many])
        return Items(value.nodes[: value.head], value.more)
    head = known_head(value, many)
    return text(value)[:many] if head is None else head


def skip(value: Value, count: Value) -> Value:
    many = max(number(count), 0)
    if isinstance(value, Items):
        if value.more is None or many <= value.head:
            return Items(value.nodes[many:], value.more, max(value.head - many, 0), value.tail)
        return Items((), value.more)
    if known_head(value, many) is not None and isinstance(value, Text):
        return joined(Text((str(value.parts[0])[many:], *value.parts[1:]), value.secret))
    return text(value)[many:]


def index_of(value: Value, wanted: Value) -> Value:
    """Where something stands in a list, or, whatever its case, a text in another."""
    if not isinstance(value, Items):
        return text(value).lower().find(text(wanted).lower())
    for at, one in enumerate(value.nodes[: value.head]):
        if equals(one.value, wanted):
            return at
    if value.more:
        raise Doubt(value.more)
    return -1


def last_index_of(value: Value, wanted: Value) -> Value:
    if not isinstance(value, Items):
        return text(value).lower().rfind(text(wanted).lower())
    if value.more:
        raise Doubt(value.more)
    return next((at for at in reversed(range(len(value.nodes))) if equals(value.nodes[at].value, wanted)), -1)


def try_get(value: Value, key: Value, *further: Value) -> Value:
    """A property or an element, null where it is not there; and what stands further down, which has to be there."""
    found = _element(value, key)
    if found is None or not further:
        return found.value if found is not None else None
    for step in further:
        found = _element(found.value, step)
        if found is None:
            raise BadCall("what is asked for below is not there")
    return found.value


def _element(value: Value, key: Value) -> Node | None:
    if value is None:
        return None
    if isinstance(value, Unknown):
        raise Doubt(value)
    if isinstance(value, Fields):
        found, more = value.get(text(key)), value.more
    else:
        elements, at = items(value), number(key)
        found, more = elements.at(at) if at >= 0 else None, elements.more
    if found is None and more:
        raise Doubt(more)
    return found


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "contains": contains,
    "empty": empty,
    "first": first,
    "indexof": index_of,
    "intersection": intersection,
    "last": last,
    "lastindexof": last_index_of,
    "length": length,
    "skip": skip,
    "take": take,
    "tryget": try_get,
    "union": union,
}
