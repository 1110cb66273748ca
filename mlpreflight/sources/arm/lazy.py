"""Functions that look at the names they are evaluated among, or not at all their arguments."""

from collections.abc import Callable

from mlpreflight.sources.arm.frame import Frame, Trace
from mlpreflight.sources.arm.functions.arguments import BadCall, bounded, canonical, truth
from mlpreflight.sources.arm.functions.logic import equal
from mlpreflight.sources.arm.syntax import Call, shortened
from mlpreflight.values import Fields, Node, Unknown, Value


def parameters(tree: Call, frame: Frame) -> Value:
    name = frame.name(tree)
    return _read(frame.scope.parameters.get(name.lower()), f"parameter `{name}`", frame.trace)


def variables(tree: Call, frame: Frame) -> Value:
    name = frame.name(tree)
    return _read(frame.scope.variables.get(name.lower()), f"variable `{name}`", frame.trace)


def _read(node: Node | None, label: str, trace: Trace) -> Value:
    if node is None:
        return Unknown.because(f"the {label} is not declared", label)
    value = node.value
    trace.append(node.where)
    trace.extend(node.via)
    return value


def lambda_variables(tree: Call, frame: Frame) -> Value:
    name = frame.name(tree)
    if name.lower() not in frame.scope.lambdas:
        raise BadCall(f"there is no lambda variable {name!r} here")
    return frame.scope.lambdas[name.lower()]


def lambda_(tree: Call, frame: Frame) -> Value:
    raise BadCall("a lambda stands only among the arguments of a function that takes one")


def if_(tree: Call, frame: Frame) -> Value:
    if len(tree.arguments) != 3:
        raise BadCall("three arguments are wanted")
    condition = frame.value(tree.arguments[0])
    if not isinstance(condition, Unknown):
        return frame.value(tree.arguments[1 if truth(condition) else 2])
    one, other = (frame.value(tree.arguments[at]) for at in (1, 2))
    if equal(one, other) is True:
        return one
    if isinstance(one, Fields) and isinstance(other, Fields):
        return _either(one, other, condition)
    key = bounded(f"if({condition.key},{canonical(one)},{canonical(other)})")
    return Unknown(condition.reason, condition.cause, key, shortened(tree.shown), condition.repeatable)


def _either(one: Fields, other: Fields, condition: Unknown) -> Fields:
    """What is certain of an object whichever of two it is."""
    shared = {name: node for name, node in one.nodes.items() if _agrees(node, other.get(name))}
    return Fields(shared, condition)


def _agrees(node: Node, other: Node | None) -> bool:
    return other is not None and equal(node.value, other.value) is True


def and_(tree: Call, frame: Frame) -> Value:
    return _connect(tree, frame, decides=False)


def or_(tree: Call, frame: Frame) -> Value:
    return _connect(tree, frame, decides=True)


def _connect(tree: Call, frame: Frame, decides: bool) -> Value:
    """`and` and `or`: one argument can decide, whatever is unknown of the others."""
    if len(tree.arguments) < 2:
        raise BadCall("at least two conditions are wanted")
    doubt: Unknown | None = None
    for argument in tree.arguments:
        value = frame.value(argument)
        if isinstance(value, Unknown):
            doubt = doubt or value
        elif truth(value) is decides:
            return decides
    return not decides if doubt is None else doubt


def coalesce(tree: Call, frame: Frame) -> Value:
    if not tree.arguments:
        raise BadCall("0 arguments are given, at least 1 wanted")
    for argument in tree.arguments:
        value = frame.value(argument)
        if value is not None:
            return value
    return None


def copy_index(tree: Call, frame: Frame) -> Value:
    loop, offset = frame.scope.current_loop, 0
    for argument in tree.arguments:
        value = frame.value(argument)
        if isinstance(value, str):
            loop = value.lower()
        elif isinstance(value, int):
            offset = value
        else:
            raise BadCall("a loop's name and an offset are wanted")
    if loop is None or loop not in frame.scope.loops:
        raise BadCall("there is no such loop here")
    index = frame.scope.loops[loop]
    if isinstance(index, Unknown):
        return index
    return index + offset if isinstance(index, int) else index


FUNCTIONS: dict[str, Callable[[Call, Frame], Value]] = {
    "and": and_,
    "coalesce": coalesce,
    "copyindex": copy_index,
    "if": if_,
    "lambda": lambda_,
    "lambdavariables": lambda_variables,
    "or": or_,
    "parameters": parameters,
    "variables": variables,
}
