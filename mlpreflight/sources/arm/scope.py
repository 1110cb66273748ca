"""Where an expression is evaluated: the parameters, variables and loops it sees, and what is known of the target."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from mlpreflight.values import Fields, Node, Text, Unknown, Value, Where


class Target(NamedTuple):
    """What a template is deployed to, as far as it is known. `scope` is the id that resource ids begin with."""

    cloud: str
    subscription: Text
    group: Text | None
    location: Text

    @property
    def scope(self) -> Text:
        base = Text(("/subscriptions/",)) + self.subscription
        return base if self.group is None else base + "/resourceGroups/" + self.group


def target(
    cloud: str = "AzureCloud",
    subscription: str | None = None,
    group: str | None = None,
    location: str | None = None,
) -> Target:
    """A target from what the user said; a hole stands for each thing left unsaid."""
    return Target(
        cloud,
        _said(subscription, "subscription().subscriptionId", "the subscription (--subscription)"),
        _said(group, "resourceGroup().name", "the resource group (--resource-group)"),
        _said(location, "resourceGroup().location", "the location (--location)"),
    )


def _said(value: str | None, expression: str, cause: str) -> Text:
    if value is not None:
        return Text((value,))
    return Text((Unknown(f"nothing says {cause}", cause, key=expression, shown=expression),))


def other_group(here: Target, subscription: Text | None, group: Text | None) -> Target:
    """The target of a deployment into another subscription or resource group, whose location nothing tells."""
    if group is None and subscription is None:
        return here
    moved = here._replace(subscription=subscription or here.subscription, group=group or here.group)
    if moved.scope.written == here.scope.written:
        return here
    name = f"location of {moved.scope.written}"
    return moved._replace(location=Text((Unknown(f"nothing says the {name}", f"the {name}", key=name, shown=name),)))


class Budget:
    """How much may still be evaluated for one environment: loops in loops describe more than anybody could wait for."""

    exhausted = Unknown.because(
        "the templates describe too much: everything beyond a million values is left out", "smaller templates"
    )

    def __init__(self, values: int = 1_000_000) -> None:
        self.left = values

    def spend(self, values: int = 1) -> bool:
        """Takes from what is left. False where that is not enough."""
        self.left -= values
        return self.left >= 0


class Scope(NamedTuple):
    """The names that expressions of one template see. `identity` keeps the holes of different templates apart."""

    target: Target
    identity: str
    budget: Budget
    parameters: Mapping[str, Node] = MappingProxyType({})
    variables: Mapping[str, Node] = MappingProxyType({})
    loops: Mapping[str, Value] = MappingProxyType({})
    current_loop: str | None = None

    def fresh(self, target: Target, identity: str) -> "Scope":
        """The scope of another template, before its own names are known."""
        return Scope(target, identity, self.budget)

    def inside(self, loop: str, index: Value) -> "Scope":
        """The scope of one turn of a copy loop."""
        return self._replace(loops={**self.loops, loop.lower(): index}, current_loop=loop.lower())


def known_fields(where: Where, values: Mapping[str, Value], more: Unknown | None = None) -> Fields:
    """An object that a function such as resourceGroup() gives."""
    return Fields({name: Node(where, value) for name, value in values.items()}, more)
