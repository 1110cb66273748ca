"""The functions that a template declares itself: `contoso.name(…)`.

https://learn.microsoft.com/azure/azure-resource-manager/templates/user-defined-functions
"""

from typing import Any

from mlpreflight.sources.arm.frame import Frame
from mlpreflight.sources.arm.functions.arguments import BadCall
from mlpreflight.sources.arm.scope import Scope, UserFunction
from mlpreflight.values import Node, Unknown, Value, Where

MAX_CALLS = 40


def declared(raw: Any, where: Where) -> dict[str, UserFunction]:
    """The functions of a template, by their lower-cased names with the namespace before them."""
    found: dict[str, UserFunction] = {}
    for at, space in enumerate(raw if isinstance(raw, list) else ()):
        members = space.get("members") if isinstance(space, dict) else None
        for name, member in members.items() if isinstance(members, dict) else ():
            place = where.child(at).child("members").child(name)
            found[f"{space.get('namespace')}.{name}".lower()] = _function(name, member, place)
    return found


def _function(name: str, member: Any, where: Where) -> UserFunction:
    entry = member if isinstance(member, dict) else {}
    output = entry.get("output")
    parameters = entry.get("parameters")
    names = tuple(
        str(one.get("name")).lower()
        for one in (parameters if isinstance(parameters, list) else ())
        if isinstance(one, dict)
    )
    body = output.get("value") if isinstance(output, dict) else None
    return UserFunction(name, names, body, where.child("output").child("value"))


def call(function: UserFunction, arguments: list[Value], frame: Frame) -> Value:
    """The value of a call. A function sees its arguments and the other functions, and nothing else of the template."""
    from mlpreflight.sources.arm.nodes import node_of  # which evaluates expressions in its turn

    if len(arguments) != len(function.parameters):
        raise BadCall(f"{len(arguments)} arguments are given, {len(function.parameters)} wanted")
    scope = frame.scope
    if scope.calls >= MAX_CALLS:
        return Unknown.because(f"functions call each other deeper than {MAX_CALLS} levels", f"`{function.name}`")
    nodes = {name: Node(frame.where, value) for name, value in zip(function.parameters, arguments, strict=True)}
    inside = Scope(
        scope.target,
        scope.identity,
        scope.budget,
        scope.siblings,
        parameters=nodes,
        functions=scope.functions,
        calls=scope.calls + 1,
    )
    return node_of(function.body, function.where, inside).value
