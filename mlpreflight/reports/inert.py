"""Making text from inputs inert: what a template calls its resources must not drive a terminal."""

import unicodedata


def inert(text: str) -> str:
    """Text without control characters, terminal escapes and marks that turn the writing direction."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(one) for one in text)


def _shown(one: str) -> str:
    if one == "\n":
        return one
    category = unicodedata.category(one)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"\\u{ord(one):04x}" if ord(one) <= 0xFFFF else f"\\U{ord(one):08x}"
    return one
