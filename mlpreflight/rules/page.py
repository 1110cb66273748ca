"""A rule page: what must hold, how bad it is, how to mend it, and the samples that are its tests."""

import inspect
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from types import MappingProxyType
from typing import Any

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, Fact, Severity
from mlpreflight.values import Text


class RulePageError(Exception):
    """A page that is not right; names the page and the line."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A small environment on a page, and the verdict that it must get. `line` is where its text begins."""

    verdict: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement, as its page states it. `severities` has a key "else" or one for each profile."""

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
    text: str
    file: str
    samples: tuple[Sample, ...]
    function: Callable[..., Answer]
    kind: type

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
        if self.kind is Environment:
            return self.function(env, **self.parameters)
        wants_env = len(_positional(self.function)) > 1
        return self.function(subject, *((env,) if wants_env else ()), **self.parameters)

    def mend(self, facts: Mapping[str, Fact]) -> str:
        """The page's fix with its placeholders filled in, each as its language wants it quoted."""
        return fill(self.fix, facts)


def _positional(function: Callable[..., Any]) -> list[inspect.Parameter]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [one for one in inspect.signature(function).parameters.values() if one.kind in kinds]


def resolve(name: str) -> tuple[Callable[..., Answer], type]:
    """A check by its address, "storage.denies_by_default", and the type of its subjects. Raises LookupError."""
    module_name, _, function_name = name.partition(".")
    if not (module_name.isidentifier() and function_name.isidentifier()) or function_name.startswith("_"):
        raise LookupError(f"{name!r} is no check: write module.function")
    try:
        module = import_module(f"mlpreflight.checks.{module_name}")
    except ModuleNotFoundError:
        raise LookupError(f"there are no checks called {module_name!r}") from None
    function = getattr(module, function_name, None)
    if not inspect.isfunction(function) or function.__module__ != module.__name__:
        raise LookupError(f"there is no check {function_name!r} in {module_name!r}")
    kind = _positional(function)[0].annotation
    return function, kind


def accept(function: Callable[..., Answer], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The constants of a page as a check takes them. Raises LookupError for a name or a value that it does not."""
    wanted = {
        name: one
        for name, one in inspect.signature(function).parameters.items()
        if one.kind is inspect.Parameter.KEYWORD_ONLY
    }
    for name in given:
        if name not in wanted:
            raise LookupError(f"the check takes no {name!r}; it takes {', '.join(wanted) or 'nothing'}")
    accepted: dict[str, Any] = {}
    for name, one in wanted.items():
        if name in given:
            accepted[name] = _as(given[name], one.annotation, name)
        elif one.default is inspect.Parameter.empty:
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
    if value is None or (isinstance(value, Text) and value.holes) or value == "":
        return f"<{name.replace('_', '-')}>"
    text = "".join(one if one.isprintable() else " " for one in str(value))
    if language in ("az", "sh", "kubectl"):
        return shlex.quote(text)
    if language == "bicep":
        return text.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    if language == "terraform":
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{")
    return text
