"""What somebody most likely meant."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a misspelt one most likely means, case counting least; None where none is near."""
    folded = {name.lower(): name for name in known}
    if word.lower() in folded:
        return folded[word.lower()]
    from difflib import get_close_matches  # only a mistake needs it

    close = get_close_matches(word.lower(), list(folded), n=1, cutoff=0.75)
    return folded[close[0]] if close else None
