"""Values that may be known only in part, and the places where they were written.

A value is text, a number, a truth value, None (absent), Fields, Items, or Unknown with the reason.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mlpreflight.documents import Document

from mlpreflight.text import Text
from mlpreflight.unknown import NotEnoughEvidence, Unknown

__all__ = ["Fields", "Items", "Node", "NotEnoughEvidence", "Text", "Unknown", "Value", "Where", "lift"]

Key = str | int


class Where:
    """The place of a value: a document and the way down to the value in it, or an id in Azure."""

    __slots__ = ("document", "id", "key", "parent")

    def __init__(self, document: "Document | None", parent: "Where | None" = None, key: Key = "", id: str = "") -> None:
        self.document = document
        self.parent = parent
        self.key = key
        self.id = id

    def child(self, key: Key) -> "Where":
        """The place of a property or an element of the value that stands here."""
        return Where(self.document, self, key, self.id)

    @property
    def path(self) -> tuple[Key, ...]:
        keys: list[Key] = []
        here: Where | None = self
        while here is not None and here.parent is not None:
            keys.append(here.key)
            here = here.parent
        return tuple(reversed(keys))

    @property
    def pointer(self) -> str:
        """The JSON pointer of the value in its document, RFC 6901."""
        return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in self.path)

    @property
    def file(self) -> str | None:
        return self.document.name if self.document else None

    @property
    def position(self) -> tuple[int, int] | None:
        """Line and column, both from 1; None where there is no document."""
        return self.document.position(self.path) if self.document else None

    def within(self, outer: "Where") -> bool:
        """Does this place lie at or below the outer one?"""
        here: Where | None = self
        while here is not None:
            if here is outer:
                return True
            here = here.parent
        if self.document is not outer.document or self.id != outer.id:
            return False
        path = outer.path
        return self.path[: len(path)] == path

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Where)
            and self.document is other.document
            and self.id == other.id
            and self.path == other.path
        )

    def __hash__(self) -> int:
        return hash((id(self.document), self.id, self.path))

    def __repr__(self) -> str:
        if not self.document:
            return self.id or "?"
        line, column = self.document.position(self.path)
        return f"{self.document.name}:{line}:{column}"


class Node:
    """A value at a place. It is worked out when first read, so what no rule asks about costs nothing.

    `via` are further places that had a say in the value: the parameter's line, the variable's. `doubt` says why it
    is not sure that the value exists at all (the condition of a resource that only Azure can evaluate). `declared`
    marks a resource that is written apart from the one whose list it stands in.
    """

    __slots__ = ("_read", "_value", "declared", "doubt", "via", "where")

    def __init__(
        self,
        where: Where,
        value: "Value" = None,
        *,
        read: "Callable[[Node], Value] | None" = None,
        via: tuple[Where, ...] = (),
        doubt: Unknown | None = None,
        declared: bool = False,
    ) -> None:
        self.where = where
        self.via = via
        self.doubt = doubt
        self.declared = declared
        self._value = value
        self._read = read

    @property
    def value(self) -> "Value":
        if self._read is not None:
            read, self._read = self._read, None
            self._value = Unknown.because("it refers to itself", "a circular reference")
            self._value = read(self)
        return self._value

    def __repr__(self) -> str:
        return f"Node({self.where!r})"


class Fields:
    """The properties of an object. `more` says that, and why, others may stand there that are not known."""

    __slots__ = ("_folded", "more", "nodes")

    def __init__(self, nodes: dict[str, Node], more: Unknown | None = None) -> None:
        self.nodes = nodes
        self.more = more
        self._folded: dict[str, Node] | None = None

    def get(self, name: str) -> Node | None:
        """A property by name; Azure does not care about the case of names. None where it is not known to be there."""
        node = self.nodes.get(name)
        if node is None:
            if self._folded is None:
                self._folded = {key.lower(): node for key, node in self.nodes.items()}
            node = self._folded.get(name.lower())
        return node


class Items:
    """The elements of a list. `more` says that, and why, others may stand there that are not known.

    Where others may, the first `head` elements and the last `tail` certainly stand where they are counted, from the
    beginning and from the end; unless said otherwise the others can only follow.
    """

    __slots__ = ("head", "more", "nodes", "tail")

    def __init__(
        self, nodes: tuple[Node, ...], more: Unknown | None = None, head: int | None = None, tail: int = 0
    ) -> None:
        self.nodes = nodes
        self.more = more
        self.head = len(nodes) if head is None or more is None else head
        self.tail = len(nodes) if more is None else tail

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def at(self, index: int) -> Node | None:
        """The element at an index, counted from the end where it is negative; None where none certainly stands."""
        return self.nodes[index] if -self.tail <= index < self.head else None


Value = str | Text | int | float | bool | None | Fields | Items | Unknown


def lift(raw: Any, where: Where) -> Node:
    """Plain data, as a parser gives it, as a value at a place."""
    if isinstance(raw, dict | list):
        return Node(where, read=lambda node: _lifted(raw, node.where))
    return Node(where, raw)


def _lifted(raw: Any, where: Where) -> Value:
    if isinstance(raw, dict):
        return Fields({key: lift(inner, where.child(key)) for key, inner in raw.items()})
    return Items(tuple(lift(inner, where.child(at)) for at, inner in enumerate(raw)))


class Known(NamedTuple):
    """A value that was read without meeting doubt; see `View.look`."""

    value: Any
