"""The expression language of templates: from text to a tree."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MAX_LENGTH = 24_576  # Azure's own limit for an expression
MAX_DEPTH = 60

SHOWN = 60  # of a long expression, its first characters


class Literal(NamedTuple):
    """A text or a number. `at` is where a part of an expression begins, in characters from 0."""

    value: str | int | float
    at: int = 0


class Call(NamedTuple):
    """A function by its lower-cased name; user functions carry their namespace ("contoso.name")."""

    name: str
    arguments: "tuple[Expression, ...]"
    shown: str
    at: int = 0


class Member(NamedTuple):
    """A property by name or an element by index. A `safe` one is null where it is absent."""

    target: "Expression"
    key: "Expression"
    shown: str
    safe: bool = False
    at: int = 0


Expression = Literal | Call | Member


class ExpressionError(Exception):
    """A text in brackets that is no expression; says what was expected and where."""


_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|(\.\?|\[\?|[()\[\],.]))")


@lru_cache(maxsize=20_000)
def parse(text: str) -> Expression:
    """The tree of an expression, without its outer brackets. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"it is longer than {MAX_LENGTH:,} characters")
    reader = _Reader(text)
    tree = reader.expression(0)
    if reader.kind:
        raise ExpressionError(f"expected nothing after column {reader.start + 1}")
    return tree


def shortened(expression: str) -> str:
    """An expression as reports show it."""
    return expression if len(expression) <= SHOWN else expression[: SHOWN - 1] + "…"


def is_expression(text: str) -> bool:
    """Is a template's string an expression? `[[` begins a literal bracket."""
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._tokens()
        self.start = self.end = 0
        self.kind = self.token = ""
        self.advance()

    def _tokens(self) -> Iterator[tuple[str, str, int, int]]:
        at = 0
        end = len(self.text.rstrip())
        while at < end:
            found = _TOKEN.match(self.text, at)
            if not found:
                raise ExpressionError(f"unexpected {self.text[at:].lstrip()[0]!r} at column {at + 1}")
            kind = ("string", "number", "name", found[4])[(found.lastindex or 1) - 1]
            yield kind, found[found.lastindex or 1], found.start(found.lastindex or 1), found.end()
            at = found.end()

    def advance(self) -> None:
        self.last = self.end
        self.kind, self.token, self.start, self.end = next(self.tokens, ("", "", len(self.text), len(self.text)))

    def expect(self, kind: str) -> None:
        if self.kind != kind:
            raise ExpressionError(f"expected {kind!r} at column {self.start + 1}")
        self.advance()

    def expression(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise ExpressionError(f"it is nested deeper than {MAX_DEPTH} levels")
        begin = self.start
        tree = self.primary(depth, begin)
        length = 0
        while self.kind in (".", ".?", "[", "[?"):
            length += 1
            if length > MAX_DEPTH:
                raise ExpressionError(f"it goes more than {MAX_DEPTH} levels down")
            safe = self.kind.endswith("?")
            if self.kind.startswith("."):
                self.advance()
                # The tokenizer takes dots into names: `a.b.c` after a call is three steps.
                steps = self.token.split(".") if self.kind == "name" else []
                if not steps or not all(steps) or len(steps) > MAX_DEPTH:
                    raise ExpressionError(f"expected a property name at column {self.start + 1}")
                here = self.start
                self.advance()
                for step in steps:
                    tree = Member(tree, Literal(step, here), self.text[begin : self.last], safe, begin)
            else:
                self.advance()
                key = self.expression(depth + 1)
                self.expect("]")
                tree = Member(tree, key, self.text[begin : self.last], safe, begin)
        return tree

    def primary(self, depth: int, begin: int) -> Expression:
        kind, token = self.kind, self.token
        if kind == "string":
            self.advance()
            return Literal(token[1:-1].replace("''", "'"), begin)
        if kind == "number":
            self.advance()
            return Literal(float(token) if "." in token else int(token), begin)
        if kind != "name":
            raise ExpressionError(f"expected a value at column {self.start + 1}")
        self.advance()
        if self.kind != "(":
            raise ExpressionError(f"expected '(' after {token!r} at column {self.start + 1}")
        self.advance()
        arguments: list[Expression] = []
        while self.kind != ")":
            arguments.append(self.expression(depth + 1))
            if self.kind == ",":
                self.advance()
            elif self.kind != ")":
                raise ExpressionError(f"expected ',' or ')' at column {self.start + 1}")
        self.advance()
        return Call(token.lower(), tuple(arguments), self.text[begin : self.last], begin)
