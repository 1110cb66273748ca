"""A template as the resources that it deploys: conditions, copies, children, and the deployments inside of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from mlpreflight.documents import Document, DocumentError
from mlpreflight.environment import Resource
from mlpreflight.finding import Unread
from mlpreflight.sources.arm import deployments, identity, summary, user_functions
from mlpreflight.sources.arm.functions.arguments import BadCall, truth
from mlpreflight.sources.arm.functions.references import node_of_deployment
from mlpreflight.sources.arm.nodes import copies, fields_of, node_of
from mlpreflight.sources.arm.parameters import Supplied, bound
from mlpreflight.sources.arm.scope import Scope, Target
from mlpreflight.sources.arm.siblings import Siblings, Wait
from mlpreflight.values import Node, Text, Unknown, Where

MAX_RESOURCES = 20_000
MAX_NESTING = 12

DEPLOYMENTS = "microsoft.resources/deployments"


@dataclass
class Deployed:
    """What came out of a template: its resources, and what of it could not be read."""

    resources: list[Resource] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    linked: list[tuple[Path, Document]] = field(default_factory=list)

    def add(self, resource: Resource) -> None:
        if len(self.resources) >= MAX_RESOURCES:
            raise DocumentError(f"describes more than {MAX_RESOURCES:,} resources")
        self.resources.append(resource)

    def refuse(self, where: Where, reason: str) -> None:
        self.unread.append(Unread(f"{where!r}", reason))


class Place(NamedTuple):
    """Where in a tree of templates a list of resources stands.

    `scope` is what its expressions see, `target` what it is deployed to: a nested template whose expressions are
    evaluated outside has the scope of the template around it. `linked` are templates that come with this one, by
    their paths. What is not `wanted` may be named but is not deployed.
    """

    document: Document
    folder: Path | None
    scope: Scope
    target: Target
    siblings: Siblings
    linked: Mapping[str, tuple[Any, Where]] = MappingProxyType({})
    doubt: Unknown | None = None
    depth: int = 0
    wanted: bool = True


def place_of(document: Document, folder: Path | None, scope: Scope) -> Place:
    """The place of a template that stands in a file."""
    return Place(document, folder, scope, scope.target, scope.siblings)


def deploy(raw: Any, where: Where, place: Place, supplied: Supplied, into: Deployed) -> Node:
    """Adds the resources of a template, and gives its outputs.

    `place.scope` is that of the deployment; names of its own are made here. Raises DocumentError.
    """
    if not isinstance(raw, dict):
        raise DocumentError("is not a template: an object is wanted")
    resources = raw.get("resources")
    if not isinstance(resources, list | dict):
        raise DocumentError("has no list of resources")
    target = _level(raw, place.target)
    scope = own_scope(raw, where, place.scope._replace(target=target), supplied)
    inside = place._replace(scope=scope, target=target, siblings=scope.siblings)
    deploy_resources(resources, where.child("resources"), inside, into)
    into.add(summary.of_template(raw, where, scope, supplied))
    return deployments.outputs(raw.get("outputs"), where.child("outputs"), scope)


def _level(raw: Mapping[str, Any], target: Target) -> Target:
    """A template for a subscription has no resource group, one for a management group or a tenant no subscription."""
    schema = str(raw.get("$schema", "")).lower()
    if "subscriptiondeploymenttemplate" in schema:
        return target._replace(group=None)
    if "tenantdeploymenttemplate" in schema:
        return target._replace(group=None, subscription=None, management_group=None)
    if "managementgroupdeploymenttemplate" in schema:
        unsaid = Unknown("nothing says the management group", "the management group", "managementGroup().name")
        own = target.management_group or Text((unsaid._replace(shown="managementGroup().name", is_word=True),))
        return target._replace(group=None, subscription=None, management_group=own)
    return target


def own_scope(raw: Mapping[str, Any], where: Where, outer: Scope, supplied: Supplied) -> Scope:
    """The scope of a template: its parameters bound, its variables and functions ready to be read."""
    parameters: dict[str, Node] = {}
    variables: dict[str, Node] = {}
    functions = user_functions.declared(raw.get("functions"), where.child("functions"))
    scope = outer._replace(parameters=parameters, variables=variables, functions=functions)
    types = raw.get("definitions")
    types = types if isinstance(types, dict) else {}
    parameters.update(bound(raw.get("parameters"), where.child("parameters"), supplied, scope, types))
    declared = raw.get("variables")
    if isinstance(declared, dict):
        fields = fields_of(declared, where.child("variables"), scope)
        variables.update({name.lower(): node for name, node in fields.nodes.items()})
    return scope


def deploy_resources(raw: Any, where: Where, place: Place, into: Deployed, parent: Resource | None = None) -> None:
    """Adds a list of resources (or, with symbolic names, an object of them)."""
    pairs = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for key, declared in pairs:
        symbol = key if isinstance(key, str) else ""
        here = where.child(key)
        if not isinstance(declared, dict):
            place.siblings.may_be_more(Unknown.because("a resource of the template is no object", "the template"))
            into.refuse(here, "a resource that is no object")
            continue
        for turn in _turns(declared, here, place, symbol):
            inside = place._replace(scope=turn.scope, doubt=turn.doubt, wanted=turn.wanted and place.wanted)
            _deploy_one(declared, here, inside, into, parent, turn.symbol)


class _Turn(NamedTuple):
    """One copy of a resource: what its expressions see, and whether, and how surely, it is deployed."""

    scope: Scope
    symbol: str
    doubt: Unknown | None
    wanted: bool = True


def _turns(declared: Mapping[str, Any], where: Where, place: Place, symbol: str) -> Iterator[_Turn]:
    """The copies of a resource, or the resource itself."""
    loop = declared.get("copy")
    if not (isinstance(loop, dict) and "count" in loop):
        yield _if_wanted(declared, where, place.scope, symbol, place.doubt)
        return
    name = str(loop.get("name", symbol))
    place.siblings.add_loop(name, symbol)
    count = copies(loop["count"], where.child("copy").child("count"), place.scope)
    if isinstance(count, Unknown):
        index = count._replace(key=f"{place.scope.identity}:copyIndex('{name}')", shown=f"copyIndex('{name}')")
        yield _if_wanted(declared, where, place.scope.inside(name, index), "", place.doubt or count)
        return
    for at in range(count):
        own = f"{symbol}[{at}]" if symbol else ""
        yield _if_wanted(declared, where, place.scope.inside(name, at), own, place.doubt)


def _if_wanted(declared: Mapping[str, Any], where: Where, scope: Scope, symbol: str, doubt: Unknown | None) -> _Turn:
    if declared.get("existing") is True:
        return _Turn(scope, symbol, doubt, False)
    if "condition" not in declared:
        return _Turn(scope, symbol, doubt)
    value = node_of(declared["condition"], where.child("condition"), scope).value
    if isinstance(value, Text):
        value = value.holes[0] if value.holes else value.known
    if isinstance(value, Unknown):
        reason = f"whether it is deployed depends on {value.cause}: {value.reason}"
        return _Turn(scope, symbol, doubt or value.within(reason))
    try:
        return _Turn(scope, symbol, doubt, truth(value))
    except BadCall:
        unclear = Unknown.because("its condition is neither true nor false", "the condition")
        return _Turn(scope, symbol, doubt or unclear)


def _deploy_one(
    declared: Mapping[str, Any], where: Where, place: Place, into: Deployed, parent: Resource | None, symbol: str
) -> None:
    node = Node(where, read=lambda node: fields_of(dict(declared), where, place.scope))
    resource = identity.resource(declared, node, place.scope, place.target, place.doubt, parent)
    if resource is None:
        place.siblings.may_be_more(Unknown.because("the type of a resource cannot be read", "its type"))
        into.refuse(where, "a resource whose type cannot be read")
        return
    if resource.type.lower() == DEPLOYMENTS and place.wanted:
        resource = resource._replace(node=_deployed_inside(declared, where, resource, place, into))
    place.siblings.add(resource, symbol, place.wanted)
    if place.wanted:
        _note_waits(declared, where, resource, place)
        if resource.type.lower() != DEPLOYMENTS:
            into.add(resource)
    if "resources" in declared and resource.type.lower() != DEPLOYMENTS:
        deploy_resources(declared["resources"], where.child("resources"), place, into, resource)


def _note_waits(declared: Mapping[str, Any], where: Where, resource: Resource, place: Place) -> None:
    entries = declared.get("dependsOn")
    for at, entry in enumerate(entries if isinstance(entries, list) else ()):
        on = node_of(entry, where.child("dependsOn").child(at), place.scope)
        place.siblings.waits.append(Wait(resource.name, on))


def _deployed_inside(declared: Mapping[str, Any], where: Where, own: Resource, place: Place, into: Deployed) -> Node:
    """Adds what a deployment inside of a template deploys; gives the deployment as `reference()` sees it."""
    if place.depth >= MAX_NESTING:
        into.refuse(where, f"deployments are nested deeper than {MAX_NESTING} levels")
        return own.node
    try:
        inner = deployments.inner(
            declared, where, own, place.scope, place.target, place.document, place.folder, place.linked
        )
    except deployments.NotReadError as refused:
        into.unread.append(Unread(refused.file or f"{refused.where!r}", str(refused)))
        return own.node
    if inner.path is not None:
        into.linked.append((inner.path, inner.document))
    below = place._replace(
        document=inner.document,
        folder=inner.folder,
        scope=inner.scope,
        target=inner.target,
        linked=inner.linked,
        depth=place.depth + 1,
    )
    try:
        if inner.is_outer:
            outputs = _deploy_outer(inner.raw, inner.where, below._replace(siblings=Siblings()), own, into)
        else:
            outputs = deploy(inner.raw, inner.where, below, inner.supplied, into)
    except DocumentError as error:
        into.unread.append(Unread(inner.document.name if inner.path else f"{inner.where!r}", str(error)))
        return own.node
    return node_of_deployment(where, outputs)


def _deploy_outer(raw: dict[str, Any], where: Where, place: Place, own: Resource, into: Deployed) -> Node:
    """Adds the resources of a nested template whose expressions see the names of the template around it."""
    resources = raw.get("resources")
    if not isinstance(resources, list | dict):
        raise DocumentError("has no list of resources")
    deploy_resources(resources, where.child("resources"), place, into)
    into.add(summary.of_waits(own.name, where, place.siblings))
    return deployments.outputs(raw.get("outputs"), where.child("outputs"), place.scope)
