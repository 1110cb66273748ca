"""The functions of the template language, one file a chapter of their documentation.

A function takes evaluated values and gives one; some see the scope of the call too. It raises Doubt where an argument
is not known well enough, and BadCall where Azure would refuse the call.
"""

from collections.abc import Callable, Mapping, Sequence

from mlpreflight.sources.arm.functions import (
    arrays,
    cidr,
    collections,
    dates,
    encodings,
    hashes,
    logic,
    numbers,
    objects,
    references,
    resources,
    strings,
)
from mlpreflight.sources.arm.functions.arguments import BadCall, Doubt
from mlpreflight.sources.arm.scope import Scope
from mlpreflight.sources.arm.syntax import Call
from mlpreflight.values import Unknown, Value, Where

Function = Callable[..., Value]

_PURE: Mapping[str, Function] = {
    **arrays.FUNCTIONS,
    **cidr.FUNCTIONS,
    **collections.FUNCTIONS,
    **dates.FUNCTIONS,
    **encodings.FUNCTIONS,
    **hashes.FUNCTIONS,
    **logic.FUNCTIONS,
    **numbers.FUNCTIONS,
    **objects.FUNCTIONS,
    **strings.FUNCTIONS,
}

_SCOPED: Mapping[str, Function] = {**resources.FUNCTIONS, **references.FUNCTIONS}


def call(tree: Call, arguments: Sequence[Value], scope: Scope, where: Where) -> Value:
    """Calls a function with evaluated arguments. Raises Doubt or BadCall."""
    name = tree.name
    function = _PURE.get(name)
    if function is not None:
        _check_count(function, len(arguments), 0)
        return function(*arguments)
    scoped = _SCOPED.get(name)
    if scoped is not None:
        _check_count(scoped, len(arguments), 2)
        return scoped(scope, where, *arguments)
    written = tree.shown.partition("(")[0].strip()
    if name in references.RUN_TIME or name.startswith("list"):
        raise Doubt(Unknown.because(f"only Azure can evaluate `{written}()`", f"`{written}()`"))
    if name in references.EACH_TIME:
        raise Doubt(Unknown(f"`{written}()` gives another value each time", f"`{written}()`", repeatable=False))
    raise BadCall("the documentation lists no such function")


def _check_count(function: Function, given: int, hidden: int) -> None:
    code = function.__code__
    most = code.co_argcount - hidden
    least = most - len(function.__defaults__ or ())
    many = bool(code.co_flags & 0x04)
    if given < least or (given > most and not many):
        raise BadCall(f"{given} arguments are given, {least if many else most} wanted")
