"""Resource, scope and deployment functions.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource, -scope and -deployment
"""

from collections.abc import Callable
from typing import Any

from mlpreflight import data
from mlpreflight.sources.arm.functions.arguments import BadCall, Doubt, joined, parts, refusal, text
from mlpreflight.sources.arm.scope import Scope, known_fields
from mlpreflight.values import Fields, Text, Unknown, Value, Where, lift

MANAGEMENT_GROUPS = "Microsoft.Management/managementGroups"


def path_of(type: str, names: list[Text]) -> Text:
    """The part of an id that tells a resource: `Microsoft.Network/virtualNetworks/vnet/subnets/snet`."""
    namespace, *kinds = type.split("/")
    whole = Text((namespace,))
    for kind, name in zip(kinds, names, strict=True):
        whole = whole + f"/{kind}/" + name
    return whole


def _split(values: tuple[Value, ...]) -> tuple[list[Text], str, list[Text]]:
    """What stands before a resource type among arguments, the type, and the names after it."""
    for at, value in enumerate(values):
        if isinstance(value, str) and "/" in value and not value.startswith("/"):
            names = [piece for name in values[at + 1 :] for piece in _name(name).split("/")]
            if len(names) != len(value.strip("/").split("/")) - 1:
                raise BadCall(f"{value!r} does not take {len(names)} names")
            return [_name(before) for before in values[:at]], value.strip("/"), names
    doubt = next((value for value in values if isinstance(value, Unknown)), None)
    raise Doubt(doubt) if doubt else BadCall("no resource type is given")


def _name(value: Value) -> Text:
    if isinstance(value, str | Text | Unknown):
        return parts(value)
    raise refusal(value, "a name")


def resource_id(scope: Scope, where: Where, *values: Value) -> Value:
    before, type, names = _split(values)
    here = scope.target
    subscription, group = here.subscription, here.group
    if len(before) == 1 and group is not None:
        group = before[0]
    elif len(before) == 1:
        subscription = before[0]
    elif len(before) == 2:
        subscription, group = before
    elif before:
        raise BadCall("at most a subscription and a resource group stand before the type")
    base = Text(())
    if subscription is not None:
        base = Text(("/subscriptions/",)) + subscription
        base = base if group is None else base + "/resourceGroups/" + group
    return joined(base + "/providers/" + path_of(type, names))


def subscription_resource_id(scope: Scope, where: Where, *values: Value) -> Value:
    before, type, names = _split(values)
    subscription = before[0] if before else scope.target.subscription
    if subscription is None:
        raise BadCall("the deployment has no subscription")
    return joined(Text(("/subscriptions/",)) + subscription + "/providers/" + path_of(type, names))


def tenant_resource_id(scope: Scope, where: Where, *values: Value) -> Value:
    _, type, names = _split(values)
    return joined(Text(("/providers/",)) + path_of(type, names))


def extension_resource_id(scope: Scope, where: Where, base: Value, *values: Value) -> Value:
    _, type, names = _split(values)
    return joined(_name(base) + "/providers/" + path_of(type, names))


def management_group_resource_id(scope: Scope, where: Where, *values: Value) -> Value:
    before, type, names = _split(values)
    group = before[0] if before else scope.target.management_group or Text((azure_only("managementGroup().name"),))
    head = Text((f"/providers/{MANAGEMENT_GROUPS}/",)) + group
    return joined(head + "/providers/" + path_of(type, names))


def resource_group(scope: Scope, where: Where) -> Value:
    here = scope.target
    if here.group is None:
        raise BadCall("the deployment has no resource group")
    return known_fields(
        where,
        {
            "id": joined(here.scope),
            "name": joined(here.group),
            "location": joined(here.location),
            "type": "Microsoft.Resources/resourceGroups",
        },
        azure_only("resourceGroup()"),
    )


def subscription(scope: Scope, where: Where) -> Value:
    own = scope.target.subscription
    if own is None:
        raise BadCall("the deployment has no subscription")
    return known_fields(
        where,
        {"id": joined(Text(("/subscriptions/",)) + own), "subscriptionId": joined(own)},
        azure_only("subscription()"),
    )


def deployment(scope: Scope, where: Where) -> Value:
    """The deployment itself. The address of its template stands for the folder of the template file."""
    link = Text((Unknown("the template is a file", "the template's address", TEMPLATE_FOLDER, TEMPLATE_FOLDER),))
    properties = known_fields(where, {"templateLink": known_fields(where, {"uri": link})}, azure_only("deployment()"))
    own: dict[str, Value] = {"properties": properties}
    if scope.target.group is None:  # one to a resource group has none of its own
        own["location"] = joined(scope.target.location)
    if scope.deployment is not None:
        own["name"] = joined(scope.deployment)
    return known_fields(where, own, azure_only("deployment()", scope.identity))


TEMPLATE_FOLDER = "the template's folder"
"""The key of the hole that stands for where a template lies; what follows it is a relative path."""


def environment(scope: Scope, where: Where) -> Value:
    row = data.table("clouds")["clouds"].get(scope.target.cloud)
    if row is None:
        raise Doubt(azure_only("environment()"))
    known: dict[str, Value] = {"name": scope.target.cloud}
    known.update({name: _opened(value, where) for name, value in row["environment"].items()})
    return known_fields(where, known, azure_only("environment()"))


def _opened(value: Any, where: Where) -> Value:
    """A value out of our table; an object of it may have more in Azure."""
    found = lift(value, where).value
    return Fields(found.nodes, azure_only("environment()")) if isinstance(found, Fields) else found


def tenant(scope: Scope, where: Where) -> Value:
    return known_fields(where, {}, azure_only("tenant()"))


def management_group(scope: Scope, where: Where) -> Value:
    own = scope.target.management_group
    if own is None:
        raise BadCall("the deployment goes to no management group")
    names = {"id": joined(scope.target.scope), "name": joined(own), "type": f"/providers/{MANAGEMENT_GROUPS}"}
    return known_fields(where, names, azure_only("managementGroup()"))


def providers(scope: Scope, where: Where, namespace: Value, type: Value = None) -> Value:
    """What Azure offers; templates use it for an API version, on which no rule depends."""
    shown = f"providers('{text(namespace)}')"
    return known_fields(where, {}, azure_only(shown))


def azure_only(expression: str, identity: str = "") -> Unknown:
    key = f"{identity}:{expression}" if identity else expression
    return Unknown(f"only Azure can evaluate `{expression}`", f"`{expression}`", key=key, shown=expression)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "deployment": deployment,
    "environment": environment,
    "extensionresourceid": extension_resource_id,
    "managementgroup": management_group,
    "managementgroupresourceid": management_group_resource_id,
    "providers": providers,
    "resourcegroup": resource_group,
    "resourceid": resource_id,
    "subscription": subscription,
    "subscriptionresourceid": subscription_resource_id,
    "tenant": tenant,
    "tenantresourceid": tenant_resource_id,
}
