"""Lists of service tags: their sets against Python's own, files that are none, and what is kept of them."""

import ipaddress
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpreflight import data
from mlpreflight.documents import DocumentError
from mlpreflight.network import addresses, intervals, tag_names
from mlpreflight.network.addresses import V6
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.service_tags import ServiceTags, fewest, parsed
from mlpreflight.network.tag_names import Standing
from mlpreflight.sources.service_tags import packed, read, unpacked
from mlpreflight.values import NotEnoughEvidence

NAME = "ServiceTags_Public_20251028.json"
TAG = "AzureMachineLearning"
LIST = {
    TAG: ["13.0.0.0/27", "13.0.1.0/28", "13.0.2.0/28", "13.0.9.9/32", "2603:1030::/48"],
    f"{TAG}.EastUS2": ["13.0.0.0/28", "13.0.1.0/28", "2603:1030::/49"],
    f"{TAG}.CentralUS": ["13.0.0.16/28", "13.0.2.0/28"],
    "Storage": ["20.0.0.0/16"],
}


def whole(tags: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A list as Microsoft publishes it."""
    values = [
        {"name": name, "id": name, "properties": {"region": "", "addressPrefixes": prefixes}}
        for name, prefixes in tags.items()
    ]
    return {"changeNumber": 375, "cloud": "Public", "values": values, **parts}


def listed(tags: dict[str, Any], **parts: Any) -> ServiceTags:
    return parsed(json.dumps(whole(tags, **parts)).encode(), NAME)


def networks(numbers: Intervals) -> list[str]:
    """The fewest prefixes as the standard library finds them."""
    found: list[str] = []
    for first, last in numbers:
        for base, kind, end in ((0, ipaddress.IPv4Address, V6 - 1), (V6, ipaddress.IPv6Address, V6 + (1 << 128) - 1)):
            low, high = max(first, base), min(last, end)
            if low <= high:
                found += map(str, ipaddress.summarize_address_range(kind(low - base), kind(high - base)))
    return found


def places(base: int, bits: int) -> st.SearchStrategy[Intervals]:
    edge = st.sampled_from([0, 1, (1 << bits) - 2, (1 << bits) - 1])
    number = st.one_of(edge, st.integers(0, (1 << bits) - 1), st.integers(0, 64))
    pairs = st.lists(st.tuples(number, number), max_size=5)
    return pairs.map(lambda drawn: intervals.merged((base + min(one), base + max(one)) for one in drawn))


@given(places(0, 32), places(V6, 128))
def test_the_fewest_prefixes_are_those_of_the_standard_library(small: Intervals, large: Intervals) -> None:
    numbers = intervals.union(small, large)
    found = fewest(numbers)
    assert found == networks(numbers)
    assert intervals.merged(pair for one in found for pair in addresses.prefix(one) or ()) == numbers


# Prefixes of one small network, so that all addresses can be counted out.
SMALL = st.lists(st.tuples(st.integers(0, 255), st.integers(24, 32)), max_size=6).map(
    lambda drawn: [str(ipaddress.ip_network(f"10.0.0.{host}/{length}", strict=False)) for host, length in drawn]
)


def hosts(prefixes: list[str]) -> set[ipaddress.IPv4Address]:
    return {host for one in prefixes for host in ipaddress.IPv4Network(one)}


@given(SMALL, SMALL)
def test_what_is_missing_of_a_tag_is_counted_out(mine: list[str], theirs: list[str]) -> None:
    tags = listed({"Mine": mine, "Theirs": theirs})
    left = list(ipaddress.collapse_addresses(ipaddress.IPv4Network(host) for host in hosts(mine) - hosts(theirs)))
    assert tags.missing("Mine", tags.numbers("Theirs")) == [str(one) for one in left]
    assert tags.holds("theirs", "mine") == (not left)
    collapsed = ipaddress.collapse_addresses(map(ipaddress.IPv4Network, mine))
    assert tags.prefixes("MINE") == [str(one) for one in collapsed]
    half = addresses.prefix("10.0.0.0/25") or ()
    assert hosts(tags.missing("mine", (), of=half)) == hosts(mine) & hosts(["10.0.0.0/25"])


WRITTEN = st.one_of(
    st.ip_addresses().flatmap(lambda one: st.integers(0, 140).map(lambda length: f"{one}/{length}")),
    st.ip_addresses().map(str),
    st.from_regex(r"[0-9a-fA-F:./]{0,30}", fullmatch=True),
)


@given(WRITTEN)
def test_every_prefix_is_read_as_the_standard_library_reads_it(text: str) -> None:
    tags = listed({"One": [text]})
    try:
        numbers = tags.numbers("One")
    except NotEnoughEvidence:
        assert addresses.prefix(text) is None
    else:
        assert numbers == addresses.prefix(text)


@given(st.dictionaries(st.sampled_from(["A", "Bb", "C.D"]), st.lists(WRITTEN.filter(addresses.prefix), max_size=5)))
def test_a_kept_list_says_what_the_file_said(drawn: dict[str, list[str]]) -> None:
    tags = listed({**LIST, **drawn})
    kept = unpacked(packed(tags))
    assert (kept.file, kept.cloud, kept.change_number, kept.day) == (NAME, "AzureCloud", 375, date(2025, 10, 28))
    assert list(kept) == list(tags)
    assert all(kept.numbers(tag) == tags.numbers(tag) for tag in tags)
    assert TAG.upper() in kept
    assert not {"azure", "", "a\tA", "storage\n", "ä"} & {word for word in ("azure", "", "a\tA", "ä") if word in kept}
    assert kept.missing(TAG, kept.numbers(f"{TAG}.EastUS2"), of=addresses.ALL_V4) == [
        "13.0.0.16/28",
        "13.0.2.0/28",
        "13.0.9.9/32",
    ]


def test_a_tag_is_worked_out_only_when_somebody_asks() -> None:
    tags = listed({**LIST, "Broken": ["1.2.3.4/99"], "Odd": [7], "Nested": [["1.2.3.4"]]})
    assert tags.holds(TAG, f"{TAG}.EastUS2")
    assert tags.holds("13.0.0.0/8", "13.0.1.0/24")
    for tag, seen in (("Broken", "1.2.3.4/99"), ("Odd", "'7'"), ("Nested", "1.2.3.4")):
        with pytest.raises(NotEnoughEvidence, match=seen.replace(".", r"\.")):
            tags.numbers(tag)
    with pytest.raises(NotEnoughEvidence, match="Nothing is not among the service tags of 2025-10-28"):
        tags.numbers("Nothing")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe\xfd", "is not UTF-16 text"),
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"values": %s1}' % (b"9" * 5000), "is not JSON"),
        (b"[]", "it has no list called 'values'"),
        (b'{"values": {}}', "it has no list called 'values'"),
        (b'{"values": [], "cloud": "Public"}', "lists no service tag at all"),
        (b'{"values": [], "cloud": "AzureGermany"}', "cloud 'AzureGermany', which is none that is known"),
        (b'{"values": []}', "cloud 'None', which is none that is known"),
        (json.dumps(whole({"A": "10.0.0.0/8"})).encode(), "number 1 of its values is none"),
        (json.dumps(whole({"A\nB": []})).encode(), "number 1 of its values is none"),
        (json.dumps(whole({"A": []}) | {"values": [7]}).encode(), "number 1 of its values is none"),
        (json.dumps(whole({}) | {"values": [{"name": "A"}]}).encode(), "number 1 of its values is none"),
        (json.dumps(whole({}) | {"values": [{"name": 1, "properties": {"addressPrefixes": []}}]}).encode(), "is none"),
    ],
)
def test_what_is_no_list_of_tags_is_told(raw: bytes, told: str) -> None:
    with pytest.raises(DocumentError, match=told):
        parsed(raw, NAME)


def test_what_tells_the_day_and_the_change() -> None:
    assert listed(LIST).day == date(2025, 10, 28)
    for name in ("tags.json", "ServiceTags_Public_20251399.json", "ServiceTags_Public_20251028.json.bak"):
        tags = parsed(json.dumps(whole(LIST)).encode("utf-8-sig"), name)
        assert tags.day is None
        assert str(tags) == f"the service tags in {name}"
    for number, read_as in (("114", 114), (114, 114), (True, None), (None, None), ("x", None), (1.5, None)):
        assert listed(LIST, changeNumber=number).change_number == read_as
    assert listed(LIST, cloud="AzureGovernment").cloud == "AzureUSGovernment"


@given(st.binary(max_size=200), st.integers(0, 200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_kept_list_is_told(noise: bytes, size: int) -> None:
    raw = packed(listed(LIST))
    for damaged in (
        raw[: min(size, len(raw) - 1)],
        raw[:40] + noise + raw[40 + len(noise) :] + b"x",
        raw + noise + b"x",
    ):
        if damaged.startswith(raw[:27]):
            with pytest.raises(DocumentError, match="is damaged"):
                unpacked(damaged)


# Microsoft's own lists, where MLPREFLIGHT_SERVICE_TAGS names a folder with some: none may be shipped.

NEEDED = [
    "AzureActiveDirectory",
    "AzureArcInfrastructure",
    "AzureContainerRegistry",
    "AzureFrontDoor.FirstParty",
    "AzureFrontDoor.Frontend",
    "AzureKeyVault",
    "AzureMachineLearning",
    "AzureMonitor",
    "AzureResourceManager",
    "BatchNodeManagement",
    "MicrosoftContainerRegistry",
    "Storage",
]

LISTS = sorted(Path(os.environ.get("MLPREFLIGHT_SERVICE_TAGS", os.devnull)).glob("ServiceTags_*.json"))

if LISTS:

    def blocks(tags: ServiceTags, *names: str) -> int:
        numbers = intervals.merged(pair for name in names for pair in tags.numbers(name))
        return len(fewest(intervals.intersection(numbers, addresses.ALL_V4)))

    @pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
    def test_a_region_of_a_tag_is_inside_of_the_tag(path: Path) -> None:
        tags = read(path)
        regional = [tag for tag in tags if "." in tag and tag.split(".")[0] in tags]
        assert len(regional) > 100
        assert [tag for tag in regional if not tags.holds(tag.split(".")[0], tag)] == []

    @pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
    def test_what_azurecloud_does_not_hold(path: Path) -> None:
        tags = read(path)
        clouds = intervals.intersection(tags.numbers("AzureCloud"), addresses.ALL_V4)
        needed = [tag for tag in NEEDED if tag in tags]
        out = {tag for tag in needed if tags.missing(tag, clouds, of=addresses.ALL_V4)}
        assert out <= {"AzureActiveDirectory", "Storage", "AzureFrontDoor.Frontend", "AzureFrontDoor.FirstParty"}
        if tags.cloud == "AzureCloud":
            assert len(out) == 4
            parts = intervals.intersection(tags.numbers("AzureFrontDoor.FirstParty"), clouds)
            assert not parts, "nothing of it is in AzureCloud"

    @pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
    def test_every_name_is_known_to_the_table(path: Path) -> None:
        tags = read(path)
        table = data.table("tag_names")
        if str(tags.day) != table["lists"][tags.cloud]:
            return  # the table is of another day
        for tag in tags:
            assert tag_names.spelling(tag, tags.cloud).standing is Standing.TAG, tag
            assert tag_names.exactly(tag, tags.cloud, tags, str(tags)).standing is Standing.TAG, tag
        families = {tag.split(".")[0] for tag in tags}
        absent = table["absent"][tags.cloud]
        assert not [name for name in (*table["regional"], *table["whole"]) if (name in families) is (name in absent)]
        for name in table["regional"]:
            for region in table["regions"][tags.cloud]:
                known = tag_names.spelling(f"{name}.{region}", tags.cloud)
                assert (known.standing is Standing.TAG) == (f"{name}.{region}" in tags), (name, region)

    @pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
    def test_a_kept_list_is_the_same_list(path: Path) -> None:
        tags = read(path)
        kept = unpacked(packed(tags))
        assert all(kept.numbers(tag) == tags.numbers(tag) for tag in tags)


if known := [path for path in LISTS if path.name == NAME]:

    def test_the_control_plane_in_blocks() -> None:
        tags = read(known[0])
        assert blocks(tags, f"{TAG}.EastUS2", f"{TAG}.CentralUS") == 15
        assert blocks(tags, f"{TAG}.WestEurope", f"{TAG}.NorthEurope") == 14
        assert blocks(tags, f"{TAG}.EastUS", f"{TAG}.WestUS") == 14
        assert blocks(tags, TAG) == 255, "they cannot be joined"
