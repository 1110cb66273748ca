"""YAML with the place of every value: the core schema of YAML 1.2, no tags, aliases up to a limit."""

import re
from typing import Any

import yaml

from mlpreflight.documents.json_text import Places
from mlpreflight.documents.limits import MAX_DEPTH, MAX_YAML_VALUES, DocumentError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def parse(text: str) -> tuple[Any, Places]:
    """The value of a YAML text of one document, and the places of its parts.

    Plain words follow YAML 1.2: `no` and `12:30` are text, only `true` and `false` are truth values. Raises
    DocumentError with line and column for text that is not YAML, for tags, and for aliases that grow without bound.
    """
    loader = _Loader(text)
    try:
        composer = _Composer(loader)
        return composer.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise DocumentError(f"is not YAML: {place}{error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        raise DocumentError(f"is not YAML: the character {error.character!r} is not allowed in it") from None
    except RecursionError:
        raise DocumentError(f"is nested deeper than {MAX_DEPTH} levels") from None
    finally:
        loader.dispose()


def _index(event: Any) -> int:
    index: int = event.start_mark.index
    return index


class _Composer:
    def __init__(self, loader: Any) -> None:
        self.next = loader.get_event
        self.anchors: dict[str, tuple[Any, Any, int]] = {}
        self.count = 0

    def document(self) -> tuple[Any, Places]:
        self.next()  # the stream
        if isinstance(self.next(), yaml.StreamEndEvent):
            raise DocumentError("is empty")
        first = self.next()
        value, inner, _ = self.value(first, 0)
        self.next()  # the document's end
        following = self.next()
        if not isinstance(following, yaml.StreamEndEvent):
            raise self.error(following, "a second document begins here; keep one document a file")
        return value, (_index(first), inner)

    def value(self, event: Any, depth: int) -> tuple[Any, "dict[str | int, Places] | None", int]:
        """The value that an event begins, the places inside it, and of how many values it is made."""
        if depth > MAX_DEPTH:
            raise DocumentError(f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise self.error(event, f"nothing is called &{event.anchor} before this")
            value, inner, size = self.anchors[event.anchor]
        else:
            if event.tag is not None and event.tag != "!":
                raise self.error(event, f"the tag {event.tag} is not read; write the value itself")
            before = self.count
            if isinstance(event, yaml.ScalarEvent):
                value, inner = self.scalar(event), None
            elif isinstance(event, yaml.SequenceStartEvent):
                value, inner = self.elements(depth)
            else:
                value, inner = self.properties(depth)
            size = self.count - before + 1
            if event.anchor:
                self.anchors[event.anchor] = value, inner, size
        self.count += size if isinstance(event, yaml.AliasEvent) else 1
        if self.count > MAX_YAML_VALUES:
            raise self.error(event, f"the aliases describe more than {MAX_YAML_VALUES:,} values")
        return value, inner, size

    def elements(self, depth: int) -> tuple[Any, "dict[str | int, Places]"]:
        values: list[Any] = []
        places: dict[str | int, Places] = {}
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            value, inner, _ = self.value(event, depth + 1)
            places[len(values)] = (_index(event), inner)
            values.append(value)
        return values, places

    def properties(self, depth: int) -> tuple[Any, "dict[str | int, Places]"]:
        values: dict[str, Any] = {}
        places: dict[str | int, Places] = {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.error(event, "a name must be text")
            if event.value == "<<" and event.implicit[0]:
                raise self.error(event, "merge keys (<<) are not read; write the values themselves")
            if event.value in values:
                raise self.error(event, f"{event.value!r} stands twice")
            values[event.value], inner, _ = self.value(self.next(), depth + 1)
            places[event.value] = (_index(event), inner)
        return values, places

    def scalar(self, event: Any) -> str | int | float | bool | None:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text.lower() in _WORDS and text in (text.lower(), text.capitalize(), text.upper()):
            return _WORDS[text.lower()]
        try:
            if _INTEGER.match(text):
                return int(text)
            return float(text) if _FLOAT.match(text) else text
        except ValueError:  # more digits than Python turns into a number
            raise self.error(event, "this number is too long") from None

    def error(self, event: Any, problem: str) -> DocumentError:
        mark = event.start_mark
        return DocumentError(f"is not usable YAML: line {mark.line + 1}, column {mark.column + 1}: {problem}")
