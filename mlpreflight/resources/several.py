"""Lists that may hold more than is known, and tests over them that let certainty win over doubt."""

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from mlpreflight.values import NotEnoughEvidence, Unknown

T = TypeVar("T")


class Several(Generic[T]):
    """A list of which some elements may be only possible, and to which others may belong.

    Going through it gives what is certain, then raises NotEnoughEvidence if that was not all. `in` is true when the
    element is found, else raises if it may be there all the same.
    """

    __slots__ = ("doubt", "more", "possible", "sure")

    def __init__(
        self,
        sure: tuple[T, ...],
        possible: tuple[T, ...] = (),
        more: Unknown | None = None,
        doubt: Unknown | None = None,
    ) -> None:
        """`more` says why others may belong to the list; `doubt` why going through it may not give all."""
        self.sure = sure
        self.possible = possible
        self.more = more
        self.doubt = doubt or more

    def __iter__(self) -> Iterator[T]:
        yield from self.sure
        if self.doubt:
            raise NotEnoughEvidence(self.doubt)

    def __contains__(self, wanted: object) -> bool:
        return some(self, lambda element: element == wanted)

    def __len__(self) -> int:
        if self.doubt:
            raise NotEnoughEvidence(self.doubt)
        return len(self.sure)

    def __bool__(self) -> bool:
        return bool(self.sure) or len(self) > 0

    @property
    def every(self) -> tuple[T, ...]:
        """All that are certain and all that are possible."""
        return self.sure + self.possible


def some(elements: Iterable[T], test: Callable[[T], bool]) -> bool:
    """Does the test hold of one element? A certain yes is not hidden by the doubt about another element."""
    return first(elements, test) is not None


def every(elements: Iterable[T], test: Callable[[T], bool]) -> bool:
    """Does the test hold of all elements? A certain no is not hidden by the doubt about another element."""
    return not some(elements, lambda element: not test(element))


def first(elements: Iterable[T], test: Callable[[T], bool]) -> T | None:
    """The first element of which the test certainly holds; raises only if none does and one might."""
    doubts: list[Unknown] = []
    walk = iter(elements)
    while True:
        try:
            element = next(walk)
        except StopIteration:
            break
        except NotEnoughEvidence as stopped:
            doubts.append(stopped.unknown)
            break
        try:
            if test(element):
                return element
        except NotEnoughEvidence as stopped:
            doubts.append(stopped.unknown)
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    return None
