"""The resources that one template declares: what `reference()` may ask for, and what `dependsOn` may name."""

from typing import NamedTuple

from mlpreflight.environment import Resource
from mlpreflight.text import compare
from mlpreflight.values import Node, Text, Unknown, Value


class Wait(NamedTuple):
    """One entry of a `dependsOn`: the resource that waits, and what it waits for."""

    name: Text
    on: Node


class Siblings:
    """The resources of a template by symbolic name, id and name, filled while the template is read.

    Values are evaluated when somebody reads them, so that all are there by then.
    """

    MAX_COMPARED = 2_000_000

    def __init__(self) -> None:
        self.waits: list[Wait] = []
        self._words: set[str] = set()
        self._by_symbol: dict[str, tuple[Resource, bool]] = {}
        self._by_key: dict[tuple[str, ...] | None, Resource | None] = {}
        self._paths: list[Text] = []
        self._names: list[Text] = []
        self._doubt: Unknown | None = None
        self._compared = 0

    def add_loop(self, *names: str) -> None:
        """Takes note of a copy loop; a resource can wait for all its copies by its name, or by the symbolic one."""
        self._words |= {name.lower() for name in names if name}

    def add(self, resource: Resource, symbol: str, deployed: bool) -> None:
        """Takes note of a resource. One that is not deployed may be named, but has no values."""
        known = resource if deployed else None
        if symbol:
            self._words.add(symbol.lower())
            self._by_symbol[symbol.lower()] = resource, deployed
        path = _path(resource.id)
        for text, texts in ((path, self._paths), (resource.name, self._names)):
            self._by_key[text.key] = self._by_key.get(text.key) or known
            texts.append(text)

    def may_be_more(self, doubt: Unknown) -> None:
        """Takes note that the template may declare what could not be read."""
        self._doubt = self._doubt or doubt

    def find(self, wanted: Text) -> Resource | None:
        """The resource that an id, a name or a symbolic name tells; None where none that is deployed is told."""
        resource, deployed = self._by_symbol.get("" if wanted.holes else wanted.known.lower(), (None, False))
        if resource is not None:
            return resource if deployed else None
        keys = [one.key for one in (_path(wanted), wanted)]
        return next((found for key in keys if key is not None and (found := self._by_key.get(key))), None)

    def called(self, symbol: str) -> Resource | None:
        """The resource of a symbolic name, one that only exists and is not deployed here too."""
        return self._by_symbol.get(symbol.lower(), (None, False))[0]

    def declares(self, wanted: Value) -> bool | Unknown:
        """Does the template declare what a `dependsOn` names: a resource, or a copy loop?"""
        text = wanted if isinstance(wanted, Text) else Text((wanted if isinstance(wanted, Unknown) else str(wanted),))
        path = _path(text)
        if not text.holes and text.known.lower() in self._words:
            return True
        if any(key is not None and key in self._by_key for key in (path.key, text.key)):
            return True
        first = path.parts[0] if path.parts else ""
        is_path = isinstance(first, str) and "." in first and "/" in first
        words = [] if is_path else [*self._names, *(Text((word,)) for word in self._words)]
        for one in (*self._paths, *words):
            if not (one.holes or path.holes):
                continue
            self._compared += 1
            if self._compared > self.MAX_COMPARED:
                return Unknown.because("the template waits for too much that it may not declare", "its `dependsOn`")
            same = compare(one, path)
            if same is not False:
                return same or (path.holes or one.holes)[0]
        return self._doubt or False


def _path(id: Text) -> Text:
    """What follows the last `/providers/` of an id: a resource's type and name, whatever it is deployed to."""
    parts = id.parts
    for at in range(len(parts) - 1, -1, -1):
        part = parts[at]
        if isinstance(part, str) and (cut := part.lower().rfind("/providers/")) >= 0:
            return Text((part[cut + len("/providers/") :], *parts[at + 1 :]))
    return id
