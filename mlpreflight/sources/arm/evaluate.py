"""Evaluating an expression tree: a value, known as far as the evidence goes, with the places that had a say in it."""

from collections.abc import Callable, Sequence

from mlpreflight.sources.arm import functions, lambdas, lazy, user_functions
from mlpreflight.sources.arm.frame import Frame, Trace
from mlpreflight.sources.arm.functions.arguments import BadCall, Doubt, bounded, canonical
from mlpreflight.sources.arm.scope import Scope
from mlpreflight.sources.arm.syntax import Call, Expression, ExpressionError, Literal, Member, parse, shortened
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value, Where

WORDS = frozenset({"guid", "newguid", "uniquestring"})
"""Functions whose value is a single word, whatever it is."""


def evaluate_text(text: str, scope: Scope, where: Where) -> tuple[Value, tuple[Where, ...]]:
    """The value of a string in brackets, and the places of the parameters and variables that it read."""
    try:
        tree = parse(text[1:-1])
    except (ExpressionError, RecursionError) as error:
        shown = shortened(text)
        told = str(error) if isinstance(error, ExpressionError) else "it is nested too deeply"
        return Unknown(f"`{shown}` is no expression: {told}", f"`{shown}`", f"{scope.identity}:{text}", shown), ()
    return evaluate_tree(tree, scope, where)


def evaluate_tree(tree: Expression, scope: Scope, where: Where) -> tuple[Value, tuple[Where, ...]]:
    """The value of an expression, and the places of the parameters and variables that it read."""
    trace: Trace = []
    if not scope.budget.spend():
        return scope.budget.exhausted, ()
    try:
        value = evaluate(tree, Frame(scope, where, trace, evaluate))
    except RecursionError:
        value = Unknown.because("its expressions refer to each other too deeply", "an expression of less depth")
    return value, tuple(dict.fromkeys(trace))


def evaluate(tree: Expression, frame: Frame) -> Value:
    if isinstance(tree, Literal):
        return tree.value
    if isinstance(tree, Member):
        return _member(tree, frame)
    special = _SPECIAL.get(tree.name)
    if special is not None:
        try:
            return special(tree, frame)
        except (Doubt, BadCall) as stopped:
            return _hole(tree, (), stopped, frame.scope)
        except IndexError:
            return _hole(tree, (), BadCall("too few arguments are given"), frame.scope)
    arguments = [frame.value(argument) for argument in tree.arguments]
    try:
        own = frame.scope.functions.get(tree.name)
        if own is not None:
            return user_functions.call(own, arguments, frame)
        return functions.call(tree, arguments, frame.scope, frame.where)
    except (Doubt, BadCall) as stopped:
        return _hole(tree, arguments, stopped, frame.scope)


_SPECIAL: dict[str, Callable[[Call, Frame], Value]] = {**lazy.FUNCTIONS, **lambdas.FUNCTIONS}


def _hole(call: Call, arguments: Sequence[Value], stopped: Doubt | BadCall, scope: Scope) -> Unknown:
    """The unknown value of a call, by a key that another call with equal arguments has too."""
    shown = shortened(call.shown)
    inner = ",".join(canonical(argument) for argument in arguments) if arguments else call.shown
    own = "" if arguments else f"{_named(scope)}:{stopped.unknown.key if isinstance(stopped, Doubt) else ''}:"
    key = bounded(f"{own}{call.name}({inner})")
    if isinstance(stopped, BadCall):
        return Unknown(f"`{shown}`: {stopped}", f"`{shown}`", key=key, shown=shown)
    doubt = stopped.unknown
    repeatable = doubt.repeatable and all(_repeatable(argument) for argument in arguments)
    return Unknown(doubt.reason, doubt.cause, key, shown, repeatable, doubt.wanted, is_word=call.name in WORDS)


def _named(scope: Scope) -> str:
    """What tells two evaluations of one expression apart: the template, the turns of its loops, the arguments."""
    names = {**scope.loops, **scope.lambdas}
    if scope.calls:
        names |= {name: node.value for name, node in scope.parameters.items()}
    return f"{scope.identity}:{','.join(f'{name}={canonical(value)}' for name, value in names.items())}"


def _repeatable(value: Value) -> bool:
    if isinstance(value, Text):
        return all(hole.repeatable for hole in value.holes)
    return value.repeatable if isinstance(value, Unknown) else True


def _member(tree: Member, frame: Frame) -> Value:
    target, key = frame.value(tree.target), frame.value(tree.key)
    if isinstance(key, Text) and not key.holes:
        key = key.known
    if isinstance(target, Unknown) or not isinstance(key, str | int):
        doubt = target if isinstance(target, Unknown) else key
        if not isinstance(doubt, Unknown):
            doubt = (
                doubt.holes[0] if isinstance(doubt, Text) else Unknown.because(f"`{tree.shown}` has no key", tree.shown)
            )
        key_text = bounded(f"{canonical(target)}[{canonical(key)}]")
        return Unknown(doubt.reason, doubt.cause, key_text, shortened(tree.shown), doubt.repeatable)
    return select(target, key, tree.shown, tree.safe, frame.trace)


def select(target: Value, key: str | int, shown: str, safe: bool, trace: Trace | None = None) -> Value:
    """A property or element of a known value; Unknown with the reason where it has none."""
    node: Node | None = None
    more: Unknown | None = None
    if isinstance(target, Fields) and isinstance(key, str):
        node, more = target.get(key), target.more
    elif isinstance(target, Items) and isinstance(key, int):
        node, more = target.at(key) if key >= 0 else None, target.more
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
