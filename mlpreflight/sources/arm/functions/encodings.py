"""String functions that write text in another alphabet: base64, data URIs, and addresses.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string
"""

from collections.abc import Callable

from mlpreflight.documents import DocumentError, from_text
from mlpreflight.sources.arm.functions.arguments import BadCall, node, parts, text, together
from mlpreflight.values import Text, Unknown, Value, lift


def json(value: Value) -> Value:
    return _read(text(value), "the text is no JSON")


def _read(written: str, refused: str) -> Value:
    """JSON, read as leniently as a template is; an empty text is null."""
    if not written.strip():
        return None
    try:
        return lift(from_text(written, "a text", yaml=False).value, node(None).where).value
    except DocumentError:
        raise BadCall(refused) from None


def base64(value: Value) -> Value:
    from base64 import b64encode

    return b64encode(text(value).encode("utf-8", "surrogatepass")).decode("ascii")


def base64_to_string(value: Value) -> Value:
    return _decoded(text(value))


def base64_to_json(value: Value) -> Value:
    return _read(_decoded(text(value)), "what the base64 holds is no JSON")


def _decoded(written: str) -> str:
    from base64 import b64decode

    try:
        return b64decode(written, validate=True).decode("utf-8")
    except ValueError:
        raise BadCall("the text is no base64") from None


def data_uri(value: Value) -> Value:
    return f"data:text/plain;charset=utf8;base64,{base64(text(value))}"


def data_uri_to_string(value: Value) -> Value:
    from urllib.parse import unquote

    head, comma, data = text(value).partition(",")
    if not comma or not head.lower().startswith("data:"):
        raise BadCall("the text is no data URI")
    return _decoded(data) if head.lower().endswith(";base64") else unquote(data)


def uri(base: Value, relative: Value) -> Value:
    """A base address with a relative one; the file name of the base is left out unless it ends in a slash."""
    from urllib.parse import urljoin

    if isinstance(base, Unknown) or (isinstance(base, Text) and base.holes):
        return _onto(parts(base), parts(relative))
    whole, added = text(base), text(relative)
    if whole.endswith("/"):
        return whole + added.lstrip("/") if "://" not in added else added
    try:
        return urljoin(whole, added)
    except ValueError:
        raise BadCall("the text is no address") from None


def _onto(whole: Text, relative: Text) -> Value:
    last = whole.parts[-1]
    slash = isinstance(last, str) and last.endswith("/")
    return together((whole, relative) if slash else (whole, Text(("/",)), relative))


def uri_component(value: Value) -> Value:
    from urllib.parse import quote

    return quote(text(value).encode("utf-8", "surrogatepass"), safe="!'()*")


def uri_component_to_string(value: Value) -> Value:
    from urllib.parse import unquote

    return unquote(text(value))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "base64": base64,
    "base64tojson": base64_to_json,
    "base64tostring": base64_to_string,
    "datauri": data_uri,
    "datauritostring": data_uri_to_string,
    "json": json,
    "uri": uri,
    "uricomponent": uri_component,
    "uricomponenttostring": uri_component_to_string,
}
