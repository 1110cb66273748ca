"""Template data as values: strings in brackets are evaluated, and copy loops unrolled, when somebody reads them."""

from typing import Any

from mlpreflight.sources.arm.evaluate import evaluate_text, evaluate_tree
from mlpreflight.sources.arm.functions.arguments import BadCall, number
from mlpreflight.sources.arm.scope import Scope
from mlpreflight.sources.arm.syntax import Call, Literal, Member, is_expression
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value, Where

MAX_COPIES = 800  # Azure's own limit for the turns of a copy loop


def node_of(raw: Any, where: Where, scope: Scope) -> Node:
    """A part of a template as a value at its place. Expressions stand in it as text in brackets, or as trees."""
    if isinstance(raw, str):
        if is_expression(raw):
            return Node(where, read=lambda node: _noted(evaluate_text(raw, scope, node.where), node))
        return Node(where, raw[1:] if raw.startswith("[[") else raw)
    if isinstance(raw, dict):
        return Node(where, read=lambda node: fields_of(raw, where, scope))
    if isinstance(raw, list):
        return Node(where, read=lambda node: items_of(raw, where, scope))
    if isinstance(raw, Literal | Call | Member):
        return Node(where, read=lambda node: _noted(evaluate_tree(raw, scope, node.where), node))
    return Node(where, raw)


def _noted(evaluated: tuple[Value, tuple[Where, ...]], node: Node) -> Value:
    value, node.via = evaluated
    return value


def items_of(raw: list[Any], where: Where, scope: Scope) -> Items:
    if not scope.budget.spend(len(raw)):
        return Items((), scope.budget.exhausted)
    return Items(tuple(node_of(inner, where.child(at), scope) for at, inner in enumerate(raw)))


def fields_of(raw: dict[str, Any], where: Where, scope: Scope) -> Fields:
    """An object of a template, its property loops unrolled."""
    if not scope.budget.spend(len(raw)):
        return Fields({}, scope.budget.exhausted)
    nodes: dict[str, Node] = {}
    more: Unknown | None = None
    for key, inner in raw.items():
        place = where.child(key)
        if key == "copy" and _is_loops(inner):
            for at, loop in enumerate(inner):
                nodes[str(loop["name"])] = items_of_loop(loop, place.child(at), scope)
            continue
        name, doubt = _name(key, scope, place)
        more = more or doubt
        if name is not None:
            nodes[name] = node_of(inner, place, scope)
    return Fields(nodes, more)


def _name(key: str, scope: Scope, where: Where) -> tuple[str | None, Unknown | None]:
    """The name of a property, which may be an expression; None and the reason where it is not known."""
    if not is_expression(key):
        return key, None
    value, _ = evaluate_text(key, scope, where)
    if isinstance(value, str):
        return value, None
    if isinstance(value, Text) and value.holes:
        return value.written, value.holes[0]
    return None, value if isinstance(value, Unknown) else Unknown.because(f"`{key}` names no property", f"`{key}`")


def _is_loops(raw: Any) -> bool:
    return isinstance(raw, list) and all(isinstance(loop, dict) and "name" in loop and "count" in loop for loop in raw)


def items_of_loop(loop: dict[str, Any], where: Where, scope: Scope) -> Node:
    """The list that a loop over properties, variables or outputs makes; that of outputs has no name."""

    def read(node: Node) -> Value:
        name = str(loop.get("name", ""))
        count = copies(loop["count"], where.child("count"), scope)
        if isinstance(count, Unknown):
            return Items((), count)
        if not scope.budget.spend(count):
            return Items((), scope.budget.exhausted)
        place, body = where.child("input"), loop.get("input")
        return Items(tuple(node_of(body, place, scope.inside(name, at, not name)) for at in range(count)))

    return Node(where, read=read)


def copies(raw: Any, where: Where, scope: Scope) -> int | Unknown:
    """How many turns a copy loop makes."""
    value = node_of(raw, where, scope).value
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Text):
        return value.holes[0] if value.holes else Unknown.because("the count is no number", "the count of a loop")
    try:
        count = number(int(value) if isinstance(value, str) and value.strip().isdigit() else value)
    except BadCall as refused:
        return Unknown.because(f"the count of a copy loop cannot be told: {refused}", "the count of a copy loop")
    if not 0 <= count <= MAX_COPIES:
        return Unknown.because(f"a copy loop makes 0 to {MAX_COPIES} copies, not {count:,}", "the count of a copy loop")
    return count
