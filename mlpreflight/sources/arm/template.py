"""A template as the resources that it deploys: conditions, copies, children, nested and linked templates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from mlpreflight.documents import Document, DocumentError, read
from mlpreflight.environment import Resource
from mlpreflight.finding import Unread
from mlpreflight.sources.arm import identity
from mlpreflight.sources.arm.functions.arguments import BadCall, truth
from mlpreflight.sources.arm.functions.resources import TEMPLATE_FOLDER
from mlpreflight.sources.arm.nodes import copies, fields_of, node_of
from mlpreflight.sources.arm.parameters import Supplied, bound
from mlpreflight.sources.arm.scope import Scope, Target, other_group
from mlpreflight.values import Fields, Node, Text, Unknown, Value, Where

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


class Place(NamedTuple):
    """Where in a tree of templates a list of resources stands."""

    document: Document
    folder: Path | None
    scope: Scope
    doubt: Unknown | None = None
    depth: int = 0


def deploy(raw: Any, where: Where, place: Place, supplied: Supplied, into: Deployed) -> None:
    """Adds the resources of a template. `place.scope` is that of the deployment; names of its own are made here."""
    if not isinstance(raw, dict):
        raise DocumentError("is not a template: an object is wanted")
    resources = raw.get("resources")
    if not isinstance(resources, list | dict):
        raise DocumentError("has no list of resources")
    scope = own_scope(raw, where, place.scope._replace(target=_level(raw, place.scope.target)), supplied)
    deploy_resources(resources, where.child("resources"), place._replace(scope=scope), into)


def _level(raw: Mapping[str, Any], target: Target) -> Target:
    """A template for a subscription, a management group or a tenant has no resource group."""
    schema = str(raw.get("$schema", "")).lower()
    above = ("subscriptiondeploymenttemplate", "managementgroupdeploymenttemplate", "tenantdeploymenttemplate")
    return target._replace(group=None) if any(word in schema for word in above) else target


def own_scope(raw: Mapping[str, Any], where: Where, outer: Scope, supplied: Supplied) -> Scope:
    """The scope of a template: its parameters bound, its variables ready to be read."""
    parameters: dict[str, Node] = {}
    variables: dict[str, Node] = {}
    scope = outer.fresh(outer.target, outer.identity)._replace(parameters=parameters, variables=variables)
    parameters.update(bound(raw.get("parameters"), where.child("parameters"), supplied, scope))
    declared = raw.get("variables")
    if isinstance(declared, dict):
        fields = fields_of(declared, where.child("variables"), scope)
        variables.update({name.lower(): node for name, node in fields.nodes.items()})
    return scope


def deploy_resources(raw: Any, where: Where, place: Place, into: Deployed, parent: Resource | None = None) -> None:
    """Adds a list of resources (or, with symbolic names, an object of them)."""
    pairs = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for key, declared in pairs:
        if not isinstance(declared, dict):
            into.unread.append(Unread(f"{where.child(key)!r}", "a resource that is no object"))
        elif declared.get("existing") is not True:
            for inner, doubt in _turns(declared, where.child(key), place):
                _deploy_one(declared, where.child(key), place._replace(scope=inner, doubt=doubt), into, parent)


def _turns(declared: Mapping[str, Any], where: Where, place: Place) -> Iterator[tuple[Scope, Unknown | None]]:
    """The scope of each copy of a resource that is deployed, and the reason where that is not certain."""
    loop = declared.get("copy")
    if not (isinstance(loop, dict) and "count" in loop):
        yield from _if_wanted(declared, where, place.scope, place.doubt)
        return
    name = str(loop.get("name", ""))
    count = copies(loop["count"], where.child("copy").child("count"), place.scope)
    if isinstance(count, Unknown):
        index = count._replace(key=f"{place.scope.identity}:copyIndex('{name}')", shown=f"copyIndex('{name}')")
        yield from _if_wanted(declared, where, place.scope.inside(name, index), place.doubt or count)
        return
    for at in range(count):
        yield from _if_wanted(declared, where, place.scope.inside(name, at), place.doubt)


def _if_wanted(
    declared: Mapping[str, Any], where: Where, scope: Scope, doubt: Unknown | None
) -> Iterator[tuple[Scope, Unknown | None]]:
    if "condition" not in declared:
        yield scope, doubt
        return
    value = node_of(declared["condition"], where.child("condition"), scope).value
    if isinstance(value, Text):
        value = value.holes[0] if value.holes else value.known
    if isinstance(value, Unknown):
        yield scope, doubt or value.within(f"whether it is deployed depends on {value.cause}: {value.reason}")
        return
    try:
        if truth(value):
            yield scope, doubt
    except BadCall:
        yield scope, doubt or Unknown.because("its condition is neither true nor false", "the condition")


def _deploy_one(
    declared: Mapping[str, Any], where: Where, place: Place, into: Deployed, parent: Resource | None
) -> None:
    node = Node(where, read=lambda node: fields_of(dict(declared), where, place.scope))
    resource = identity.resource(declared, node, place.scope, place.doubt, parent)
    if resource is None:
        into.unread.append(Unread(f"{where!r}", "a resource whose type cannot be read"))
        return
    if resource.type.lower() == DEPLOYMENTS:
        _nested(declared, where, resource, place, into)
        return
    into.add(resource)
    if "resources" in declared:
        deploy_resources(declared["resources"], where.child("resources"), place, into, resource)


def _nested(declared: Mapping[str, Any], where: Where, own: Resource, place: Place, into: Deployed) -> None:
    """Adds what a deployment inside of a template deploys."""
    properties = declared.get("properties")
    if not isinstance(properties, dict):
        into.unread.append(Unread(f"{where!r}", "a deployment without properties"))
        return
    if place.depth >= MAX_NESTING:
        into.unread.append(Unread(f"{where!r}", f"deployments are nested deeper than {MAX_NESTING} levels"))
        return
    inside = where.child("properties")
    target = other_group(
        place.scope.target,
        _text(declared.get("subscriptionId"), where.child("subscriptionId"), place.scope),
        _text(declared.get("resourceGroup"), where.child("resourceGroup"), place.scope),
    )
    name = f"{place.scope.identity}/{own.name.written}"
    below = place._replace(depth=place.depth + 1)
    template = properties.get("template")
    if isinstance(template, dict):
        options = properties.get("expressionEvaluationOptions")
        inner = isinstance(options, dict) and str(options.get("scope", "")).lower() == "inner"
        if inner:
            scope = place.scope.fresh(target, name)
            supplied = _passed(properties.get("parameters"), inside.child("parameters"), place.scope)
            try:
                deploy(template, inside.child("template"), below._replace(scope=scope), supplied, into)
            except DocumentError as error:
                into.unread.append(Unread(f"{inside.child('template')!r}", str(error)))
        elif isinstance(template.get("resources"), list | dict):
            outer = place.scope._replace(target=target)
            at = inside.child("template").child("resources")
            deploy_resources(template["resources"], at, below._replace(scope=outer), into)
        else:
            into.unread.append(Unread(f"{inside.child('template')!r}", "has no list of resources"))
        return
    if "templateLink" in properties:
        _linked(
            properties, inside, below._replace(scope=place.scope._replace(target=target, identity=name)), place, into
        )
    else:
        into.unread.append(Unread(f"{where!r}", "a deployment without a template"))


def _passed(raw: Any, where: Where, scope: Scope) -> dict[str, Node]:
    """The parameters that a deployment passes to its template."""
    passed: dict[str, Node] = {}
    for name, entry in raw.items() if isinstance(raw, dict) else ():
        place = where.child(name)
        if isinstance(entry, dict) and "value" in entry:
            passed[name.lower()] = node_of(entry["value"], place.child("value"), scope)
        else:
            reason = f"the parameter `{name}` comes out of a key vault"
            passed[name.lower()] = Node(place, Unknown.because(reason, f"parameter `{name}`"))
    return passed


def _linked(properties: Mapping[str, Any], where: Where, below: Place, outer: Place, into: Deployed) -> None:
    """Reads a linked template where its file lies beside this one; else names it as unread."""
    link = node_of(properties["templateLink"], where.child("templateLink"), outer.scope)
    shown, path = _file_of(link, below.folder)
    if path is None:
        place = f"{where.child('templateLink')!r}"
        into.unread.append(Unread(place, f"the linked template {shown} is not among the files"))
        return
    name = str(PurePosixPath(Path(below.document.name).parent.as_posix()) / shown)
    try:
        document = read(path, name)
        into.linked.append((path, document))
        supplied = _passed(properties.get("parameters"), where.child("parameters"), outer.scope)
        inside = below._replace(
            document=document, folder=path.parent, scope=below.scope.fresh(below.scope.target, below.scope.identity)
        )
        deploy(document.value, Where(document), inside, supplied, into)
    except DocumentError as error:
        into.unread.append(Unread(name, str(error)))


def _file_of(link: Node, folder: Path | None) -> tuple[str, Path | None]:
    """What a template link names, and its file where that may be read."""
    fields = link.value
    if not isinstance(fields, Fields):
        return "(its address is not known)", None
    for key in ("relativePath", "uri", "id"):
        node = fields.get(key)
        if node is None or node.value is None:
            continue
        text = node.value if isinstance(node.value, Text) else Text((str(node.value),))
        relative = _relative(text) if key == "uri" else text.written if key == "relativePath" else None
        if relative is None or folder is None:
            return text.written, None
        path = (folder / relative).resolve()
        # A template is not trusted to have any file read: only what lies below it or where the tool runs.
        inside = path.is_relative_to(folder.resolve()) or path.is_relative_to(Path.cwd())
        return relative, path if inside and path.is_file() else None
    return "(it has no address)", None


def _relative(address: Text) -> str | None:
    """The path below the template's folder that an address names; what follows it (a token) does not count."""
    parts = address.parts
    if len(parts) >= 2 and isinstance(parts[0], Unknown) and parts[0].key == TEMPLATE_FOLDER:
        path = parts[1]
        if isinstance(path, str) and (len(parts) == 2 or path.lower().endswith(".json")):
            return path.lstrip("/").split("?")[0]
    return None


def _text(raw: Any, where: Where, scope: Scope) -> Text | None:
    if raw is None:
        return None
    value: Value = node_of(raw, where, scope).value
    if isinstance(value, str):
        return Text((value,))
    if isinstance(value, Text):
        return value
    return Text((value,)) if isinstance(value, Unknown) else None
