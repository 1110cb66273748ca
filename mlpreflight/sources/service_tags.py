"""Reading a list of service tags that the user brings, and keeping one for later runs.

A kept list is packed: a table of names and places, then the addresses of all tags, pairs of 4 bytes for IPv4 and of 16
for IPv6, so that a run works out only the tags that it asks for.
"""

import os
import struct
import zlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from mlpreflight.documents import MAX_BYTES, DocumentError
from mlpreflight.network import addresses, intervals
from mlpreflight.network.addresses import V6
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.service_tags import NAME, ServiceTags, parsed
from mlpreflight.sources.load import UsageError
from mlpreflight.sources.walk import shown
from mlpreflight.values import NotEnoughEvidence

MAGIC = b"mlpreflight service tags 1\n"
_HEAD = struct.Struct("<II")
"""The checksum of all that follows, and the size of the table."""


def kept() -> Path:
    """Where a kept list stands. Raises OSError where the user has no folder for such things."""
    said = os.environ.get("XDG_CACHE_HOME", "")
    try:
        folder = Path(said) if os.path.isabs(said) else Path.home() / ".cache"  # noqa: PTH117 - "" is no path
    except RuntimeError:
        raise OSError("there is no home folder; XDG_CACHE_HOME may name one") from None
    return folder / "mlpreflight" / "service-tags"


def asked_for(word: str, keeps: bool) -> Path:
    """The list that the user asked for by its file, or as "kept"; kept where that is wanted too. Raises UsageError."""
    if not keeps:
        try:
            path = kept() if word == "kept" else Path(word)
        except OSError as error:
            raise UsageError(str(error)) from None
        if word == "kept" and not path.exists():
            raise UsageError("no list of service tags is kept: keep one first, with --service-tags FILE --keep")
        return path
    try:
        keep(read(Path(word)))
    except DocumentError as error:
        raise UsageError(f"{word} {error}") from None
    except NotEnoughEvidence as stopped:
        raise UsageError(f"{word} cannot be kept: {stopped.unknown.reason}") from None
    except OSError as error:
        raise UsageError(f"the service tags cannot be kept: {error.strerror or error}") from None
    return Path(word)


def read(path: Path) -> ServiceTags:
    """The list in a file: Microsoft's JSON, or one that was kept. Raises DocumentError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DocumentError(f"is larger than {MAX_BYTES // 2**20} MB, which no list of service tags is")
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"cannot be opened: {error.strerror or error}") from None
    return unpacked(raw) if raw.startswith(MAGIC) else parsed(raw, shown(path))


def keep(tags: ServiceTags) -> Path:
    """Keeps a list for later runs, in the place of the one that was kept before. Raises OSError."""
    import tempfile

    path = kept()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".service-tags.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(packed(tags))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def packed(tags: ServiceTags) -> bytes:
    """A list as it is kept."""
    number = "" if tags.change_number is None else tags.change_number
    file = " ".join(Path(tags.file).name.split())  # where it stood is of no interest later
    lines: list[str] = []
    short: list[bytes] = []
    long: list[bytes] = []
    for tag in tags:
        numbers = tags.numbers(tag)
        small = intervals.intersection(numbers, addresses.ALL_V4)
        large = intervals.intersection(numbers, addresses.ALL_V6)
        lines.append(f"{tag.lower()}\t{tag}\t{len(short)}\t{len(small)}\t{len(long)}\t{len(large)}")
        short += [struct.pack("<II", *pair) for pair in small]
        long += [(first - V6).to_bytes(16) + (last - V6).to_bytes(16) for first, last in large]
    head = f"{file}\t{tags.cloud}\t{number}\t{tags.day or ''}\t{len(short)}"
    table = ("\n".join((head, *lines)) + "\n").encode("utf-8", "replace")
    rest = table + b"".join(short) + b"".join(long)
    return MAGIC + _HEAD.pack(zlib.crc32(rest), len(table)) + rest


class _Packed:
    """The tags of a kept list. `long` is where the pairs of IPv6 begin."""

    def __init__(self, table: bytes, pairs: memoryview, long: int) -> None:
        self.table = table
        self.pairs = pairs
        self.long = long

    def _line(self, name: str) -> bytes | None:
        at = self.table.find(b"\n" + name.encode("ascii", "replace") + b"\t") if NAME.match(name) else -1
        return None if at < 0 else self.table[at + 1 : self.table.index(b"\n", at + 1)]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._line(name) is not None

    def names(self) -> Mapping[str, str]:
        lines = self.table.decode().splitlines()[1:]
        return dict(line.split("\t", 2)[:2] for line in lines)

    def read(self, name: str) -> Intervals:
        line = self._line(name)
        assert line is not None
        start, count, other, more = (int(part) for part in line.split(b"\t")[2:])
        small = struct.unpack_from(f"<{2 * count}I", self.pairs, start * 8)
        place = self.long + other * 32
        large = [int.from_bytes(self.pairs[at : at + 16]) + V6 for at in range(place, place + more * 32, 16)]
        return intervals.merged(
            (*zip(small[::2], small[1::2], strict=True), *zip(large[::2], large[1::2], strict=True))
        )


def unpacked(raw: bytes) -> ServiceTags:
    """A kept list. Raises DocumentError where it is damaged."""
    start = len(MAGIC) + _HEAD.size
    check, size = _HEAD.unpack_from(raw.ljust(start, b"\0"), len(MAGIC))
    rest = memoryview(raw)[start:]
    if len(raw) < start or zlib.crc32(rest) != check:
        raise DocumentError("is damaged: keep the list anew, with --service-tags FILE --keep")
    # What follows is as `packed` wrote it.
    table = bytes(rest[:size])
    file, cloud, number, day, short = table[: table.index(b"\n")].decode().split("\t")
    entries = _Packed(table, rest[size:], int(short) * 8)
    return ServiceTags(file, cloud, int(number) if number else None, date.fromisoformat(day) if day else None, entries)
