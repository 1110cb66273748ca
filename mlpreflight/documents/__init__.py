"""YAML and JSON as people write them, with the place of every value and with limits on what is read."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from mlpreflight.documents import json_text
from mlpreflight.documents.limits import MAX_BYTES, MAX_DEPTH, DocumentError

__all__ = ["MAX_BYTES", "Document", "DocumentError", "from_text", "read"]

YAML_SUFFIXES = (".yaml", ".yml")

Key = str | int


class Document:
    """One parsed file: its value, and where each part of it stands.

    `name` is the path as reports print it; `value` is made of dict, list, str, int, float, bool and None.
    Positions of JSON are worked out when somebody first asks, since most files are only ever read.
    """

    def __init__(
        self, name: str, text: str, value: object, places: "json_text.Places | None" = None, raw: bytes | None = None
    ) -> None:
        self.name = name
        self.text = text
        self.value = value
        self._places = places
        self._raw = raw

    def __repr__(self) -> str:
        return f"Document({self.name!r})"

    @cached_property
    def _index(self) -> "json_text.Places":
        return self._places or json_text.places(self.text)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the file as it was read, in hexadecimal."""
        import hashlib  # it loads OpenSSL, and most reports print no digest

        raw = self.text.encode("utf-8", "surrogatepass") if self._raw is None else self._raw
        return hashlib.sha256(raw).hexdigest()

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def forget(self) -> None:
        """Lets the value go. What was judged is only pointed at from then on, and that takes the text alone."""
        self.value = None

    def position(self, path: Sequence[Key]) -> tuple[int, int]:
        """Line and column, both from 1, of the value at this path, or of its nearest ancestor that was written.

        A property's position is that of its name, where an editor should jump; an element's is where it begins.
        """
        offset, inner = self._index
        for key in path:
            below = inner.get(key) if inner else None
            if below is None:
                break
            offset, inner = below
        return self.line_and_column(offset)

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of a character of the text."""
        from bisect import bisect_right

        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1


def read(path: Path, name: str) -> Document:
    """Reads a JSON or YAML file; `name` is what reports call it.

    Raises DocumentError, with a sentence for people, for whatever cannot be read.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DocumentError(
                f"is {-(-size // 2**20)} MB; the limit is {MAX_BYTES // 2**20} MB. Hand in a smaller selection of it"
            )
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"cannot be opened: {error.strerror or error}") from None
    text = decode(raw)
    is_plain = json.detect_encoding(raw) == "utf-8"  # then the text is the file, and is held once
    return from_text(text, name, yaml=path.suffix.lower() in YAML_SUFFIXES, raw=None if is_plain else raw)


def from_text(text: str, name: str, *, yaml: bool, raw: bytes | None = None) -> Document:
    """A document from text that is already at hand. Raises DocumentError."""
    if not text.strip():
        raise DocumentError("is empty")
    if yaml:
        from mlpreflight.documents import yaml_text

        value, places = yaml_text.parse(text)
        return Document(name, text, value, places, raw)
    try:
        value = json.loads(text, strict=False, parse_constant=_refuse)
    except RecursionError:
        raise DocumentError(f"is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError:
        value, found = json_text.scan(text)
        return Document(name, text, value, found, raw)
    _refuse_depth(value)
    return Document(name, text, value, None, raw)


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _refuse_depth(value: object) -> None:
    level: list[object] = [value]
    depth = 0
    while level := [
        inner
        for outer in level
        if isinstance(outer, dict | list)
        for inner in (outer.values() if isinstance(outer, dict) else outer)
        if isinstance(inner, dict | list)
    ]:
        depth += 1
        if depth > MAX_DEPTH:
            raise DocumentError(f"is nested deeper than {MAX_DEPTH} levels")


def decode(raw: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or UTF-32, with or without a byte order mark. Raises DocumentError."""
    encoding = json.detect_encoding(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DocumentError(
            f"is not {encoding.upper().removesuffix('-SIG')} text: byte 0x{raw[error.start]:02x} in line {line}. "
            "Save it as UTF-8"
        ) from None
    return text.removeprefix("\ufeff")
