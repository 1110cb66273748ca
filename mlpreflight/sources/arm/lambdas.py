"""Functions that are given a lambda, `lambda('name', …, body)`, and ask it of each element.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-lambda
"""

from collections.abc import Callable, Iterator
from functools import cmp_to_key
from typing import NamedTuple

from mlpreflight.sources.arm.frame import Frame
from mlpreflight.sources.arm.functions.arguments import BadCall, Doubt, fields, items, node, text, truth
from mlpreflight.sources.arm.syntax import Call, Expression
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value


class Lambda(NamedTuple):
    """The names that a lambda gives its arguments, and what it makes of them. Further arguments are dropped."""

    names: tuple[str, ...]
    body: Expression
    frame: Frame

    def __call__(self, *arguments: Value) -> Value:
        scope = self.frame.scope
        if not scope.budget.spend():
            return scope.budget.exhausted
        known = dict(zip(self.names, arguments, strict=False))
        return self.frame._replace(scope=scope._replace(lambdas={**scope.lambdas, **known})).value(self.body)


def _lambda(tree: Call, at: int, frame: Frame, most: int) -> Lambda:
    """The lambda among the arguments of a call. Raises BadCall where none stands there."""
    given = tree.arguments[at] if at < len(tree.arguments) else None
    if not isinstance(given, Call) or given.name != "lambda" or not given.arguments:
        raise BadCall(f"argument {at + 1} must be a lambda")
    names = tuple(text(frame.value(name)).lower() for name in given.arguments[:-1])
    if not 0 < len(names) <= most:
        raise BadCall(f"the lambda takes 1 to {most} names")
    return Lambda(names, given.arguments[-1], frame)


def _elements(given: Items) -> Iterator[tuple[Node, Value]]:
    """The elements, each with its index as far as that is certain."""
    for at, one in enumerate(given):
        yield one, at if at < given.head else given.more


def filter_(tree: Call, frame: Frame) -> Value:
    """The elements that a lambda holds of. Of those that it may hold of, the list does not know."""
    given, wanted = items(frame.value(tree.arguments[0])), _lambda(tree, 1, frame, 2)
    kept: list[Node] = []
    more, head, tail = given.more, None, 0
    for at, (one, index) in enumerate(_elements(given)):
        if given.more and at >= given.head and head is None:
            head = len(kept)
        answer = wanted(one.value, index)
        if isinstance(answer, Unknown | Text):
            more = more or (answer if isinstance(answer, Unknown) else answer.holes[0])
            head, tail = len(kept) if head is None else head, 0
        elif truth(answer):
            kept.append(one)
            tail += 1
    return Items(tuple(kept), more, head, 0 if given.more else tail)


def map_(tree: Call, frame: Frame) -> Value:
    given, change = items(frame.value(tree.arguments[0])), _lambda(tree, 1, frame, 2)
    changed = tuple(Node(one.where, change(one.value, index), via=one.via) for one, index in _elements(given))
    return Items(changed, given.more, given.head, given.tail)


def map_values(tree: Call, frame: Frame) -> Value:
    given, change = fields(frame.value(tree.arguments[0])), _lambda(tree, 1, frame, 1)
    return Fields({name: Node(one.where, change(one.value)) for name, one in given.nodes.items()}, given.more)


def reduce_(tree: Call, frame: Frame) -> Value:
    if len(tree.arguments) != 3:
        raise BadCall("a list, a value to begin with and a lambda are wanted")
    given, result = items(frame.value(tree.arguments[0])), frame.value(tree.arguments[1])
    change = _lambda(tree, 2, frame, 3)
    if given.more:
        raise Doubt(given.more)
    for one, index in _elements(given):
        result = change(result, one.value, index)
    return result


def sort(tree: Call, frame: Frame) -> Value:
    """A list in the order that a lambda tells: does the first of two stand before the second?"""
    given, before = items(frame.value(tree.arguments[0])), _lambda(tree, 1, frame, 2)

    def compare(one: Node, other: Node) -> int:
        for left, right, order in ((one, other, -1), (other, one, 1)):
            answer = before(left.value, right.value)
            if isinstance(answer, Unknown):
                raise Doubt(answer)
            if truth(answer):
                return order
        return 0

    try:
        return Items(tuple(sorted(given, key=cmp_to_key(compare))), given.more, 0)
    except Doubt as stopped:
        return Items(given.nodes, stopped.unknown, 0)


def to_object(tree: Call, frame: Frame) -> Value:
    given, key = items(frame.value(tree.arguments[0])), _lambda(tree, 1, frame, 1)
    change = _lambda(tree, 2, frame, 1) if len(tree.arguments) > 2 else None
    nodes: dict[str, Node] = {}
    more = given.more
    for one in given:
        name = key(one.value)
        if isinstance(name, Unknown) or (isinstance(name, Text) and name.holes):
            more = more or (name if isinstance(name, Unknown) else name.holes[0])
            continue
        nodes[text(name)] = Node(one.where, change(one.value), via=one.via) if change else one
    return Fields(nodes, more)


def group_by(tree: Call, frame: Frame) -> Value:
    given, key = items(frame.value(tree.arguments[0])), _lambda(tree, 1, frame, 1)
    if given.more:
        raise Doubt(given.more)
    groups: dict[str, list[Node]] = {}
    for one in given:
        groups.setdefault(text(key(one.value)), []).append(one)
    return Fields({name: node(Items(tuple(nodes))) for name, nodes in groups.items()})


FUNCTIONS: dict[str, Callable[[Call, Frame], Value]] = {
    "filter": filter_,
    "groupby": group_by,
    "map": map_,
    "mapvalues": map_values,
    "reduce": reduce_,
    "sort": sort,
    "toobject": to_object,
}
