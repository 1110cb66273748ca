"""Checking the keys of our own YAML: every unknown one is an error with a suggestion."""

from collections.abc import Iterable
from typing import Any

from mlpreflight.documents import DocumentError
from mlpreflight.suggestions import nearest
from mlpreflight.values import Where


def problem(where: Where, text: str) -> DocumentError:
    """An error at a place in one of our own files."""
    line, column = where.position or (1, 1)
    return DocumentError(f"line {line}, column {column}: {text}")


def check_keys(value: Any, where: Where, known: Iterable[str], what: str) -> dict[str, Any]:
    """An object of which every key is known. Raises DocumentError."""
    if not isinstance(value, dict):
        raise problem(where, f"{what} must be keys and values")
    names = list(known)
    for key in value:
        if key not in names:
            near = nearest(key, names)
            raise problem(
                where.child(key), f"unknown key {key!r} in {what}" + (f"; did you mean {near!r}?" if near else "")
            )
    return value


def text(value: Any, where: Where, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise problem(where, f"{what} must be text")
    return value


def texts(value: Any, where: Where, what: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise problem(where, f"{what} must be a list")
    return tuple(text(one, where.child(at), what) for at, one in enumerate(value))


def one_of(value: Any, where: Where, known: Iterable[str], what: str) -> str:
    names = list(known)
    word = text(value, where, what)
    if word not in names:
        near = nearest(word, names)
        hint = f"did you mean {near!r}?" if near else f"write one of {', '.join(names)}"
        raise problem(where, f"{word!r} is no {what}; {hint}")
    return word
