"""Child resources, most of which Azure also accepts inside of their parents: one table, and how they are folded.

A child written apart is moved into its parent's list, where it replaces one of the same name. A child whose parent is
not among the inputs makes a parent of which all else is unknown.
"""

from collections.abc import Iterable

from mlpreflight.environment import Resource
from mlpreflight.text import compare
from mlpreflight.values import Fields, Items, Node, Text, Unknown, Value

# The type of a child: the property of its parent that it belongs to, and whether its own properties stand bare there.
FOLDED: dict[str, tuple[str, bool]] = {
    "microsoft.containerservice/managedclusters/agentpools": ("agentPoolProfiles", True),
    "microsoft.network/dnsforwardingrulesets/forwardingrules": ("forwardingRules", False),
    "microsoft.network/dnsforwardingrulesets/virtualnetworklinks": ("virtualNetworkLinks", False),
    "microsoft.network/networksecuritygroups/securityrules": ("securityRules", False),
    "microsoft.network/privatednszones/a": ("A", False),
    "microsoft.network/privatednszones/virtualnetworklinks": ("virtualNetworkLinks", False),
    "microsoft.network/privateendpoints/privatednszonegroups": ("privateDnsZoneGroups", False),
    "microsoft.network/routetables/routes": ("routes", False),
    "microsoft.network/serviceendpointpolicies/serviceendpointpolicydefinitions": (
        "serviceEndpointPolicyDefinitions",
        False,
    ),
    "microsoft.network/virtualnetworks/subnets": ("subnets", False),
    "microsoft.network/virtualnetworks/virtualnetworkpeerings": ("virtualNetworkPeerings", False),
}


def fold(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Resources with every child of the table inside of its parent."""
    whole: list[Resource] = []
    children: list[Resource] = []
    for resource in resources:
        (children if resource.type.lower() in FOLDED else whole).append(resource)
    parents = _Parents(whole)
    belonging: dict[int, list[Resource]] = {}
    for child in children:
        for at, sure in parents.of(child):
            doubt = Unknown.because(
                f"whether {child.name} belongs to {whole[at].name} is not known", "the parent's name"
            )
            belonging.setdefault(at, []).append(child if sure else child._replace(doubt=child.doubt or doubt))
    return tuple(_with(parent, belonging[at]) if at in belonging else parent for at, parent in enumerate(whole))


class _Parents:
    """Resources that are whole, by type and id, to which children find their way."""

    def __init__(self, whole: list[Resource]) -> None:
        self.whole = whole
        self.by_type: dict[str, list[int]] = {}
        self.by_id: dict[tuple[str, tuple[str, ...] | None], list[int]] = {}
        for at in range(len(whole)):
            self.note(at)

    def note(self, at: int) -> None:
        type = self.whole[at].type.lower()
        self.by_type.setdefault(type, []).append(at)
        if key := self.whole[at].id.key:
            self.by_id.setdefault((type, key), []).append(at)

    def of(self, child: Resource) -> list[tuple[int, bool]]:
        """The parents of a child, and whether it is certainly theirs; makes one where there is none."""
        type = child.type.rsplit("/", 1)[0]
        own = _parent_id(child)
        same = self.by_id.get((type.lower(), own.key)) if own.key else None
        if same:
            return [(at, True) for at in same]
        answers = [(at, compare(self.whole[at].id, own)) for at in self.by_type.get(type.lower(), ())]
        possible = [(at, True) for at, same in answers if same] or [(at, False) for at, same in answers if same is None]
        if possible:
            return possible
        self.whole.append(_orphan(child, type, own))
        self.note(len(self.whole) - 1)
        return [(len(self.whole) - 1, True)]


def _parent_id(child: Resource) -> Text:
    if len(child.name.split("/")) != child.type.count("/"):
        return child.id  # a hole hides the parent's name; the id says what is known
    pieces = child.id.split("/")
    whole = pieces[0]
    for piece in pieces[1:-2]:
        whole = whole + "/" + piece
    return whole


def _orphan(child: Resource, type: str, id: Text) -> Resource:
    names = child.name.split("/")
    name = names[0]
    for piece in names[1:-1]:
        name = name + "/" + piece
    label = f"{type.rsplit('/', 1)[-1]} {name}"
    more = Unknown.because(f"{label} is not among the inputs, only a part of it is", label)
    properties = Fields({FOLDED[child.type.lower()][0]: Node(child.where, Items((), more))}, more)
    node = Node(child.where, Fields({"properties": Node(child.where, properties)}, more))
    return Resource(type, name, id, node)


def _with(parent: Resource, children: list[Resource]) -> Resource:
    """A parent with its children in their lists."""

    def read(_: Node) -> Value:
        fields = parent.node.value
        if not isinstance(fields, Fields):
            return fields
        properties = fields.get("properties")
        inner = properties.value if properties else None
        if properties is None or inner is None:
            properties, inner = Node(parent.where), Fields({})
        if not isinstance(inner, Fields):
            return fields
        lists: dict[str, Node] = {}
        for collection in {FOLDED[child.type.lower()][0] for child in children}:
            own = [child for child in children if FOLDED[child.type.lower()][0] == collection]
            written = inner.get(collection)
            lists[collection] = _merged(written or Node(own[0].where), own)
        names = {name.lower() for name in lists}
        kept = {name: node for name, node in inner.nodes.items() if name.lower() not in names}
        changed = Node(properties.where, Fields({**kept, **lists}, inner.more), via=properties.via)
        others = {name: node for name, node in fields.nodes.items() if name.lower() != "properties"}
        return Fields({**others, "properties": changed}, fields.more)

    return parent._replace(node=Node(parent.where, read=read, via=parent.node.via))


def _merged(written: Node, children: list[Resource]) -> Node:
    value = written.value
    if isinstance(value, Unknown):
        value = Items((), value)
    if not isinstance(value, Items):
        value = Items(())
    apart = [_as_item(child) for child in children]
    names = [child.name.split("/")[-1] for child in children]
    inline = [node for node in value if not any(_is_called(node, name) for name in names)]
    return Node(written.where, Items((*inline, *apart), value.more), via=written.via)


def _is_called(node: Node, name: Text) -> bool:
    fields = node.value
    own = fields.get("name") if isinstance(fields, Fields) else None
    value = own.value if own else None
    if isinstance(value, str):
        value = Text((value,))
    return isinstance(value, Text) and compare(value, name) is True


def _as_item(child: Resource) -> Node:
    """A child written apart in the shape it has inside of its parent."""
    bare = FOLDED[child.type.lower()][1]

    def read(_: Node) -> Value:
        fields = child.node.value
        if not isinstance(fields, Fields):
            return fields
        name = Node(child.where, child.name.split("/")[-1])
        nodes = {key: node for key, node in fields.nodes.items() if key.lower() not in ("name", "properties")}
        properties = fields.get("properties")
        if not bare and properties is not None:
            return Fields({**nodes, "name": name, "properties": properties}, fields.more)
        inner = properties.value if properties is not None else None
        if isinstance(inner, Fields):
            return Fields({**inner.nodes, "name": name}, inner.more or fields.more)
        return Fields({"name": name}, inner if isinstance(inner, Unknown) else fields.more)

    return Node(child.where, read=read, via=child.node.via, doubt=child.doubt, declared=True)
