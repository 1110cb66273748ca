"""The names of service tags: which there are, in which cloud, and what somebody meant who wrote another."""

import re
from collections import Counter
from collections.abc import Container
from enum import Enum, auto
from functools import cache
from typing import Any, NamedTuple

from mlpreflight import data
from mlpreflight.network import addresses, tags
from mlpreflight.suggestions import nearest

BRANDS = ("azure", "microsoft")

# Patterns as text: only groups of rules want them, and a start need not wait for what they are compiled to.
SHAPE = r"[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)?\Z"
WORD = r"[A-Z]+(?=[A-Z][a-z])|[A-Z][a-z]+|[A-Z]+"


class Standing(Enum):
    """What a word in the place of a tag is."""

    NO_TAG = auto()
    """An address, a range, or a star."""
    TAG = auto()
    ABSENT = auto()
    """A tag, but none of this cloud."""
    MISSPELT = auto()
    UNSURE = auto()
    """On no list, and like nothing on one: it may be newer than they are."""


class Spelling(NamedTuple):
    """What a word is, why (the rest of a sentence that begins with the word), and what was meant by it."""

    standing: Standing
    told: str = ""
    meant: str = ""


@cache
def spelling(word: str, cloud: str) -> Spelling:
    """What a word is by the names that are known without a list of the user's."""
    text = word.strip()
    if not text or text.lower() in tags.ANY or _is_range(text):
        return Spelling(Standing.NO_TAG)
    if not re.match(SHAPE, text):
        return Spelling(Standing.MISSPELT, "is neither an address range nor a service tag", _stripped(text, cloud))
    return _of_shape(text, cloud)


def of_family(family: str, cloud: str) -> Spelling:
    """What the part of a tag before its dot is, where what follows is not known."""
    name, meant = _names().family(family)
    if not name:
        return _unsure(family, cloud)
    if meant:
        return Spelling(Standing.MISSPELT, "is no service tag", name)
    return _here(name, cloud) or Spelling(Standing.TAG)


def exactly(word: str, cloud: str, listed: Container[str], told: str) -> Spelling:
    """What a word is by a whole list of the cloud's tags. `told` says which list that is."""
    known = spelling(word, cloud)
    if known.standing is Standing.NO_TAG or word.strip().lower() in _names().places:
        return known
    if word in listed:
        return Spelling(Standing.TAG)
    if known.standing in (Standing.TAG, Standing.ABSENT):
        return Spelling(Standing.ABSENT, f"is not among {told}")
    is_one = known.meant in listed or known.meant.lower() in _names().places
    return Spelling(Standing.MISSPELT, f"is not among {told}", known.meant if is_one else "")


def direction(family: str) -> str | None:
    """The one direction ("inbound", "outbound") that Azure documents for a tag without its region, if there is one."""
    return _names().directions.get(family.strip().lower())


def regions_with(location: str) -> list[str]:
    """A region as tags write it, then its paired one if it has one; empty for a region that is not known."""
    names = _names()
    own = names.regions.get(location.replace(" ", "").lower())
    if own is None:
        return []
    pair = names.pairs.get(own)
    return [own, pair] if pair else [own]


def _is_range(text: str) -> bool:
    ends = text.split("-")
    return len(ends) <= 2 and all(addresses.prefix(end) is not None for end in ends)


def _stripped(text: str, cloud: str) -> str:
    """The tag that is meant by a word with signs in it that stand in no tag; "" where none is."""
    bare = re.sub(r"[^A-Za-z0-9.]", "", text)
    found = _of_shape(bare, cloud) if re.match(SHAPE, bare) else None
    if found is None or found.standing is Standing.UNSURE:
        return ""
    return found.meant or _names().written(bare)


def _of_shape(text: str, cloud: str) -> Spelling:
    names = _names()
    if text.lower() in names.places:
        return Spelling(Standing.TAG)
    first, _, last = text.partition(".")
    name, misspelt = names.family(first)
    if not name:
        return _unsure(text, cloud)
    if name.lower() in names.places:
        return Spelling(Standing.MISSPELT, "is no service tag", name)
    if not last:
        if name in names.no_whole:
            choice = f"{name}.<{'|'.join(names.parts[name])}>"
            return Spelling(
                Standing.MISSPELT, f"is no service tag without one of {', '.join(names.parts[name])}", choice
            )
        if misspelt:
            return Spelling(Standing.MISSPELT, "is no service tag", name)
        return _here(name, cloud) or Spelling(Standing.TAG)
    return _with_rest(text, name, misspelt, last, cloud)


def _with_rest(text: str, name: str, misspelt: bool, last: str, cloud: str) -> Spelling:
    """What a tag with a region, or another part, behind it is."""
    names = _names()
    rest, sure = names.rest(name, last)
    if not rest:
        if name not in names.regional and sure:
            told = "is no service tag: it goes with no region"
            return Spelling(Standing.MISSPELT, told, name if name not in names.no_whole else "")
        return _unsure(text, cloud)
    meant = f"{name}.{rest}"
    if misspelt or not sure:
        return Spelling(Standing.MISSPELT, "is no service tag", meant)
    return _here(name, cloud) or _here(meant, cloud) or _here_in_region(text, name, rest, cloud)


def _here_in_region(text: str, name: str, rest: str, cloud: str) -> Spelling:
    """What a tag is of which the cloud has one, with a region that there is."""
    names = _names()
    if rest in names.parts.get(name, ()):
        return Spelling(Standing.TAG)
    home = names.clouds.get(names.short.get(rest, rest).lower(), "AzureCloud")
    if home != cloud:
        return Spelling(Standing.ABSENT, f"is of a region of {home}, and no service tag of {cloud}")
    some = names.partly[cloud].get(name, {})
    lacks = rest not in some["in"] if "in" in some else rest in some.get("notIn", ())
    return _unsure(text, cloud) if lacks and rest.lower() in names.clouds else Spelling(Standing.TAG)


def _here(name: str, cloud: str) -> Spelling | None:
    """Why a tag that there is, is none of this cloud; None where it is."""
    names = _names()
    if name not in names.absent[cloud]:
        return None
    newer = [one for one, absent in names.absent.items() if name not in absent and names.days[one] > names.days[cloud]]
    if newer:  # it may have come here since
        return _unsure(name, cloud)
    return Spelling(Standing.ABSENT, f"is no service tag of {cloud}, as of {names.days[cloud]}")


def _unsure(text: str, cloud: str) -> Spelling:
    near = nearest(text, _names().every) or ""
    told = f"is not among the service tags of {cloud} that were known on {_names().days[cloud]}"
    return Spelling(Standing.UNSURE, told, near)


class _Names:
    """The table of names, made ready for looking up."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.days: dict[str, str] = table["lists"]
        self.absent: dict[str, list[str]] = table["absent"]
        self.partly: dict[str, dict[str, dict[str, list[str]]]] = table["partly"]
        self.parts: dict[str, list[str]] = table["parts"]
        self.no_whole: list[str] = table["noWhole"]
        self.regional = frozenset(table["regional"])
        self.pairs: dict[str, str] = {
            **table["pairs"],
            **{other: one for one, other in table["pairs"].items()},
            **table["oneWay"],
        }
        self.places = {name.lower(): name for name in table["places"]}
        self.families = {
            **{name.lower(): name for name in (*table["regional"], *table["whole"], *table["noWhole"])},
            **self.places,
        }
        self.regions = {name.lower(): name for names in table["regions"].values() for name in names}
        self.clouds = {name.lower(): cloud for cloud, names in table["regions"].items() for name in names}
        self.internal = {name.lower(): name for name in table["internal"]}
        self.renamed: dict[str, str] = table["azureCloud"]["renamed"]
        self.short = {short: name for name, short in self.renamed.items()}
        self.more = frozenset(table["azureCloud"]["more"])
        self.directions = {name.lower(): way for way, names in table["directions"].items() for name in names}
        words = {word for name in self.regions.values() for word in re.findall(WORD, name)}
        ordered = sorted((word.lower() for word in words), key=len, reverse=True)
        self.well_formed = re.compile(f"(?:{'|'.join(ordered)}|\\d+)+\\Z")

    @property
    def every(self) -> list[str]:
        parts = [f"{name}.{part}" for name, parts in self.parts.items() for part in parts]
        return [*self.families.values(), *parts]

    def written(self, text: str) -> str:
        """A tag as Azure writes it."""
        first, _, last = text.partition(".")
        name, _ = self.family(first)
        return f"{name}.{self.rest(name, last)[0]}" if last else name

    def family(self, word: str) -> tuple[str, bool]:
        """The tag that is meant by what stands before the dot, "" where none is, and whether it is misspelt."""
        folded = word.lower()
        if folded in self.families:
            return self.families[folded], False
        for brand in BRANDS:
            if brand + folded in self.families:
                return self.families[brand + folded], True
            if folded.startswith(brand) and folded.removeprefix(brand) in self.families:
                return self.families[folded.removeprefix(brand)], True
        near = nearest(word, self.families.values()) or ""
        return (near, True) if near and _is_slip(folded, near.lower()) else ("", False)

    def rest(self, name: str, last: str) -> tuple[str, bool]:
        """The region or part that is meant by what stands behind the dot, and whether it is written so.

        "" and True: there is such a region, and the tag goes with none; "" and False: nothing like it is known.
        """
        folded = last.lower()
        parts = {part.lower(): part for part in self.parts.get(name, ())}
        if folded in parts:
            return parts[folded], True
        region, sure = self._region(folded)
        if name not in self.regional:
            near = nearest(last, parts.values()) or ""
            return (near, False) if _is_slip(folded, near.lower()) else ("", bool(region))
        if name == "AzureCloud":
            if folded in self.more or folded in self.short:
                return folded, True
            other = self.renamed.get(region)
            return (other, False) if other else (region.lower(), sure)
        return region, sure

    def _region(self, folded: str) -> tuple[str, bool]:
        if folded in self.regions or folded in self.internal:
            return self.regions.get(folded) or self.internal[folded], True
        if folded in self.short:
            return self.short[folded], False
        turned = next((name for low, name in self.regions.items() if Counter(low) == Counter(folded)), "")
        if turned:
            return turned, False
        near = nearest(folded, self.regions.values()) or ""
        # Regions are made of few words: what is made of them alone may be one that is newer than the list.
        if near and not self.well_formed.match(folded) and _is_slip(folded, near.lower()):
            return near, False
        return "", False


def _is_slip(one: str, other: str) -> bool:
    """Do two words differ by a letter or two, not by a number?"""
    left, right = Counter(one), Counter(other)
    apart = (left - right) + (right - left)
    return bool(other) and sum(apart.values()) <= 2 and not any(letter.isdigit() for letter in apart)


@cache
def _names() -> _Names:
    return _Names(data.table("tag_names"))
