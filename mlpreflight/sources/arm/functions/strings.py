"""String functions.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string
"""

import base64 as base64_codec
import binascii
import json as json_codec
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote, urljoin

from mlpreflight.sources.arm.functions.arguments import (
    MAX_TEXT,
    BadCall,
    Doubt,
    items,
    joined,
    listed,
    node,
    number,
    parts,
    refusal,
    text,
    together,
)
from mlpreflight.sources.arm.functions.collections import chain
from mlpreflight.values import Fields, Items, Text, Unknown, Value, lift

_FIELD = re.compile(r"\{\{|\}\}|\{(\d{1,4})((?:,[^{}:]*)?(?::[^{}]*)?)\}")


def concat(*values: Value) -> Value:
    """Texts one after the other, or lists one after the other."""
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
    padded = re.fullmatch(r":[Dd](\d{1,2})", style)
    if not padded:
        raise Doubt(Unknown.because(f"the format `{style[1:]}` is not evaluated", f"the format `{style[1:]}`"))
    return Text((f"{number(value):0{int(padded[1])}d}",))


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
    head = _known_head(value)
    if head is not None and length is not None and first + size <= len(head):
        return head[first : first + size]
    whole = text(value)
    if first + size > len(whole):
        raise BadCall(f"the text has {len(whole)} characters, {first + size} are asked for")
    return whole[first : first + size] if length is not None else whole[first:]


def _known_head(value: Value) -> str | None:
    """What is known of the beginning of a text; None where all of it is known or nothing."""
    if isinstance(value, Text) and value.holes and isinstance(value.parts[0], str) and not value.secret:
        return value.parts[0]
    return None


def replace_(value: Value, old: Value, new: Value) -> Value:
    whole, before, after = text(value), text(old), text(new)
    if not before:
        return whole
    if len(whole) + whole.count(before) * (len(after) - len(before)) > MAX_TEXT:
        raise BadCall(f"the text is longer than {MAX_TEXT:,} characters")
    return whole.replace(before, after)


def split(value: Value, separator: Value) -> Value:
    marks = [text(node.value) for node in items(separator)] if isinstance(separator, Items) else [text(separator)]
    whole = text(value)
    pieces = [whole]
    for mark in marks:
        if not mark:
            raise BadCall("the separator is empty")
        pieces = [part for piece in pieces for part in piece.split(mark)]
    return listed(list(pieces))


def join(values: Value, separator: Value) -> Value:
    given = items(values)
    if given.more:
        raise Doubt(given.more)
    between = Text((text(separator),))
    return together(piece for at, one in enumerate(given) for piece in ((between,) if at else ()) + (parts(one.value),))


def starts_with(value: Value, start: Value) -> Value:
    head = _known_head(value)
    wanted = text(start).lower()
    if head is not None:
        if len(head) >= len(wanted):
            return head.lower().startswith(wanted)
        if not wanted.startswith(head.lower()):
            return False
    return text(value).lower().startswith(wanted)


def ends_with(value: Value, end: Value) -> Value:
    return text(value).lower().endswith(text(end).lower())


def pad_left(value: Value, width: Value, filler: Value = " ") -> Value:
    size = number(width)
    if size > 16_384:
        raise BadCall("the width is too large")
    return text(value if not isinstance(value, int) else str(value)).rjust(size, text(filler)[:1] or " ")


def string(value: Value) -> Value:
    return joined(parts(value))


def json(value: Value) -> Value:
    try:
        return lift(json_codec.loads(text(value)), node(None).where).value
    except (ValueError, RecursionError):
        raise BadCall("the text is no JSON") from None


def base64(value: Value) -> Value:
    return base64_codec.b64encode(text(value).encode("utf-8", "surrogatepass")).decode("ascii")


def base64_to_string(value: Value) -> Value:
    try:
        return base64_codec.b64decode(text(value), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise BadCall("the text is no base64") from None


def uri(base: Value, relative: Value) -> Value:
    """A base address with a relative one; the file name of the base is left out unless it ends in a slash."""
    if isinstance(base, Unknown) or (isinstance(base, Text) and base.holes):
        whole = parts(base)
        last = whole.parts[-1]
        if isinstance(last, str) and last.endswith("/"):
            return together((whole, parts(relative)))
        return together((whole, Text(("/",)), parts(relative)))
    return urljoin(text(base), text(relative))


def uri_component(value: Value) -> Value:
    return quote(text(value).encode("utf-8", "surrogatepass"), safe="!'()*")


def uri_component_to_string(value: Value) -> Value:
    return unquote(text(value))


def length(value: Value) -> Value:
    if isinstance(value, Items | Fields):
        if value.more:
            raise Doubt(value.more)
        return len(value.nodes)
    return len(text(value))


def index_of(value: Value, wanted: Value) -> Value:
    if isinstance(value, Items):
        from mlpreflight.sources.arm.functions.logic import equals

        return next((at for at, one in enumerate(value) if equals(one.value, wanted)), -1)
    return text(value).lower().find(text(wanted).lower())


def last_index_of(value: Value, wanted: Value) -> Value:
    return text(value).lower().rfind(text(wanted).lower())


def unique_string(*values: Value) -> Value:
    """Thirteen characters that depend on the arguments alone; which ones, only Azure tells."""
    raise Doubt(Unknown.because("only Azure can evaluate `uniqueString()`", "`uniqueString()`"))


def guid(*values: Value) -> Value:
    raise Doubt(Unknown.because("only Azure can evaluate `guid()`", "`guid()`"))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "base64": base64,
    "base64tostring": base64_to_string,
    "concat": concat,
    "endswith": ends_with,
    "format": format_,
    "guid": guid,
    "indexof": index_of,
    "join": join,
    "json": json,
    "lastindexof": last_index_of,
    "length": length,
    "padleft": pad_left,
    "replace": replace_,
    "split": split,
    "startswith": starts_with,
    "string": string,
    "substring": substring,
    "tolower": to_lower,
    "toupper": to_upper,
    "trim": trim,
    "uniquestring": unique_string,
    "uri": uri,
    "uricomponent": uri_component,
    "uricomponenttostring": uri_component_to_string,
}
