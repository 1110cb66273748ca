"""Files as people write them, and files that were never meant to be read."""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mlpreflight.documents import MAX_BYTES, DocumentError, decode, from_text, read
from mlpreflight.documents.json_text import places, scan

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")


def inside(value: object) -> Iterator[object]:
    """Everything in plain data, keys too."""
    yield value
    if isinstance(value, dict | list):
        for one in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from inside(one)


def paths(value: object, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of everything inside plain data."""
    below: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        below = list(value.items())
    if isinstance(value, list):
        below = list(enumerate(value))
    return [here, *(path for key, inner in below for path in paths(inner, (*here, key)))]


@given(PLAIN, st.sampled_from([None, 1, 4]))
def test_json_reads_as_the_standard_parser_and_knows_every_place(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    assert scan(text)[0] == value
    document = from_text(text, "x.json", yaml=False)
    assert document.value == value
    lines = text.split("\n")
    for path in paths(value)[1:]:
        line, column = document.position(path)
        rest = lines[line - 1][column - 1 :]
        key = path[-1]
        assert rest.startswith(json.dumps(key) + ":") if isinstance(key, str) else rest


@given(PLAIN)
@example("0e0")
def test_yaml_reads_what_a_yaml_writer_wrote(value: object) -> None:
    """PyYAML writes YAML 1.1, in which 0e0 is text and needs no quotes; it is a number in 1.2, which we read."""
    assume(not any(isinstance(one, str) and NUMBER.fullmatch(one) for one in inside(value)))
    document = from_text(yaml.safe_dump(value), "x.yaml", yaml=True)
    assert document.value == value


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    for is_yaml in (False, True):
        with contextlib.suppress(DocumentError):  # anything else is a bug
            from_text(text, "x", yaml=is_yaml)


@given(PLAIN, st.data())
def test_half_a_json_file_is_refused(value: object, data: st.DataObject) -> None:
    text = json.dumps({"a": value})
    cut = data.draw(st.integers(1, len(text) - 1))
    with pytest.raises(DocumentError, match="is not JSON: line 1, column"):
        from_text(text[:cut], "x.json", yaml=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('// head\n{"a": 1, /* why */ "b": [1, 2,], }', {"a": 1, "b": [1, 2]}),
        ('{"a": "one\n\ttwo"}', {"a": "one\n\ttwo"}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"a": "http://x/*y*/"} // tail', {"a": "http://x/*y*/"}),
        ('{"a":\u00a01}', {"a": 1}),
    ],
)
def test_the_liberties_that_azure_takes_with_json(text: str, expected: object) -> None:
    assert from_text(text, "x.json", yaml=False).value == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("  \n ", "is empty"),
        ("{", 'line 1, column 2: expected a property name in double quotes or "}"; the file ends'),
        ('{"a" 1}', 'line 1, column 6: expected ":" after the property name'),
        ('{"a": 1 "b": 2}', 'line 1, column 9: expected "," or "}"'),
        ('{"a": nope}', "line 1, column 7: expected a value; found 'nope}'"),
        ('{"a": NaN}', "line 1, column 7: expected a value"),
        ('{"a": "x', "line 1, column 7: a string that begins here does not end"),
        ('{"a": "\\q"}', "this string has an escape that JSON does not know"),
        ("{} {}", "expected nothing after the end of the document"),
        ("[" * 100_000, "is nested deeper than 200 levels"),
        ("[" * 300 + "]" * 300, "is nested deeper than 200 levels"),
        ('{"a": ' + "9" * 10_000 + "}", "this number is too long"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        from_text(text, "x.json", yaml=False)
    assert message in str(caught.value)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + at)}: &{chr(98 + at)} [{', '.join([f'*{chr(97 + at)}'] * 10)}]\n" for at in range(8)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c", "line 1, column 5: mapping values are not allowed"),
        ("a: !!python/object/apply:os.system ['true']", "the tag tag:yaml.org,2002:python/object/apply:os.system"),
        ("a: !Ref x", "the tag !Ref is not read"),
        ("a: &x 1\nb: {<<: *x}", "merge keys (<<) are not read"),
        ("a: *nowhere", "nothing is called &nowhere before this"),
        ("a: 1\na: 2", "line 2, column 1: 'a' stands twice"),
        ("a: 1\n---\nb: 2", "a second document begins here"),
        ("? [a]\n: b", "a name must be text"),
        (BOMB, "the aliases describe more than 2,000,000 values"),
        ("[" * 300 + "]" * 300, "is nested deeper than 200 levels"),
        ("a: \x00", "the character"),
        ("a: " + "9" * 10_000, "this number is too long"),
        ("\t- a", "is not YAML"),
    ],
)
def test_what_is_no_yaml_for_us_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        from_text(text, "x.yaml", yaml=True)
    assert message in str(caught.value)


def test_an_alias_to_itself_is_refused() -> None:
    with pytest.raises(DocumentError, match="nothing is called &a before this"):
        from_text("a: &a [*a]", "x.yaml", yaml=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2026-11-20", "2026-11-20"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("tRue", "tRue"),
        ("null", None),
        ("~", None),
        ("17", 17),
        ("-1.5e3", -1500.0),
        ("'17'", "17"),
        ("1.2.3.4", "1.2.3.4"),
    ],
)
def test_plain_words_of_yaml_follow_version_1_2(text: str, expected: object) -> None:
    assert from_text(f"a: {text}", "x.yaml", yaml=True).value == {"a": expected}


def test_positions_in_yaml() -> None:
    document = from_text("a:\n  - b: 1\n    c: {d: 2}\n", "x.yaml", yaml=True)
    assert document.position(("a",)) == (1, 1)
    assert document.position(("a", 0, "c", "d")) == (3, 9)
    assert document.position(("a", 0, "missing")) == (2, 5), "the nearest ancestor that was written"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes('{"größe": 1}'.encode(encoding))
    assert read(path, "x.json").value == {"größe": 1}


def test_what_is_no_text_is_told() -> None:
    with pytest.raises(DocumentError, match="is not UTF-8 text: byte 0xff in line 2. Save it as UTF-8"):
        decode(b'{"a": 1,\n"b": "\xff\xfe"}')


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path / "missing.json", "cannot be opened: No such file or directory"),
        (tmp_path, "cannot be opened: Is a directory"),
    ):
        with pytest.raises(DocumentError, match=message):
            read(path, "x")
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(DocumentError, match="is 33 MB; the limit is 32 MB"):
        read(large, "large.json")


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "x.json"
    path.write_bytes('{"a": 1}\r\n'.encode("utf-16"))
    assert read(path, "x").digest == hashlib.sha256(path.read_bytes()).hexdigest()


@given(PLAIN, st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_places_are_found_alike_with_and_without_the_values(value: object, indent: object, ascii: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)  # type: ignore[arg-type]
    assert places(text) == scan(text)[1]
