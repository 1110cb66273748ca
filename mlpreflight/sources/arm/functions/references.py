"""Functions that ask Azure for a resource: known as far as the template itself declares what they ask for.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource
"""

from collections.abc import Callable

from mlpreflight.environment import Resource
from mlpreflight.sources.arm.functions.arguments import BadCall, Doubt, bounded, canonical, joined, parts, refusal, text
from mlpreflight.sources.arm.scope import Scope, known_fields
from mlpreflight.values import Fields, Node, Text, Unknown, Value, Where

# Functions whose value only a running deployment has (with all that begin with `list`), and those that give another
# value at each call.
RUN_TIME = frozenset(
    {
        "references",
        "pickzones",
        "deployer",
        "externalinputs",
        "tologicalzone",
        "tologicalzones",
        "tophysicalzone",
        "tophysicalzones",
    }
)
EACH_TIME = frozenset({"newguid", "utcnow"})


def reference(scope: Scope, where: Where, of: Value, version: Value = None, full: Value = None) -> Value:
    """What Azure will know of a resource: what the template gives it, and more."""
    name = _name(of)
    resource = scope.siblings.find(name)
    more = _only_azure(name, scope)
    if resource is None:
        raise Doubt(more)
    whole = resource.node.value
    if not isinstance(whole, Fields):
        raise Doubt(more)
    if isinstance(full, str) and full.lower() == "full":
        return Fields(whole.nodes, more)
    properties = whole.get("properties")
    inner = properties.value if properties is not None else Fields({})
    if not isinstance(inner, Fields):
        raise Doubt(inner if isinstance(inner, Unknown) else more)
    return Fields(inner.nodes, inner.more or more)


def resource_info(scope: Scope, where: Where, symbol: Value) -> Value:
    """The name, id and type of a resource, by its symbolic name."""
    name = _name(symbol)
    resource = scope.siblings.called(text(symbol))
    if resource is None:
        raise BadCall(f"the template declares no resource {name.written!r}")
    return known_fields(where, _identity(resource), _only_azure(name, scope))


def _identity(resource: Resource) -> dict[str, Value]:
    return {"id": joined(resource.id), "name": joined(resource.name), "type": resource.type}


def _name(value: Value) -> Text:
    if isinstance(value, str | Text | Unknown):
        return parts(value)
    raise refusal(value, "a resource's name or id")


def _only_azure(name: Text, scope: Scope) -> Unknown:
    shown = f"reference({name.written})"
    own = "" if name.parts and isinstance(name.parts[0], str) and name.parts[0].startswith("/") else scope.identity
    key = bounded(f"{own}:reference({canonical(name)})")
    return Unknown(f"only Azure can evaluate `{shown}`", f"`{shown}`", key=key, shown=shown)


def node_of_deployment(where: Where, outputs: Node) -> Node:
    """A deployment as `reference()` sees it."""
    return Node(where, Fields({"properties": Node(where, Fields({"outputs": outputs}))}))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "reference": reference,
    "resourceinfo": resource_info,
}
