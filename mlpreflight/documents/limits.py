"""How much of a hostile or careless input is read, and the error that says why no more was."""

# Azure refuses templates above 4 MB; lists that `az` prints for a subscription can be larger.
MAX_BYTES = 32 * 2**20

# Deeper than any real template (the deepest of 3,000 public ones has 34 levels) and well within Python's stack.
MAX_DEPTH = 200

# YAML aliases can describe billions of values in a few lines.
MAX_YAML_VALUES = 2_000_000


class DocumentError(Exception):
    """A file that cannot be read; the text completes the sentence "FILE …" and says what to do."""
