"""JSON as Azure Resource Manager accepts it: comments, trailing commas, single quotes, raw line breaks in strings."""

import json
import re
from typing import Any

from mlpreflight.documents.limits import MAX_DEPTH, DocumentError

# The offset of a value (of its name, for a property) and the same for what is inside it.
Places = tuple[int, "dict[str | int, Places] | None"]

_SPACE = re.compile(r"(?:[ \t\r\n\ufeff\xa0]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SINGLE = re.compile(r"'[^'\\]*(?:\\.[^'\\]*)*'", re.DOTALL)
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\],:"]+', re.DOTALL)
QUOTES = ('"', "'")
_SCALAR = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null")
_WORDS = {"true": True, "false": False, "null": None}


def scan(text: str) -> tuple[Any, Places]:
    """The value of a JSON text and the places of all its parts.

    Reads what the standard parser reads and the liberties that Azure takes. Where a property stands twice, the last
    one counts, as in Azure. Raises DocumentError with line, column and what was expected.
    """
    return _Scanner(text).document()


def places(text: str) -> Places:
    """The places of all parts of a text that the standard parser reads."""
    root: Places = (0, None)
    above: list[tuple[dict[str | int, Places], bool]] = []
    inner: dict[str | int, Places] = {}
    named = False  # is what we are in an object?
    key: str | None = None  # of the property whose value comes next
    start = 0
    for found in _TOKEN.finditer(text):
        piece, at = found[0], found.start()
        if piece in "]}":
            inner, named = above.pop()
            continue
        if named and key is None:
            key, start = (json.loads(piece, strict=False) if "\\" in piece else piece[1:-1]), at
            continue
        below: dict[str | int, Places] | None = {} if piece in "[{" else None
        if not above and not inner:
            root = (at, below)
            inner = {0: root}
        elif named:
            assert key is not None
            inner[key] = (start, below)
        else:
            inner[len(inner)] = (at, below)
        key = None
        if below is not None:
            above.append((inner, named))
            inner, named = below, piece == "{"
    return root


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def document(self) -> tuple[Any, Places]:
        self.skip()
        start = self.at
        try:
            value, inner = self.value(0)
        except RecursionError:
            raise DocumentError(f"is nested deeper than {MAX_DEPTH} levels") from None
        self.skip()
        if self.at < len(self.text):
            raise self.error("expected nothing after the end of the document")
        return value, (start, inner)

    def skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def peek(self) -> str:
        self.skip()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> tuple[Any, "dict[str | int, Places] | None"]:
        if depth > MAX_DEPTH:
            raise DocumentError(f"is nested deeper than {MAX_DEPTH} levels")
        first = self.peek()
        if first == "{":
            return self.properties(depth)
        if first == "[":
            return self.elements(depth)
        if first in QUOTES:
            return self.string(), None
        found = _SCALAR.match(self.text, self.at)
        if not found:
            raise self.error("expected a value")
        word = found[0]
        try:
            value = _WORDS[word] if word in _WORDS else json.loads(word)
        except ValueError:  # more digits than Python turns into a number
            raise self.error("this number is too long") from None
        self.at = found.end()
        return value, None

    def properties(self, depth: int) -> tuple[Any, "dict[str | int, Places]"]:
        values: dict[str, Any] = {}
        places: dict[str | int, Places] = {}
        self.at += 1
        while (first := self.peek()) != "}":
            start = self.at
            if first not in QUOTES:
                raise self.error('expected a property name in double quotes or "}"')
            key = self.string()
            if self.peek() != ":":
                raise self.error('expected ":" after the property name')
            self.at += 1
            values[key], inner = self.value(depth + 1)
            places[key] = (start, inner)
            self.comma("}")
        self.at += 1
        return values, places

    def elements(self, depth: int) -> tuple[Any, "dict[str | int, Places]"]:
        values: list[Any] = []
        places: dict[str | int, Places] = {}
        self.at += 1
        while self.peek() != "]":
            start = self.at
            value, inner = self.value(depth + 1)
            places[len(values)] = (start, inner)
            values.append(value)
            self.comma("]")
        self.at += 1
        return values, places

    def comma(self, end: str) -> None:
        following = self.peek()
        if following == ",":
            self.at += 1
        elif following != end:
            raise self.error(f'expected "," or "{end}"')

    def string(self) -> str:
        single = self.text[self.at] == "'"
        found = (_SINGLE if single else _STRING).match(self.text, self.at)
        if not found:
            raise self.error("a string that begins here does not end")
        quoted = _doubled(found[0]) if single else found[0]
        try:
            value: str = json.loads(quoted, strict=False)
        except ValueError:
            raise self.error("this string has an escape that JSON does not know") from None
        self.at = found.end()
        return value

    def error(self, problem: str) -> DocumentError:
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - (self.text.rfind("\n", 0, self.at) + 1) + 1
        seen = "the file ends" if self.at >= len(self.text) else f"found {self.text[self.at : self.at + 12]!r}"
        return DocumentError(f"is not JSON: line {line}, column {column}: {problem}; {seen}")


def _doubled(single: str) -> str:
    """A string in single quotes as one in double quotes."""
    inner = re.sub(r"\\.|\"", lambda found: {"\\'": "'", '"': '\\"'}.get(found[0], found[0]), single[1:-1])
    return f'"{inner}"'
