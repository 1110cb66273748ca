"""Styled text in lines of a width: plain for files and pipes, in colour for a terminal that wants it."""

from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

Span = tuple[str, str]
"""A piece of text, and the style that it has on a terminal ("" for none)."""

# Output that is no terminal has no width of its own.
WIDTH_OF_A_FILE = 120

Print = Callable[[Iterable[Span]], None]


def printer(out: TextIO) -> tuple[Print, int]:
    """What prints a line to a stream, and the width that lines should keep to."""
    if not out.isatty():
        return lambda spans: _write(out, spans), WIDTH_OF_A_FILE
    from rich.console import Console  # a pipeline's log needs none of it, and a start-up none of its imports
    from rich.text import Text

    console = Console(file=out, highlight=False)
    return lambda spans: console.print(Text.assemble(*spans), soft_wrap=True), console.width


def _write(out: TextIO, spans: Iterable[Span]) -> None:
    out.write("".join(text for text, _ in spans) + "\n")


def wrapped(spans: Iterable[Span], width: int) -> Iterator[list[Span]]:
    """The lines of a text, broken at blanks. A word that is wider than a line is left whole: somebody may copy it."""
    line: list[Span] = []
    used = 0
    blank: Span | None = None
    for word in _words(spans):
        if word is None:
            yield line
            line, used, blank = [], 0, None
            continue
        size = sum(len(text) for text, _ in word)
        if word[0][0].startswith(" "):
            blank = (" " * size, word[0][1])
            continue
        room = len(blank[0]) if blank and line else 0
        if line and used + room + size > width:
            yield line
            line, used, room = [], 0, 0
        for text, style in (*((blank,) if room and blank else ()), *word):
            if line and line[-1][1] == style:
                line[-1] = (line[-1][0] + text, style)
            else:
                line.append((text, style))
        used += room + size
        blank = None
    yield line


def _words(spans: Iterable[Span]) -> Iterator[list[Span] | None]:
    """Words and the blanks between them, which may each cross the border of two styles; None where a line ends."""
    word: list[Span] = []
    is_blank = False
    for text, style in spans:
        start = 0
        for at, one in enumerate(text):
            if one == "\n" or (one == " ") != is_blank:
                if at > start:
                    word.append((text[start:at], style))
                if word:
                    yield word
                word, start, is_blank = [], at, one == " "
            if one == "\n":
                yield None
                start, is_blank = at + 1, False
        if text[start:]:
            word.append((text[start:], style))
    if word:
        yield word
