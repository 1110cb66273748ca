"""Typed views: a resource, or a part of one, whose attributes say which path they read and what Azure assumes.

An attribute gives the value, or Azure's documented default where nothing is written, or raises NotEnoughEvidence.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Generic, Self, TypeVar

from mlpreflight.environment import Environment, Resource
from mlpreflight.finding import Evidence, Role
from mlpreflight.resources.shapes import object_of, show, text_of
from mlpreflight.values import Fields, Known, Node, NotEnoughEvidence, Text, Unknown, Where

Path = tuple[str, ...]
T = TypeVar("T")
M = TypeVar("M")


class Attribute(Generic[T]):
    """A property of a view: where it stands, how it is read, and what is assumed where it is absent.

    Several paths are tried in order (older API versions had other names). A path is relative to `properties`, or to
    the whole object where it begins with a slash.
    """

    def __init__(self, paths: tuple[str, ...], reader: Any, absent: T) -> None:
        self.paths = paths
        self.reader = reader
        self.absent = absent
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, view: "View | None", owner: type | None = None) -> T:
        if view is None:  # asked of the class: the attribute itself, for `View.at`
            return self  # type: ignore[return-value]
        doubt = view.doubts.get(self.name)
        if doubt is not None:
            raise NotEnoughEvidence(doubt)
        label = self.paths[0].lstrip("/")
        try:
            node, trail = self.locate(view)
            absent = node is None or node.value is None
            value: T = self.absent if absent else self.reader(view, node, label, trail.use)
        except NotEnoughEvidence as stopped:
            doubt = view.doubts[self.name] = stopped.unknown.told_of(label)
            raise NotEnoughEvidence(doubt) from None
        view.__dict__[self.name] = value  # found there from now on, before anybody asks this descriptor
        return value

    def locate(self, view: "View") -> tuple[Node | None, "Trail"]:
        """The node that is read, None where nothing is written, and the way that led there."""
        trail = Trail(view)
        for path in self.paths:
            trail = Trail(view)
            node = trail.follow(view.steps(path))
            if node is not None and node.value is not None:
                return node, trail
        if len(self.paths) > 1:
            trail = Trail(view)
            trail.follow(view.steps(self.paths[0]))
        return None, trail


class Trail:
    """The way from a view down to a value: it remembers the last place that lies in the declaring resource."""

    def __init__(self, view: "View") -> None:
        self.node = view.node
        self.use = view.use
        self.root = view.root

    def follow(self, steps: Path) -> Node | None:
        """The node at the end of the steps; None where it is absent, and then `use` is the nearest ancestor."""
        for step in steps:
            fields = object_of(self.node, step)
            if fields is None:
                return None
            node = fields.get(step)
            if node is None:
                if fields.more:
                    raise NotEnoughEvidence(fields.more)
                return None
            if node.value is None:
                return node
            self.node = node
            if node.where.within(self.root):
                self.use = node.where
        return self.node

    @property
    def via(self) -> tuple[Where, ...]:
        """The places outside of the resource that the value came through."""
        places = dict.fromkeys((self.node.where, *self.node.via))
        return tuple(place for place in places if place != self.use and (place.document or place.id))


class View:
    """A resource of one type, or a part of a resource, seen through typed attributes.

    Subclasses name their `type`, or, for a part that is a resource of its own, the `collection` it stands in.
    `bare` parts keep their attributes beside their name and not under `properties`. `name`, `id` and `where` never
    raise.
    """

    type: ClassVar[str] = ""
    label: ClassVar[str] = "resource"
    collection: ClassVar[str] = ""
    bare: ClassVar[bool] = False

    def __init_subclass__(cls, type: str = "", label: str = "", collection: str = "", bare: bool = False) -> None:
        cls.type = type
        cls.label = label or cls.label
        cls.collection = collection
        cls.bare = bare

    def __init__(self, resource: Resource, node: Node, use: Where | None = None, parent: "View | None" = None) -> None:
        self.resource = resource
        self.node = node
        self.use = use or node.where
        self.parent = parent
        self.root: Where = node.where if node.declared or parent is None else parent.root
        self.doubts: dict[str, Unknown] = {}
        self._made: dict[object, Any] = {}

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        """Every resource of this type among the inputs, the only possible ones too."""
        for resource in env.of_type(cls.type):
            yield cls(resource, resource.node)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name})"

    def once(self, key: object, make: Callable[[], M]) -> M:
        """What is worked out of a view and asked for again and again."""
        if key not in self._made:
            self._made[key] = make()
        made: M = self._made[key]
        return made

    def steps(self, path: str) -> Path:
        """A path of an attribute as steps from the view's node."""
        if path.startswith("/"):
            return tuple(path[1:].split("."))
        return tuple(path.split(".")) if self.bare else ("properties", *path.split("."))

    @property
    def name(self) -> Text:
        """The name as people say it: a child's with its parent's before it."""
        if self.parent is None or self.parent.node is self.node:
            return self.resource.name
        own = self.own_name
        return self.parent.name + "/" + own if self.collection else own

    @property
    def own_name(self) -> Text:
        """The last part of the name; a stand-in where none can be read."""
        if self.parent is None:
            return self.resource.name.split("/")[-1]
        try:
            fields = object_of(self.node, "name")
            node = fields.get("name") if fields else None
            if node is not None and node.value is not None:
                return text_of(node, "name").split("/")[-1]
        except NotEnoughEvidence:
            pass
        return Text((Unknown.because("it has no name that can be read", "its name"),))

    @property
    def id(self) -> Text:
        if self.parent is None:
            return self.resource.id
        return self.parent.id + f"/{self.collection}/" + self.own_name if self.collection else self.parent.id

    @property
    def where(self) -> Where:
        return self.use

    @property
    def doubt(self) -> Unknown | None:
        return self.resource.doubt or self.node.doubt

    def at(self, attribute: str = "") -> Evidence:
        """The place of an attribute with the value seen there, or its nearest written ancestor where it is absent.

        Without an attribute: the place of the whole. Never raises.
        """
        if not attribute:
            return Evidence(Role.DECIDED, f"{self.label} {self.name}", self.use, self.node.via)
        described: Attribute[Any] = getattr(type(self), attribute)
        label = described.paths[0].lstrip("/")
        try:
            node, trail = described.locate(self)
        except NotEnoughEvidence as stopped:
            return Evidence(Role.DECIDED, f"{label}: {stopped.unknown.reason}", self.use)
        if node is None:
            default = show(described.absent) if described.absent is not None else ""
            assumed = f"; Azure assumes {default}" if default else ""
            return Evidence(Role.ABSENT, f"{label} is absent{assumed}", trail.use, trail.via)
        return Evidence(Role.DECIDED, f"{label}: {show(node.value)}", trail.use, trail.via)

    def look(self, attribute: str) -> Known | Unknown:
        """An attribute without raising: the value, or why it is not known."""
        try:
            return Known(getattr(self, attribute))
        except NotEnoughEvidence as stopped:
            return stopped.unknown

    def fields(self, path: str = "") -> Fields | None:
        """The properties of an object below the view, for checks that go through them all."""
        node = Trail(self).follow(self.steps(path)) if path else self.node
        return object_of(node, path) if node is not None and node.value is not None else None
