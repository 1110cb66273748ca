"""Lists of service tags that users bring, and what is exactly so by one: the addresses of a tag, and of several."""

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Protocol

from mlpreflight.documents import DocumentError, decode
from mlpreflight.network import addresses, intervals
from mlpreflight.network.addresses import V6
from mlpreflight.network.intervals import Intervals
from mlpreflight.unknown import NotEnoughEvidence

# What the files, and the interface that lists tags, call the clouds.
CLOUDS = {"public": "AzureCloud", "azuregovernment": "AzureUSGovernment", "china": "AzureChinaCloud"}

NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,99}\Z")
_V4 = re.compile(r"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})/(\d{1,2})\Z", re.ASCII)
_V6 = re.compile(
    r"((?:[0-9a-fA-F]{1,4}:){0,6}[0-9a-fA-F]{1,4})::((?:[0-9a-fA-F]{1,4}:){0,6}[0-9a-fA-F]{1,4})?/(\d{1,3})\Z"
)
_DAY = re.compile(r"_(\d{4})(\d{2})(\d{2})\.json\Z", re.IGNORECASE)


class Entries(Protocol):
    """The tags of a list, by their names in lower case."""

    def names(self) -> Mapping[str, str]:
        """Each tag as Azure writes it."""

    def __contains__(self, name: object, /) -> bool: ...

    def read(self, name: str) -> Intervals:
        """The addresses of a tag; raises ValueError with what is no address range."""


class ServiceTags:
    """The service tags of one cloud on one day, called without regard to case.

    The addresses of a tag are worked out when somebody first asks for them. `day` is None where nothing tells it.
    """

    def __init__(self, file: str, cloud: str, change_number: int | None, day: date | None, entries: Entries) -> None:
        self.file = file
        self.cloud = cloud
        self.change_number = change_number
        self.day = day
        self._entries = entries
        self._numbers: dict[str, Intervals] = {}

    def __str__(self) -> str:
        if self.day is not None:
            return f"the service tags of {self.day}"
        return f"the service tags in {self.file}"

    def __contains__(self, tag: object) -> bool:
        return isinstance(tag, str) and tag.strip().lower() in self._entries

    def __iter__(self) -> Iterator[str]:
        """The names of all tags, as Azure writes them."""
        return iter(self._entries.names().values())

    def numbers(self, word: str) -> Intervals:
        """The addresses of a tag or of a written range, numbered as `addresses` does it.

        Raises NotEnoughEvidence for a tag that is not on the list, or that has what is no address range.
        """
        name = word.strip().lower()
        if name not in self._numbers:
            self._numbers[name] = self._read(word, name)
        return self._numbers[name]

    def _read(self, word: str, name: str) -> Intervals:
        if name not in self._entries:
            numbers = addresses.prefix(word)
            if numbers is None:
                raise NotEnoughEvidence.because(f"{word} is not among {self}", "a newer list of service tags")
            return numbers
        try:
            return self._entries.read(name)
        except ValueError as error:
            raise NotEnoughEvidence.because(
                f"{self.file} gives {word} {str(error)[:60]!r}, which is no address range",
                "a sound list of service tags",
            ) from None

    def prefixes(self, tag: str) -> list[str]:
        """The fewest prefixes that are the addresses of a tag."""
        return fewest(self.numbers(tag))

    def holds(self, outer: str, inner: str) -> bool:
        """Are all addresses of one tag or range among those of another?"""
        return intervals.contains(self.numbers(outer), self.numbers(inner))

    def missing(self, tag: str, numbers: Intervals, *, of: Intervals | None = None) -> list[str]:
        """What of a tag a set of addresses lacks, as the fewest prefixes; `of` narrows the tag before."""
        wanted = self.numbers(tag)
        if of is not None:
            wanted = intervals.intersection(wanted, of)
        return fewest(intervals.difference(wanted, numbers))


class _Parsed:
    """The tags of a file in Microsoft's JSON, each as it was parsed."""

    def __init__(self, tags: dict[str, tuple[str, list[Any]]]) -> None:
        self.tags = tags

    def __contains__(self, name: object) -> bool:
        return name in self.tags

    def names(self) -> Mapping[str, str]:
        return {name: written for name, (written, _) in self.tags.items()}

    def read(self, name: str) -> Intervals:
        return intervals.merged(_range(one) for one in self.tags[name][1])


def parsed(raw: bytes, name: str) -> ServiceTags:
    """The list in a file that Microsoft publishes weekly, or in what `az network list-service-tags` prints.

    `name` is what reports call the file; the day is told by it. Raises DocumentError.
    """
    try:
        whole = json.loads(decode(raw))
    except RecursionError:
        raise DocumentError("is nested too deeply for a list of service tags") from None
    except ValueError as error:
        raise DocumentError(f"is no list of service tags, for it is not JSON: {error}") from None
    if not isinstance(whole, dict) or not isinstance(whole.get("values"), list):
        raise DocumentError("is no list of service tags: it has no list called 'values'")
    cloud = str(whole.get("cloud"))
    if cloud.lower() not in CLOUDS:
        raise DocumentError(f"lists the service tags of the cloud {cloud[:40]!r}, which is none that is known")
    tags: dict[str, tuple[str, list[Any]]] = {}
    for at, entry in enumerate(whole["values"]):
        tag, prefixes = _entry(entry)
        if not isinstance(tag, str) or not isinstance(prefixes, list) or not NAME.match(tag):
            raise DocumentError(f"is no list of service tags: number {at + 1} of its values is none")
        tags[tag.lower()] = tag, prefixes
    if not tags:
        raise DocumentError("lists no service tag at all")
    return ServiceTags(name, CLOUDS[cloud.lower()], _number(whole.get("changeNumber")), _day(name), _Parsed(tags))


def _entry(entry: Any) -> tuple[Any, Any]:
    properties = entry.get("properties") if isinstance(entry, dict) else None
    return (entry.get("name"), properties.get("addressPrefixes")) if isinstance(properties, dict) else (None, None)


def _number(value: Any) -> int | None:
    """A change number: the files have a number, the interface has text."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if type(value) is int else None


def _day(name: str) -> date | None:
    found = _DAY.search(name)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _range(text: Any) -> tuple[int, int]:
    """First and last number of a prefix; raises ValueError with the text."""
    # A list has a hundred thousand of them. Without the standard library it takes a fifth of the time, so that is asked
    # only for what is written in an uncommon way, and for what is wrong.
    if isinstance(text, str) and (found := _V4.match(text)):
        free = 32 - int(found[2])
        parts = [int(part) for part in found[1].split(".")]
        if free >= 0 and max(parts) < 256:
            first = int.from_bytes(bytes(parts)) >> free << free
            return first, first + (1 << free) - 1
    elif isinstance(text, str) and (found := _V6.match(text)):
        free = 128 - int(found[3])
        above, below = found[1].split(":"), found[2].split(":") if found[2] else []
        if free >= 0 and len(above) + len(below) < 8:
            groups = above + ["0"] * (8 - len(above) - len(below)) + below
            first = int("".join([group.zfill(4) for group in groups]), 16) >> free << free
            return V6 + first, V6 + first + (1 << free) - 1
    numbers = addresses.prefix(text) if isinstance(text, str) else None
    if numbers is None:
        raise ValueError(str(text))
    return numbers[0]


def fewest(numbers: Intervals) -> list[str]:
    """The fewest prefixes that are just these addresses, IPv4 before IPv6."""
    found: list[str] = []
    for first, last in numbers:
        for base, bits in ((0, 32), (V6, 128)):
            low, high = max(first - base, 0), min(last - base, (1 << bits) - 1)
            while low <= high:
                # As large as the first address is even, and as there is room for.
                room = (high - low + 1).bit_length() - 1
                free = min((low & -low).bit_length() - 1, room) if low else room
                one = ipaddress.IPv4Address(low) if bits == 32 else ipaddress.IPv6Address(low)
                found.append(f"{one}/{bits - free}")
                low += 1 << free
    return found
