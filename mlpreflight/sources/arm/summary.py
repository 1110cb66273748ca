"""What is to be said of a template itself: what it waits for, and what Azure would refuse of its parameters.

It becomes a resource of a type of our own, `Preflight/templates`, that rules ask like any other.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mlpreflight.environment import Resource
from mlpreflight.sources.arm.parameters import Supplied
from mlpreflight.sources.arm.scope import Scope
from mlpreflight.sources.arm.siblings import Siblings
from mlpreflight.sources.arm.types import bounded, fault
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value, Where

TYPE = "Preflight/templates"


def of_template(raw: Mapping[str, Any], where: Where, scope: Scope, supplied: Supplied) -> Resource:
    """A template that has names of its own."""
    own = scope.deployment if scope.deployment is not None else Text((where.file or "the template",))
    declared = raw.get("parameters")
    declared = declared if isinstance(declared, dict) else {}
    types = raw.get("definitions")
    types = types if isinstance(types, dict) else {}

    def parameters(_: Node) -> Value:
        told = [name for name, entry in declared.items() if name.lower() in supplied or bounded(entry, types)]
        nodes = ((name, declared[name], scope.parameters[name.lower()]) for name in told)
        return Items(tuple(_parameter(name, entry, node, types) for name, entry, node in nodes if _has_value(node)))

    names = {name.lower() for name in declared}
    given = tuple(_given(name, node, name in names) for name, node in supplied.items())
    return _resource(
        own,
        where,
        {
            "dependencies": Node(where, read=lambda _: _dependencies(scope.siblings)),
            "parameters": Node(where, read=parameters),
            "givenParameters": Node(where, Items(given)),
        },
    )


def _has_value(node: Node) -> bool:
    """Is anything known of the value? What nobody gives is nobody's mistake."""
    return not isinstance(node.value, Unknown)


def _given(folded: str, node: Node, is_declared: bool) -> Node:
    name = next((str(key) for key in reversed(node.where.path) if str(key).lower() == folded), folded)
    return Node(node.where, Fields({"name": Node(node.where, name), "declared": Node(node.where, is_declared)}))


def of_waits(name: Text, where: Where, siblings: Siblings) -> Resource:
    """A nested template that sees the names of the one around it."""
    return _resource(name, where, {"dependencies": Node(where, read=lambda _: _dependencies(siblings))})


def _resource(name: Text, where: Where, properties: dict[str, Node]) -> Resource:
    node = Node(where, Fields({"name": Node(where, name), "properties": Node(where, Fields(properties))}))
    return Resource(TYPE, name, Text((f"/providers/{TYPE}/",)) + name, node)


def _parameter(name: str, declared: Any, node: Node, types: Mapping[str, Any]) -> Node:
    told = Node(node.where, read=lambda _: fault(node, declared, types), via=node.via)
    return Node(node.where, Fields({"name": Node(node.where, name), "fault": told}))


def _dependencies(siblings: Siblings) -> Items:
    return Items(tuple(_each(siblings)))


def _each(siblings: Siblings) -> Iterator[Node]:
    for wait in siblings.waits:
        value, where = wait.on.value, wait.on.where
        yield Node(
            where,
            Fields(
                {
                    "resource": Node(where, wait.name),
                    "dependsOn": Node(where, value, via=wait.on.via),
                    "declared": Node(where, siblings.declares(value)),
                }
            ),
        )
