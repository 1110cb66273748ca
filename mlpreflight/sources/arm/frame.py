"""What an expression is evaluated in: the names that it sees, its place, and the places that had a say in its value."""

from collections.abc import Callable
from typing import NamedTuple

from mlpreflight.sources.arm.functions.arguments import BadCall, Doubt
from mlpreflight.sources.arm.scope import Scope
from mlpreflight.sources.arm.syntax import Call, Expression
from mlpreflight.values import Text, Unknown, Value, Where

Trace = list[Where]


class Frame(NamedTuple):
    """One evaluation. `trace` collects the places of the parameters and variables that are read."""

    scope: Scope
    where: Where
    trace: Trace
    evaluate: "Callable[[Expression, Frame], Value]"

    def value(self, tree: Expression) -> Value:
        return self.evaluate(tree, self)

    def name(self, tree: Call) -> str:
        """The one name that a call such as parameters('x') has. Raises Doubt or BadCall."""
        if len(tree.arguments) != 1:
            raise BadCall("one name is wanted")
        name = self.value(tree.arguments[0])
        if isinstance(name, Unknown):
            raise Doubt(name)
        if isinstance(name, Text):
            if name.holes:
                raise Doubt(name.holes[0])
            name = name.known
        if not isinstance(name, str):
            raise BadCall("the name must be text")
        return name
