"""A rule page: what must hold, how bad it is, how to mend it, and the samples that are its tests."""

import re
import shlex
from collections.abc import Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from types import FunctionType, MappingProxyType
from typing import Any, NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, Fact, Severity
from mlpreflight.values import Text


class RulePageError(Exception):
    """A page that is not right; names the page and the line."""


class Sample(NamedTuple):
    """A small environment on a page, and the verdict that it must get. `line` is where its text begins."""

    verdict: str
    text: str
    line: int


class Rule(NamedTuple):
    """One requirement, as its page states it. `severities` has a key "else" or one for each profile.

    The whole page and its samples are read from `path` when somebody asks for them.
    """

    id: str
    title: str
    area: str
    check: str
    parameters: Mapping[str, Any]
    severities: Mapping[str, Severity]
    workloads: tuple[str, ...]
    profiles: tuple[str, ...]
    since: date | None
    until: date | None
    requirements: tuple[str, ...]
    benchmarks: Mapping[str, tuple[str, ...]]
    cites: tuple[str, ...]
    reviewed: date
    why: str
    fix: str
    file: str
    path: Path
    function: FunctionType
    kind: type

    @property
    def text(self) -> str:
        return page_text(self.path)

    @property
    def samples(self) -> tuple[Sample, ...]:
        from mlpreflight.rules.reader import samples_on  # the reader makes rules

        return samples_on(self.path, self.file)

    def severity(self, profile: str) -> Severity:
        return self.severities.get(profile) or self.severities["else"]

    def fires(self, env: Environment) -> bool:
        """Does the rule concern this environment at all?"""
        if self.profiles and env.profile not in self.profiles:
            return False
        if self.workloads and env.workloads.isdisjoint(self.workloads):
            return False
        if env.profile == "current":
            if self.since and env.as_of < self.since:
                return False
            if self.until and env.as_of > self.until:
                return False
        return True

    def ask(self, subject: object, env: Environment) -> Answer:
        """What the check says of a subject, with the constants of this page."""
        given: tuple[object, ...] = (env,) if self.kind is Environment else (subject, env)
        answer: Answer = self.function(*given[: self.function.__code__.co_argcount], **self.parameters)
        return answer

    def mend(self, facts: Mapping[str, Fact]) -> str:
        """The page's fix with its placeholders filled in, each as its language wants it quoted."""
        return fill(self.fix, facts)


def page_text(path: Path) -> str:
    """The text of a page, each line ended by one character."""
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")


def resolve(name: str) -> tuple[FunctionType, type]:
    """A check by its address, "storage.denies_by_default", and the type of its subjects. Raises LookupError."""
    module_name, _, function_name = name.partition(".")
    if not (module_name.isidentifier() and function_name.isidentifier()) or function_name.startswith("_"):
        raise LookupError(f"{name!r} is no check: write module.function")
    try:
        module = import_module(f"mlpreflight.checks.{module_name}")
    except ModuleNotFoundError:
        raise LookupError(f"there are no checks called {module_name!r}") from None
    function = getattr(module, function_name, None)
    if not isinstance(function, FunctionType) or function.__module__ != module.__name__:
        raise LookupError(f"there is no check {function_name!r} in {module_name!r}")
    return function, function.__annotations__[function.__code__.co_varnames[0]]


def accept(function: FunctionType, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The constants of a page as a check takes them. Raises LookupError for a name or a value that it does not."""
    code = function.__code__
    wanted = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    for name in given:
        if name not in wanted:
            raise LookupError(f"the check takes no {name!r}; it takes {', '.join(wanted) or 'nothing'}")
    accepted: dict[str, Any] = {}
    for name in wanted:
        if name in given:
            accepted[name] = _as(given[name], function.__annotations__[name], name)
        elif name not in (function.__kwdefaults__ or {}):
            raise LookupError(f"the check wants {name!r}")
    return MappingProxyType(accepted)


def _as(value: Any, annotation: Any, name: str) -> Any:
    if annotation == tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
    elif annotation is str and isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    elif isinstance(annotation, type) and type(value) is annotation:
        return value
    raise LookupError(f"{name!r} must be {_said(annotation)}, not {value!r}")


def _said(annotation: Any) -> str:
    words = {str: "text", int: "a whole number", bool: "true or false", tuple[str, ...]: "a list of texts"}
    return words.get(annotation, str(annotation))


_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_FENCE = re.compile(r"^```(\w*)[^\n]*\n.*?^```[ \t]*$", re.DOTALL | re.MULTILINE)


def fill(markdown: str, facts: Mapping[str, Fact]) -> str:
    """Markdown with its placeholders filled: quoted for the shell in `az` blocks, as text in Bicep and Terraform."""
    pieces: list[str] = []
    at = 0
    for fence in _FENCE.finditer(markdown):
        pieces.append(_filled(markdown[at : fence.start()], facts, ""))
        pieces.append(_filled(fence[0], facts, fence[1]))
        at = fence.end()
    pieces.append(_filled(markdown[at:], facts, ""))
    return "".join(pieces)


def placeholders(markdown: str) -> set[str]:
    """The names of the placeholders in a text."""
    return set(_PLACEHOLDER.findall(markdown))


def _filled(text: str, facts: Mapping[str, Fact], language: str) -> str:
    return _PLACEHOLDER.sub(lambda found: _quoted(found[1], facts.get(found[1]), language), text)


def _quoted(name: str, value: Fact, language: str) -> str:
    text = _with_holes_named(value) if isinstance(value, Text) else "" if value is None else str(value)
    if not text:
        return f"<{name.replace('_', '-')}>"
    text = "".join(one if one.isprintable() else " " for one in text)
    if language in ("az", "sh", "kubectl"):
        return shlex.quote(text)
    if language == "bicep":
        return text.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    if language == "terraform":
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{")
    return text


def _with_holes_named(text: Text) -> str:
    """A text with what is not known of it in angles; nothing where nothing is known."""
    if text.secret or not text.holes:
        return text.written
    parts = [part if isinstance(part, str) else f"<{part.shown}>" for part in text.parts]
    return "".join(parts) if any(isinstance(part, str) for part in text.parts) else ""
