"""Evaluating an expression tree: a value, known as far as the evidence goes, with the places that had a say in it."""

from collections.abc import Callable, Sequence

from mlpreflight.sources.arm import functions
from mlpreflight.sources.arm.functions.arguments import BadCall, Doubt, bounded, canonical, truth
from mlpreflight.sources.arm.functions.logic import equal
from mlpreflight.sources.arm.scope import Scope
from mlpreflight.sources.arm.syntax import Call, Expression, ExpressionError, Literal, Member, parse
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value, Where

Trace = list[Where]

SHOWN = 60  # of a long expression, its first characters


def short(expression: str) -> str:
    """An expression as reports show it."""
    return expression if len(expression) <= SHOWN else expression[: SHOWN - 1] + "…"


def evaluate_text(text: str, scope: Scope, where: Where) -> tuple[Value, tuple[Where, ...]]:
    """The value of a string in brackets, and the places of the parameters and variables that it read."""
    trace: Trace = []
    if not scope.budget.spend():
        return scope.budget.exhausted, ()
    try:
        value = evaluate(parse(text[1:-1]), scope, where, trace)
    except ExpressionError as error:
        shown = short(text)
        value = Unknown(
            f"`{shown}` is no expression: {error}", f"`{shown}`", key=f"{scope.identity}:{text}", shown=shown
        )
    except RecursionError:
        value = Unknown.because("its expressions refer to each other too deeply", "an expression of less depth")
    return value, tuple(dict.fromkeys(trace))


def evaluate(tree: Expression, scope: Scope, where: Where, trace: Trace) -> Value:
    if isinstance(tree, Literal):
        return tree.value
    if isinstance(tree, Member):
        return _member(tree, scope, where, trace)
    special = _SPECIAL.get(tree.name)
    if special is not None:
        try:
            return special(tree, scope, where, trace)
        except (Doubt, BadCall) as stopped:
            return _hole(tree, (), stopped, scope)
    arguments = [evaluate(argument, scope, where, trace) for argument in tree.arguments]
    try:
        return functions.call(tree, arguments, scope, where)
    except (Doubt, BadCall) as stopped:
        return _hole(tree, arguments, stopped, scope)


def _hole(call: Call, arguments: Sequence[Value], stopped: Doubt | BadCall, scope: Scope) -> Unknown:
    """The unknown value of a call, by a key that another call with equal arguments has too."""
    shown = short(call.shown)
    inner = ",".join(canonical(argument) for argument in arguments) if arguments else call.shown
    own = "" if arguments else f"{scope.identity}:"
    key = bounded(f"{own}{call.name}({inner})")
    if isinstance(stopped, BadCall):
        return Unknown(f"`{shown}`: {stopped}", f"`{shown}`", key=key, shown=shown)
    doubt = stopped.unknown
    repeatable = doubt.repeatable and all(_repeatable(argument) for argument in arguments)
    return Unknown(doubt.reason, doubt.cause, key=key, shown=shown, repeatable=repeatable, wanted=doubt.wanted)


def _repeatable(value: Value) -> bool:
    if isinstance(value, Text):
        return all(hole.repeatable for hole in value.holes)
    return value.repeatable if isinstance(value, Unknown) else True


def _member(tree: Member, scope: Scope, where: Where, trace: Trace) -> Value:
    target = evaluate(tree.target, scope, where, trace)
    key = evaluate(tree.key, scope, where, trace)
    if isinstance(key, Text) and not key.holes:
        key = key.known
    if isinstance(target, Unknown) or not isinstance(key, str | int):
        doubt = target if isinstance(target, Unknown) else key
        if not isinstance(doubt, Unknown):
            doubt = (
                doubt.holes[0] if isinstance(doubt, Text) else Unknown.because(f"`{tree.shown}` has no key", tree.shown)
            )
        shown = short(tree.shown)
        key_text = bounded(f"{canonical(target)}[{canonical(key)}]")
        return Unknown(doubt.reason, doubt.cause, key=key_text, shown=shown, repeatable=doubt.repeatable)
    return select(target, key, tree.shown, tree.safe, trace)


def select(target: Value, key: str | int, shown: str, safe: bool, trace: Trace | None = None) -> Value:
    """A property or element of a known value; Unknown with the reason where it has none."""
    node: Node | None = None
    more: Unknown | None = None
    if isinstance(target, Fields) and isinstance(key, str):
        node, more = target.get(key), target.more
    elif isinstance(target, Items) and isinstance(key, int):
        node = target.nodes[key] if 0 <= key < len(target.nodes) else None
        more = target.more
    elif target is None and safe:
        return None
    if node is not None:
        value = node.value
        if trace is not None:
            trace.extend(node.via)
        return value
    if more is not None:
        return Unknown(
            more.reason, more.cause, key=bounded(f"{more.key}[{key!r}]"), shown=shown, repeatable=more.repeatable
        )
    if safe:
        return None
    return Unknown.because(f"`{shown}` asks for {key!r}, which is not there", f"`{shown}`")


# Functions that look at their arguments before all of them are evaluated, or at the scope.


def _named(tree: Call, scope: Scope, where: Where, trace: Trace) -> str:
    if len(tree.arguments) != 1:
        raise BadCall("one name is wanted")
    name = evaluate(tree.arguments[0], scope, where, trace)
    if isinstance(name, Unknown):
        raise Doubt(name)
    if isinstance(name, Text):
        if name.holes:
            raise Doubt(name.holes[0])
        name = name.known
    if not isinstance(name, str):
        raise BadCall("the name must be text")
    return name


def _parameters(tree: Call, scope: Scope, where: Where, trace: Trace) -> Value:
    name = _named(tree, scope, where, trace)
    return _read(scope.parameters.get(name.lower()), f"parameter `{name}`", trace)


def _variables(tree: Call, scope: Scope, where: Where, trace: Trace) -> Value:
    name = _named(tree, scope, where, trace)
    return _read(scope.variables.get(name.lower()), f"variable `{name}`", trace)


def _read(node: Node | None, label: str, trace: Trace) -> Value:
    if node is None:
        return Unknown.because(f"the {label} is not declared", label)
    value = node.value
    trace.append(node.where)
    trace.extend(node.via)
    return value


def _if(tree: Call, scope: Scope, where: Where, trace: Trace) -> Value:
    if len(tree.arguments) != 3:
        raise BadCall("three arguments are wanted")
    condition = evaluate(tree.arguments[0], scope, where, trace)
    if not isinstance(condition, Unknown):
        return evaluate(tree.arguments[1 if truth(condition) else 2], scope, where, trace)
    one, other = (evaluate(tree.arguments[at], scope, where, trace) for at in (1, 2))
    if equal(one, other) is True:
        return one
    if isinstance(one, Fields) and isinstance(other, Fields):
        return _either(one, other, condition)
    key = bounded(f"if({condition.key},{canonical(one)},{canonical(other)})")
    return Unknown(condition.reason, condition.cause, key, short(tree.shown), condition.repeatable)


def _either(one: Fields, other: Fields, condition: Unknown) -> Fields:
    """What is certain of an object whichever of two it is."""
    shared = {name: node for name, node in one.nodes.items() if _agrees(node, other.get(name))}
    return Fields(shared, condition)


def _agrees(node: Node, other: Node | None) -> bool:
    return other is not None and equal(node.value, other.value) is True


def _all(tree: Call, scope: Scope, where: Where, trace: Trace) -> Value:
    return _connect(tree, scope, where, trace, decides=False)


def _any(tree: Call, scope: Scope, where: Where, trace: Trace) -> Value:
    return _connect(tree, scope, where, trace, decides=True)


def _connect(tree: Call, scope: Scope, where: Where, trace: Trace, decides: bool) -> Value:
    """`and` and `or`: one argument can decide, whatever is unknown of the others."""
    doubt: Unknown | None = None
    for argument in tree.arguments:
        value = evaluate(argument, scope, where, trace)
        if isinstance(value, Unknown):
            doubt = doubt or value
        elif truth(value) is decides:
            return decides
    return not decides if doubt is None else doubt


def _coalesce(tree: Call, scope: Scope, where: Where, trace: Trace) -> Value:
    for argument in tree.arguments:
        value = evaluate(argument, scope, where, trace)
        if value is not None:
            return value
    return None


def _copy_index(tree: Call, scope: Scope, where: Where, trace: Trace) -> Value:
    loop, offset = scope.current_loop, 0
    for argument in tree.arguments:
        value = evaluate(argument, scope, where, trace)
        if isinstance(value, str):
            loop = value.lower()
        elif isinstance(value, int):
            offset = value
        else:
            raise BadCall("a loop's name and an offset are wanted")
    if loop is None or loop not in scope.loops:
        raise BadCall("there is no such loop here")
    index = scope.loops[loop]
    if isinstance(index, Unknown):
        return index
    return index + offset if isinstance(index, int) else index


_SPECIAL: dict[str, Callable[[Call, Scope, Where, Trace], Value]] = {
    "and": _all,
    "coalesce": _coalesce,
    "copyindex": _copy_index,
    "if": _if,
    "or": _any,
    "parameters": _parameters,
    "variables": _variables,
}
