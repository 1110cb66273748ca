"""What is not known, why, and what would settle it."""

from collections.abc import Iterable
from typing import Any, NamedTuple


class Unknown(NamedTuple):
    """Something that cannot be told from the evidence.

    `reason` is a sentence; `cause` the one thing to supply, by which reports group answers ("parameter `location`");
    `wanted` the questions that a probe could settle it with. `key` names the unknown value: two unknown values of
    the same key are the same value, unless they are not `repeatable` (each call of newGuid gives another).
    `shown` is how it prints inside text. `is_word`: it stands for a name, in which no slash, comma, colon or blank is.
    """

    reason: str
    cause: str
    key: str = ""
    shown: str = ""
    repeatable: bool = True
    wanted: tuple[Any, ...] = ()
    folded: str = ""
    is_word: bool = False

    @classmethod
    def because(cls, reason: str, cause: str, wanted: Iterable[Any] = ()) -> "Unknown":
        return cls(reason, cause, key=cause, shown=cause, wanted=tuple(wanted))

    def same(self, other: "Unknown", cased: bool = False) -> bool:
        """Is it certain that both stand for the same value? Case counts only where `cased`."""
        if not (self.repeatable and other.repeatable):
            return False
        return self.key == other.key or (not cased and (self.folded or self.key) == (other.folded or other.key))

    def told_of(self, label: str) -> "Unknown":
        """The same doubt, its reason saying of what."""
        known = not label or self.reason.startswith(f"{label} is not known")
        return self if known else self._replace(reason=f"{label} is not known: {self.reason}")

    def within(self, reason: str) -> "Unknown":
        """The same doubt, told from further away."""
        return self._replace(reason=reason)


class NotEnoughEvidence(Exception):
    """A check has met something that is not known. It ends the check with the verdict unknown."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown

    @classmethod
    def because(cls, reason: str, cause: str, wanted: Iterable[Any] = ()) -> "NotEnoughEvidence":
        return cls(Unknown.because(reason, cause, wanted))

    @classmethod
    def of_all(cls, doubts: "list[Unknown]") -> "NotEnoughEvidence":
        """Several doubts as one: the first tells the reason, all questions are wanted."""
        first = doubts[0]
        wanted = tuple(dict.fromkeys(question for doubt in doubts for question in doubt.wanted))
        others = len({doubt.cause for doubt in doubts}) - 1
        reason = first.reason + (f" (and {others} more are not known)" if others else "")
        return cls(first._replace(reason=reason, wanted=wanted))
