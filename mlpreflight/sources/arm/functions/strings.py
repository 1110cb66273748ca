"""String functions.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string
"""

import re
from collections.abc import Callable, Iterator

from mlpreflight.sources.arm.functions.arguments import (
    MAX_TEXT,
    BadCall,
    Doubt,
    items,
    joined,
    known_head,
    listed,
    node,
    number,
    parts,
    refusal,
    text,
    together,
)
from mlpreflight.sources.arm.functions.arrays import chain
from mlpreflight.values import Items, Text, Unknown, Value

BETWEEN_WORDS = frozenset("/,;:| ")
"""Separators that stand in no name of a subscription, a resource group or a region."""

_FIELD = re.compile(r"\{\{|\}\}|\{(\d{1,4})((?:,[^{}:]*)?(?::[^{}]*)?)\}")


def concat(*values: Value) -> Value:
    """Texts one after the other, or lists one after the other."""
    if not values:
        raise BadCall("0 arguments are given, at least 1 wanted")
    if any(isinstance(value, Items) for value in values):
        return chain(values)
    return together(parts(value) for value in values)


def format_(pattern: Value, *values: Value) -> Value:
    """A pattern with its fields filled in; of .NET's styles the padded whole number is known."""
    return together(_filled(text(pattern), values))


def _filled(pattern: str, values: tuple[Value, ...]) -> Iterator[Text]:
    at = 0
    for found in _FIELD.finditer(pattern):
        yield Text((pattern[at : found.start()],))
        at = found.end()
        if found[1] is None:
            yield Text((found[0][0],))
            continue
        index = int(found[1])
        if index >= len(values):
            raise BadCall(f"{{{index}}} has no argument")
        yield _styled(values[index], found[2]) if found[2] else parts(values[index])
    yield Text((pattern[at:],))


def _styled(value: Value, style: str) -> Text:
    """A value in one of .NET's styles: a width to fill, then how a whole number is written."""
    width, _, form = style.lstrip(",").partition(":") if style.startswith(",") else ("", "", style[1:])
    plain = parts(value)
    if form:
        found = re.fullmatch(r"([DdXxNnFf])(\d{1,2})?|(0{1,20})", form)
        if not found:
            raise Doubt(Unknown.because(f"the format `{form}` is not evaluated", f"the format `{form}`"))
        plain = Text((_number(number(value), found[1] or "D", found[2] or (str(len(found[3])) if found[3] else "")),))
    if not width.strip():
        return plain
    if plain.holes:
        raise Doubt(plain.holes[0])
    if not re.fullmatch(r"\s*-?\d{1,4}\s*", width):
        raise BadCall(f"{width!r} is no width")
    size = int(width)
    return Text((plain.known.rjust(size) if size > 0 else plain.known.ljust(-size),), plain.secret)


def _number(value: int, kind: str, digits: str) -> str:
    places = int(digits or 0)
    match kind.upper():
        case "D":
            return f"{'-' if value < 0 else ''}{abs(value):0{places}d}"
        case "X":
            if value < 0:
                raise BadCall("a negative number is not written in hexadecimal here")
            return f"{value:0{places}{kind}}"
        case "N":
            return f"{value:,.{places if digits else 2}f}"
        case _:
            return f"{value:.{places if digits else 2}f}"


def _cased(value: Value, change: Callable[[str], str], name: str) -> Value:
    if isinstance(value, Unknown):
        value = Text((value,))
    if not isinstance(value, str | Text):
        raise refusal(value, "text")
    if isinstance(value, str):
        return change(value)
    return joined(
        Text(
            (
                change(part)
                if isinstance(part, str)
                else part._replace(key=f"{name}({part.key})", shown=part.shown, folded=part.folded or part.key)
                for part in value.parts
            ),
            value.secret,
        )
    )


def to_lower(value: Value) -> Value:
    return _cased(value, str.lower, "tolower")


def to_upper(value: Value) -> Value:
    return _cased(value, str.upper, "toupper")


def trim(value: Value) -> Value:
    return text(value).strip()


def substring(value: Value, start: Value, length: Value = None) -> Value:
    first = number(start)
    size = number(length) if length is not None else 0
    if first < 0 or size < 0:
        raise BadCall("a start and a length are not negative")
    head = known_head(value, first + size)
    if head is not None and length is not None:
        return head[first:]
    whole = text(value)
    if first + size > len(whole):
        raise BadCall(f"the text has {len(whole)} characters, {first + size} are asked for")
    return whole[first : first + size] if length is not None else whole[first:]


def replace_(value: Value, old: Value, new: Value) -> Value:
    whole, before, after = text(value), text(old), text(new)
    if not before:
        return whole
    if len(whole) + whole.count(before) * (len(after) - len(before)) > MAX_TEXT:
        raise BadCall(f"the text is longer than {MAX_TEXT:,} characters")
    return whole.replace(before, after)


def split(value: Value, separator: Value) -> Value:
    """The pieces between separators. A hole that is no single word may hide some, beside the pieces that are known."""
    marks = [text(node.value) for node in items(separator)] if isinstance(separator, Items) else [text(separator)]
    if not all(marks):
        raise BadCall("the separator is empty")
    if isinstance(value, Text) and value.holes:
        return _split_around_holes(value, marks)
    pieces = [text(value)]
    for mark in marks:
        pieces = [part for piece in pieces for part in piece.split(mark)]
    return listed(pieces)


def _split_around_holes(value: Text, marks: list[str]) -> Value:
    pieces = [value]
    for mark in marks:
        pieces = [part for piece in pieces for part in piece.split(mark)]
    hiding = [at for at, piece in enumerate(pieces) if any(not hole.is_word for hole in piece.holes)]
    if not hiding and all(mark in BETWEEN_WORDS for mark in marks):
        return listed(joined(piece) for piece in pieces)
    hiding = hiding or [at for at, piece in enumerate(pieces) if piece.holes]
    head, tail = pieces[: hiding[0]], pieces[hiding[-1] + 1 :]
    nodes = tuple(node(joined(piece)) for piece in (*head, *tail))
    return Items(nodes, value.holes[0], len(head), len(tail))


def join(values: Value, separator: Value) -> Value:
    given = items(values)
    if given.more:
        raise Doubt(given.more)
    between = Text((text(separator),))
    return together(piece for at, one in enumerate(given) for piece in ((between,) if at else ()) + (parts(one.value),))


def starts_with(value: Value, start: Value) -> Value:
    wanted = text(start).lower()
    if isinstance(value, Text) and value.holes:
        return _begins(value, str(value.parts[0]).lower() if isinstance(value.parts[0], str) else "", wanted)
    return text(value).lower().startswith(wanted)


def ends_with(value: Value, end: Value) -> Value:
    wanted = text(end).lower()
    if isinstance(value, Text) and value.holes:
        last = value.parts[-1]
        return _begins(value, last.lower()[::-1] if isinstance(last, str) else "", wanted[::-1])
    return text(value).lower().endswith(wanted)


def _begins(value: Text, known: str, wanted: str) -> bool:
    """Does a text begin with another, as far as what is known of its beginning tells?"""
    if len(known) >= len(wanted) or not wanted.startswith(known):
        return known.startswith(wanted)
    raise Doubt(value.holes[0])


def pad_left(value: Value, width: Value, filler: Value = " ") -> Value:
    size, sign = number(width), text(filler)
    if size > 16_384:
        raise BadCall("the width is too large")
    if len(sign) != 1:
        raise BadCall("one character is wanted to fill with")
    return text(value if not isinstance(value, int) else str(value)).rjust(size, sign)


def string(value: Value) -> Value:
    return joined(parts(value))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "concat": concat,
    "endswith": ends_with,
    "format": format_,
    "join": join,
    "padleft": pad_left,
    "replace": replace_,
    "split": split,
    "startswith": starts_with,
    "string": string,
    "substring": substring,
    "tolower": to_lower,
    "toupper": to_upper,
    "trim": trim,
}
