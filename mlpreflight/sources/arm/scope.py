"""Where an expression is evaluated: the parameters, variables and loops it sees, and what is known of the target."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mlpreflight.sources.arm.siblings import Siblings
from mlpreflight.values import Fields, Node, Text, Unknown, Value, Where


class Target(NamedTuple):
    """What a template is deployed to, as far as it is known: a resource group, or what stands above it.

    `group` is None above resource groups, `subscription` above subscriptions, `management_group` elsewhere.
    """

    cloud: str
    subscription: Text | None
    group: Text | None
    location: Text
    management_group: Text | None = None

    @property
    def scope(self) -> Text:
        """The id that resource ids begin with; empty for the tenant."""
        if self.subscription is not None:
            base = Text(("/subscriptions/",)) + self.subscription
            return base if self.group is None else base + "/resourceGroups/" + self.group
        if self.management_group is not None:
            return Text(("/providers/Microsoft.Management/managementGroups/",)) + self.management_group
        return Text(())


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
    return Text((Unknown(f"nothing says {cause}", cause, key=expression, shown=expression, is_word=True),))


def other_group(here: Target, subscription: Text | None, group: Text | None) -> Target:
    """The target of a deployment into another subscription or resource group, whose location nothing tells."""
    if group is None and subscription is None:
        return here
    moved = here._replace(
        subscription=subscription or here.subscription or Text((_unsaid("subscription"),)),
        group=group or (here.group if subscription is None else None),
        management_group=None,
    )
    if moved.scope.written == here.scope.written:
        return here
    return moved._replace(location=Text((_unsaid(f"location of {moved.scope.written}"),)))


def other_scope(here: Target, scope: Text) -> Target:
    """The target of a deployment to the tenant ("/") or to a management group, by its id."""
    steps = scope.split("/")
    names = [step.written.lower() for step in steps]
    away = here._replace(subscription=None, group=None, management_group=None)
    away = away._replace(location=Text((_unsaid(f"location of {scope.written}"),)))
    if "managementgroups" in names[:-1]:
        return away._replace(management_group=steps[names.index("managementgroups") + 1])
    if "subscriptions" in names[:-1]:
        group = steps[names.index("resourcegroups") + 1] if "resourcegroups" in names[:-1] else None
        return away._replace(subscription=steps[names.index("subscriptions") + 1], group=group)
    return away


def _unsaid(name: str) -> Unknown:
    return Unknown(f"nothing says the {name}", f"the {name}", key=name, shown=name, is_word=True)


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


class UserFunction(NamedTuple):
    """A function that a template declares: the names of its arguments, and what it makes of them."""

    name: str
    parameters: tuple[str, ...]
    body: Any
    where: Where


class Scope(NamedTuple):
    """The names that expressions of one template see. `identity` keeps the holes of different templates apart.

    `deployment` is the deployment's name, where the template tells it; `calls` counts how deep functions of the
    template call each other.
    """

    target: Target
    identity: str
    budget: Budget
    siblings: Siblings
    parameters: Mapping[str, Node] = MappingProxyType({})
    variables: Mapping[str, Node] = MappingProxyType({})
    functions: Mapping[str, UserFunction] = MappingProxyType({})
    loops: Mapping[str, Value] = MappingProxyType({})
    current_loop: str | None = None
    lambdas: Mapping[str, Value] = MappingProxyType({})
    calls: int = 0
    deployment: Text | None = None

    def fresh(self, target: Target, identity: str, deployment: Text) -> "Scope":
        """The scope of another template, before its own names are known."""
        return Scope(target, identity, self.budget, Siblings(), deployment=deployment)

    def inside(self, loop: str, index: Value, is_current: bool = True) -> "Scope":
        """The scope of one turn of a copy loop; the current one is what `copyIndex()` without a name counts."""
        current = loop.lower() if is_current else self.current_loop
        return self._replace(loops={**self.loops, loop.lower(): index}, current_loop=current)


def known_fields(where: Where, values: Mapping[str, Value], more: Unknown | None = None) -> Fields:
    """An object that a function such as resourceGroup() gives."""
    return Fields({name: Node(where, value) for name, value in values.items()}, more)
