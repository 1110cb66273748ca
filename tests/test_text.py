"""Text with holes: comparison is never wrong, whatever the holes turn out to hold."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpreflight.text import Text, compare
from mlpreflight.unknown import NotEnoughEvidence, Unknown

HOLES = [Unknown.because("why", name) for name in "xy"]
EACH_TIME = Unknown("why", "newGuid()", key="newguid()", repeatable=False)
FILLINGS = ["", "a", "b", "ab", "ba", "A/b"]
TEXTS = st.lists(st.sampled_from(["a", "b", "/", "Ab", *HOLES]), max_size=4).map(Text)


def filled(text: Text, filling: dict[str, str]) -> str:
    return "".join(part if isinstance(part, str) else filling[part.key] for part in text.parts)


@given(TEXTS, TEXTS, st.booleans())
def test_comparison_agrees_with_every_way_to_fill_the_holes(one: Text, other: Text, cased: bool) -> None:
    worlds = set()
    for x, y in product(FILLINGS, repeat=2):
        left, right = (filled(text, {"x": x, "y": y}) for text in (one, other))
        worlds.add(left == right if cased else left.lower() == right.lower())
    answer = compare(one, other, cased)
    if answer is not None:
        assert worlds == {answer}, "it claims to know, and one filling says otherwise"
    if not one.holes and not other.holes:
        assert answer is not None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (["abc"], ["ABC"], True),
        (["st", HOLES[0]], ["st", HOLES[0]], True),
        (["st", HOLES[0]], ["st", HOLES[1]], None),
        (["st", HOLES[0]], ["kv", HOLES[0]], False),
        ([HOLES[0], "-a"], [HOLES[0], "-b"], False),
        (["vnet/", HOLES[0]], ["vnet/snet"], None),
        (["vnet/", HOLES[0]], ["other/snet"], False),
        ([HOLES[0], "/snet"], ["vnet/snet-2"], False),
        ([HOLES[0]], [""], None),
        ([HOLES[0], "a"], [""], False),
        ([EACH_TIME], [EACH_TIME], None),
        (["a", HOLES[0], "b", HOLES[1], "c"], ["a-b-c"], None),
        (["a", HOLES[0], "b", HOLES[1], "c"], ["a-c"], False),
    ],
)
def test_comparison(one: list, other: list, expected: bool | None) -> None:
    assert compare(Text(one), Text(other)) is expected
    assert compare(Text(other), Text(one)) is expected


def test_what_is_open_raises_when_asked_for_a_truth() -> None:
    with pytest.raises(NotEnoughEvidence, match="why"):
        assert Text(["st", HOLES[0]]) == "storage"
    with pytest.raises(NotEnoughEvidence):
        assert Text([HOLES[0]]).known


def test_secrets_do_not_print() -> None:
    secret = Text(["hunter2"], secret=True)
    assert "hunter2" not in f"{secret} {secret!r} {(Text(['x']) + secret).written} {secret.split('t')}"
    assert secret.known == "hunter2"
