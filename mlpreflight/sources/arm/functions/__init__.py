"""The functions of the template language, one file a chapter of their documentation.

A function takes evaluated values and gives one. It raises Doubt where an argument is not known well enough, and
BadCall where Azure would refuse the call.
"""

from collections.abc import Callable, Mapping, Sequence

from mlpreflight.sources.arm.functions import collections, logic, numbers, resources, strings
from mlpreflight.sources.arm.functions.arguments import BadCall, Doubt
from mlpreflight.sources.arm.scope import Scope
from mlpreflight.sources.arm.syntax import Call
from mlpreflight.values import Unknown, Value, Where

Function = Callable[..., Value]

_PURE: Mapping[str, Function] = {
    **collections.FUNCTIONS,
    **logic.FUNCTIONS,
    **numbers.FUNCTIONS,
    **strings.FUNCTIONS,
}


def call(tree: Call, arguments: Sequence[Value], scope: Scope, where: Where) -> Value:
    """Calls a function with evaluated arguments. Raises Doubt or BadCall."""
    name = tree.name
    function = _PURE.get(name)
    if function is not None:
        _check_count(function, len(arguments), 0)
        return function(*arguments)
    scoped = resources.FUNCTIONS.get(name)
    if scoped is not None:
        _check_count(scoped, len(arguments), 2)
        return scoped(scope, where, *arguments)
    written = tree.shown.partition("(")[0].strip()
    if name in resources.RUN_TIME or name.startswith("list"):
        raise Doubt(Unknown.because(f"only Azure can evaluate `{written}()`", f"`{written}()`"))
    if name in resources.EACH_TIME:
        raise Doubt(Unknown(f"`{written}()` gives another value each time", f"`{written}()`", repeatable=False))
    raise Doubt(Unknown.because(f"the function `{written}` is not evaluated", f"the function `{written}`"))


def _check_count(function: Function, given: int, hidden: int) -> None:
    code = function.__code__
    most = code.co_argcount - hidden
    least = most - len(function.__defaults__ or ())
    many = bool(code.co_flags & 0x04)
    if given < least or (given > most and not many):
        raise BadCall(f"{given} arguments are given, {least if many else most} wanted")
