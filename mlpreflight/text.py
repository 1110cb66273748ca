"""Text that may have holes: parts that only Azure, or a missing parameter, could fill."""

from collections.abc import Iterable

from mlpreflight.unknown import NotEnoughEvidence, Unknown

Part = str | Unknown


class Text:
    """Text of known parts and holes, compared as Azure compares: without regard to case.

    Two texts with the same holes are equal, texts whose known parts contradict differ, and any other comparison
    raises NotEnoughEvidence. `secret` text prints as `***`. `label` says what it is the text of.
    """

    __slots__ = ("label", "parts", "secret")

    def __init__(self, parts: Iterable[Part], secret: bool = False, label: str = "") -> None:
        self.secret = secret
        self.label = label
        if type(parts) is tuple and len(parts) == 1:
            self.parts: tuple[Part, ...] = parts if parts[0] != "" else ()
            return
        merged: list[Part] = []
        for part in parts:
            if isinstance(part, str) and merged and isinstance(merged[-1], str):
                merged[-1] += part
            elif part != "":
                merged.append(part)
        self.parts = tuple(merged)

    def labelled(self, label: str) -> "Text":
        """The same text, which says what it is when somebody asks too much of it."""
        return Text(self.parts, self.secret, label)

    def _open(self) -> NotEnoughEvidence:
        return NotEnoughEvidence(self.holes[0].told_of(self.label))

    @property
    def holes(self) -> tuple[Unknown, ...]:
        return tuple(part for part in self.parts if isinstance(part, Unknown))

    @property
    def key(self) -> tuple[str, ...] | None:
        """Texts of the same key are certainly equal, and found in a table; None where a hole is another each time."""
        if not all(hole.repeatable for hole in self.holes):
            return None
        return tuple(
            part.casefold() if isinstance(part, str) else f"\0{part.folded or part.key}" for part in self.parts
        )

    @property
    def known(self) -> str:
        """The whole text; raises NotEnoughEvidence where it has a hole."""
        if self.holes:
            raise self._open()
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def written(self) -> str:
        """The text as reports show it, each hole in braces."""
        if self.secret:
            return "***"
        return "".join(part if isinstance(part, str) else f"{{{part.shown}}}" for part in self.parts)

    def __str__(self) -> str:
        return self.written

    def __repr__(self) -> str:
        return repr(self.written)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            other = Text((other,))
        if not isinstance(other, Text):
            return NotImplemented
        same = compare(self, other)
        if same is None:
            raise (self if self.holes else other)._open()
        return same

    def __hash__(self) -> int:
        return hash(self.known.casefold())

    def __add__(self, other: "Text | str") -> "Text":
        more = (other,) if isinstance(other, str) else other.parts
        return Text((*self.parts, *more), self.secret or (isinstance(other, Text) and other.secret))

    def strip(self) -> "Text":
        """The text without blanks around it."""
        parts = list(self.parts)
        if parts and isinstance(parts[0], str):
            parts[0] = parts[0].lstrip()
        if parts and isinstance(parts[-1], str):
            parts[-1] = parts[-1].rstrip()
        return Text(parts, self.secret)

    def split(self, separator: str) -> "list[Text]":
        """The text cut at each separator that is known to stand in it. A hole may hide others."""
        pieces: list[list[Part]] = [[]]
        for part in self.parts:
            if isinstance(part, str):
                first, *rest = part.split(separator)
                pieces[-1].append(first)
                pieces.extend([piece] for piece in rest)
            else:
                pieces[-1].append(part)
        return [Text(piece, self.secret) for piece in pieces]


def compare(one: Text, other: Text, cased: bool = False) -> bool | None:
    """Are two texts equal? None where their holes leave it open. Case counts only where `cased`."""
    left = [part if cased or isinstance(part, Unknown) else part.casefold() for part in one.parts]
    right = [part if cased or isinstance(part, Unknown) else part.casefold() for part in other.parts]
    for backwards in (False, True):
        if _strip(left, right, backwards, cased):
            return False
    if not left or not right:
        rest = left or right
        return False if any(isinstance(part, str) for part in rest) else (None if rest else True)
    for known, holed in ((left, right), (right, left)):
        if all(isinstance(part, str) for part in known):
            return None if _may_fill("".join(str(part) for part in known), holed) else False
    return None


def _strip(left: list[Part], right: list[Part], backwards: bool, cased: bool) -> bool:
    """Takes away what both begin (or end) with. True where known parts contradict each other."""
    at = -1 if backwards else 0
    while left and right:
        one, other = left[at], right[at]
        if isinstance(one, str) and isinstance(other, str):
            size = _shared(one, other, backwards)
            if size < min(len(one), len(other)):
                return True
            for side, part in ((left, one), (right, other)):
                rest = (part[:-size] if backwards else part[size:]) if size else part
                side[at : at + 1 or None] = [rest] if rest else []
        elif isinstance(one, Unknown) and isinstance(other, Unknown) and one.same(other, cased):
            del left[at], right[at]
        else:
            break
    return False


def _shared(one: str, other: str, backwards: bool) -> int:
    """How many characters both begin (or end) with."""
    size = 0
    step = -1 if backwards else 1
    for a, b in zip(one[::step], other[::step], strict=False):
        if a != b:
            break
        size += 1
    return size


def _may_fill(known: str, holed: list[Part]) -> bool:
    """Could the holes of a text be filled so that it reads as the known text?"""
    first, last = holed[0], holed[-1]
    if isinstance(first, str):
        if not known.startswith(first):
            return False
        known, holed = known[len(first) :], holed[1:]
    if isinstance(last, str) and holed:
        if not known.endswith(last):
            return False
        known, holed = known[: len(known) - len(last)], holed[:-1]
    at = 0
    for part in holed:
        if isinstance(part, str):
            found = known.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
    return True
