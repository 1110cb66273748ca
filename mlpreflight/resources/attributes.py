"""The attributes that views are made of: `text flag number words reference many`."""

from typing import Any, TypeVar, overload

from mlpreflight.resources import shapes
from mlpreflight.resources.several import Several
from mlpreflight.resources.view import Attribute, View
from mlpreflight.values import Items, Node, NotEnoughEvidence, Text, Unknown, Where

V = TypeVar("V", bound=View)

NONE: Several[Any] = Several(())


@overload
def text(*paths: str, absent: str) -> Attribute[Text]: ...
@overload
def text(*paths: str) -> Attribute[Text | None]: ...
def text(*paths: str, absent: str | None = None) -> Attribute[Any]:
    """Text, compared without regard to case; perhaps with holes. Give the default that Azure documents."""
    return Attribute(paths, _text, None if absent is None else Text((absent,)))


@overload
def number(*paths: str, absent: int) -> Attribute[int]: ...
@overload
def number(*paths: str) -> Attribute[int | None]: ...
def number(*paths: str, absent: int | None = None) -> Attribute[Any]:
    """A whole number."""
    return Attribute(paths, _number, absent)


def flag(*paths: str, absent: bool = False) -> Attribute[bool]:
    """A truth value."""
    return Attribute(paths, _flag, absent)


def present(*paths: str) -> Attribute[bool]:
    """Is anything written there? An unknown value raises."""
    return Attribute(paths, _present, absent=False)


def words(*paths: str, absent: tuple[str, ...] = ()) -> Attribute[Several[Text]]:
    """A set of words, written as a list or as one text with commas."""
    return Attribute(paths, _words, Several(tuple(Text((word,)) for word in absent)))


def prefixes(*paths: str) -> Attribute[Several[Text]]:
    """Address prefixes, service tags or ports, written as a list or as one; what has holes stays one text."""
    return Attribute(paths, _prefixes, Several(()))


def reference(*paths: str) -> Attribute[Text | None]:
    """The id of another resource; `Environment.find` says what stands there."""
    return Attribute(paths, _text, None)


def many(*paths: str, kind: type[V]) -> Attribute[Several[V]]:
    """A list of objects below, each seen through a view of its own."""
    return Attribute(paths, lambda view, node, label, use: _parts(view, node, label, use, kind), NONE)


def _text(view: View, node: Node, label: str, use: Where) -> Text:
    return shapes.text_of(node, label).labelled(label)


def _number(view: View, node: Node, label: str, use: Where) -> int:
    return shapes.number_of(node, label)


def _flag(view: View, node: Node, label: str, use: Where) -> bool:
    return shapes.flag_of(node, label)


def _present(view: View, node: Node, label: str, use: Where) -> bool:
    if isinstance(node.value, Unknown):
        raise NotEnoughEvidence(node.value)
    return True


def _words(view: View, node: Node, label: str, use: Where) -> Several[Text]:
    value = node.value
    if isinstance(value, Items):
        return Several(tuple(shapes.text_of(inner, label).labelled(label) for inner in value), (), value.more)
    whole = shapes.text_of(node, label)
    if len(whole.parts) == 1 and whole.holes:
        raise NotEnoughEvidence(whole.holes[0])
    return Several(tuple(word for word in (part.strip() for part in whole.split(",")) if word.parts))


def _prefixes(view: View, node: Node, label: str, use: Where) -> Several[Text]:
    value = node.value
    if isinstance(value, Items):
        return Several(tuple(shapes.text_of(inner, label).strip() for inner in value), (), value.more)
    whole = shapes.text_of(node, label).strip()
    if whole.holes:
        return Several((whole,))
    return Several(tuple(word for word in (part.strip() for part in whole.split(",")) if word.parts))


def _parts(view: View, node: Node, label: str, use: Where, kind: type[V]) -> Several[V]:
    items = shapes.items_of(node, label)
    sure: list[V] = []
    possible: list[V] = []
    more = items.more
    doubt: Unknown | None = None
    for inner in items:
        if isinstance(inner.value, Unknown):
            more = more or inner.value
        elif inner.value is not None:
            here = inner.declared or inner.where.within(view.root)
            part = kind(view.resource, inner, inner.where if here else use, view)
            (possible if inner.doubt else sure).append(part)
            doubt = doubt or inner.doubt
    return Several(tuple(sure), tuple(possible), more, doubt)
