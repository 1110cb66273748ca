"""The ends of flows, and what prefixes, tags and expressions in rules mean of the addresses there."""

from enum import StrEnum
from typing import NamedTuple

from mlpreflight.environment import TagList
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.tags import Holds
from mlpreflight.values import Text


class Bounds(NamedTuple):
    """What a field of a rule certainly means of a flow, and what it may mean."""

    sure: AddressSet
    possible: AddressSet


class Place(StrEnum):
    """Where the numbered addresses at one end of a flow are; what a tag says of them depends on it."""

    OWN = "own"  # in the virtual network itself
    WORLD = "world"  # on the Internet at large, in no Azure service
    PUBLIC = "public"  # public, in a service or not
    PRIVATE = "private"  # private, in a peered network, on-premises, or nowhere


class Routed(NamedTuple):
    """What the tag VirtualNetwork holds besides the network itself: the ranges of routes, and, perhaps, everything."""

    ranges: Intervals = ()
    has_default: bool = False


class End(NamedTuple):
    """One end of a flow: its addresses, where those of them are that have numbers, and what tags are known to hold.

    `may_be_members`: machines there may belong to application security groups.
    """

    addresses: AddressSet
    place: Place = Place.OWN
    tags: TagList | None = None
    routed: Routed = Routed()
    may_be_members: bool = False


def unknown_name(prefix: Text) -> str:
    """The name by which the walk knows addresses that an expression stands for."""
    return f"(addresses {prefix.written.lower()})"


def meaning(word: Text, end: End) -> Bounds:
    if word.holes:
        own = frozenset({unknown_name(word)}) & end.addresses.names
        return Bounds(AddressSet(names=own), end.addresses)
    text = word.known
    if text.strip().lower() in tags.ANY:
        return Bounds(end.addresses, end.addresses)
    answers = {name: tags.holds(text, name) for name in end.addresses.names}
    names = frozenset(name for name, answer in answers.items() if answer is Holds.ALL)
    maybe = frozenset(name for name, answer in answers.items() if answer in (Holds.SOME, Holds.OPEN))
    numbers = addresses.prefix(text)
    if numbers is not None:
        mine = intervals.intersection(numbers, end.addresses.numbers)
        return Bounds(AddressSet(mine, names), AddressSet(mine, names | maybe))
    if end.tags is not None and text in end.tags:
        mine = intervals.intersection(end.tags.numbers(text), end.addresses.numbers)
        return Bounds(AddressSet(mine, names), AddressSet(mine, names | maybe))
    if text.strip().lower() == "virtualnetwork" and end.place is not Place.OWN:
        by_route = intervals.intersection(end.routed.ranges, end.addresses.numbers)
        if end.routed.has_default:
            return Bounds(AddressSet(by_route, names), AddressSet(end.addresses.numbers, end.addresses.names))
        if by_route:
            open_ = end.addresses.numbers if end.place is Place.PRIVATE else by_route
            return Bounds(AddressSet(by_route, names), AddressSet(open_, names | maybe))
    held = _of_tag(text, end)
    sure = end.addresses.numbers if held is Holds.ALL else ()
    possible = end.addresses.numbers if held is not Holds.NONE else ()
    return Bounds(AddressSet(sure, names), AddressSet(possible, names | maybe))


def _of_tag(tag: str, end: End) -> Holds:
    """How much of the numbers at an end a tag holds. The addresses of one service are not the world."""
    word = tag.strip().lower()
    if end.place is Place.WORLD or (end.place is Place.PUBLIC and word == "internet"):
        return Holds.ALL if word == "internet" else Holds.NONE
    if end.place is Place.PUBLIC:
        return Holds.NONE if word in tags.NOT_PUBLIC else Holds.OPEN
    if end.place is Place.PRIVATE:
        return Holds.OPEN if word == "virtualnetwork" or not tags.is_known(word) else Holds.NONE
    return tags.holds(tag, tags.OWN)
