"""The strict reader of rule pages: whatever is not right fails loudly, naming the page and the line."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mlpreflight.documents import Document, DocumentError, from_text
from mlpreflight.finding import Severity
from mlpreflight.rules.page import Rule, RulePageError, Sample, accept, page_text, resolve
from mlpreflight.vocabulary import PROFILES, WORKLOADS

NAME = "mlpreflight/rules"
"""What reports call the folder of our own pages."""

KEYS = {
    "title": str,
    "check": str,
    "with": dict,
    "severity": str | dict,
    "workloads": list,
    "profiles": list,
    "since": str,
    "until": str,
    "requirements": list,
    "benchmarks": dict,
    "cites": list,
    "reviewed": str,
}
NEEDED = ("title", "check", "severity", "requirements", "cites", "reviewed")
VERDICTS = ("pass", "fail", "unknown", "not-applicable")
LANGUAGES = ("az", "bicep", "terraform", "json", "yaml", "kubectl", "sh", "python")

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_HEADING_OR_FENCE = re.compile(r"^(?:## +(.+?) *$|```)", re.MULTILINE)
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)


def built_in() -> tuple[Rule, ...]:
    """All rules that come with the tool, by area and id, as the index has them; a test keeps it equal to the pages."""
    from mlpreflight.rules import index

    return index.read(Path(__file__).parent, NAME)


def read_folder(folder: Path, name: str) -> tuple[Rule, ...]:
    """The rules of a folder and its folders. Raises RulePageError, also where there is none."""
    pages = sorted(folder.rglob("*.md"))
    if not pages:
        raise RulePageError(f"{name}: there are no rule pages (*.md) in this folder")
    rules: dict[str, Rule] = {}
    for path in pages:
        rule = read_page(path, f"{name}/{path.relative_to(folder).as_posix()}")
        if rule.id in rules:
            raise RulePageError(f"{rule.file}: {rules[rule.id].file} has the same id")
        rules[rule.id] = rule
    return tuple(rules.values())


def read_page(path: Path, name: str) -> Rule:
    """One page. Raises RulePageError."""
    return _page(path, name).rule()


def samples_on(path: Path, name: str) -> tuple[Sample, ...]:
    """The samples of a page. Raises RulePageError."""
    page = _page(path, name)
    _, body, first = page.front_matter()
    return page.sections(body, first)[2]


def parts_of(path: Path, name: str) -> dict[str, Any]:
    """What the index keeps of a page: its front matter, why, and fix. Raises RulePageError."""
    page = _page(path, name)
    values, body, first = page.front_matter()
    why, fix, _ = page.sections(body, first)
    return {"matter": values, "why": why, "fix": fix}


def _page(path: Path, name: str) -> "_Page":
    try:
        return _Page(page_text(path), name, path)
    except (OSError, UnicodeDecodeError) as error:
        raise RulePageError(f"{name}: cannot be read: {error}") from None


def from_parts(parts: dict[str, Any], path: Path, name: str) -> Rule:
    """A rule out of what the index keeps of its page."""
    return _Page("", name, path).made(parts["matter"], parts["why"], parts["fix"])


class _Page:
    def __init__(self, text: str, name: str, path: Path) -> None:
        self.text = text
        self.name = name
        self.path = path
        self.matter: Document | None = None

    def error(self, line: int, problem: str) -> RulePageError:
        return RulePageError(f"{self.name}:{line}: {problem}")

    def at(self, key: str) -> int:
        assert self.matter is not None
        return self.matter.position((key,))[0] + 1

    def rule(self) -> Rule:
        """The page as a rule, read whole and strictly."""
        if not _ID.match(self.path.stem):
            raise self.error(1, "the file's name is the rule's id: lower-case words with hyphens")
        values, body, first = self.front_matter()
        why, fix, _ = self.sections(body, first)
        return self.made(values, why, fix)

    def made(self, values: dict[str, Any], why: str, fix: str) -> Rule:
        """The rule of a front matter and the texts below it."""
        try:
            function, kind = resolve(values["check"])
        except LookupError as error:
            raise self.error(self.at("check"), str(error)) from None
        try:
            parameters = accept(function, values.get("with", {}))
        except LookupError as error:
            raise self.error(self.at("with" if "with" in values else "check"), str(error)) from None
        return Rule(
            id=self.path.stem,
            title=values["title"],
            area=self.path.parent.name,
            check=values["check"],
            parameters=parameters,
            severities=self.severities(values["severity"]),
            workloads=self.words(values, "workloads", WORKLOADS),
            profiles=self.words(values, "profiles", PROFILES),
            since=self.day(values, "since"),
            until=self.day(values, "until"),
            requirements=self.words(values, "requirements"),
            benchmarks=self.benchmarks(values.get("benchmarks", {})),
            cites=self.words(values, "cites"),
            reviewed=self.day(values, "reviewed") or date.min,
            why=why,
            fix=fix,
            file=self.name,
            path=self.path,
            function=function,
            kind=kind,
        )

    def front_matter(self) -> tuple[dict[str, Any], str, int]:
        """The values between the lines of dashes, the text below, and the line on which that begins."""
        parts = self.text.split("\n---\n", 1)
        if not self.text.startswith("---\n") or len(parts) != 2:
            raise self.error(1, "a page begins with its front matter between two lines of ---")
        try:
            self.matter = from_text(parts[0][4:], self.name, yaml=True)
        except DocumentError as error:
            raise self.error(1, f"the front matter {error}") from None
        values = self.matter.value
        if not isinstance(values, dict):
            raise self.error(2, "the front matter is a list of keys and values")
        for key, value in values.items():
            wanted: Any = KEYS.get(key)
            if wanted is None:
                raise self.error(self.at(key), f"unknown key {key!r}; known are {', '.join(KEYS)}")
            if not isinstance(value, wanted) or value == "":
                raise self.error(self.at(key), f"{key!r} has the wrong shape")
        for key in NEEDED:
            if key not in values:
                raise self.error(1, f"the front matter has no {key!r}")
        return values, parts[1], parts[0].count("\n") + 3

    def severities(self, raw: str | dict[str, Any]) -> MappingProxyType[str, Severity]:
        given = {"else": raw} if isinstance(raw, str) else raw
        result: dict[str, Severity] = {}
        for profile, word in given.items():
            if profile != "else" and profile not in PROFILES:
                raise self.error(self.at("severity"), f"{profile!r} is no profile; write one of {', '.join(PROFILES)}")
            if str(word).upper() not in Severity.__members__ or not isinstance(word, str):
                raise self.error(self.at("severity"), f"{word!r} is no severity; write block, error, warn or info")
            result[profile] = Severity[word.upper()]
        if "else" not in result:
            raise self.error(self.at("severity"), "a severity for every other profile is missing: add 'else'")
        return MappingProxyType(result)

    def words(self, values: dict[str, Any], key: str, known: Iterable[str] = ()) -> tuple[str, ...]:
        words = values.get(key, [])
        if key in values and not words:
            raise self.error(self.at(key), f"{key!r} is empty")
        for word in words:
            if not isinstance(word, str):
                raise self.error(self.at(key), f"{key!r} holds {word!r}, which is no text")
            if known and word not in known:
                raise self.error(self.at(key), f"{word!r} is none of {', '.join(known)}")
        return tuple(words)

    def day(self, values: dict[str, Any], key: str) -> date | None:
        if key not in values:
            return None
        try:
            return date.fromisoformat(values[key])
        except ValueError:
            raise self.error(self.at(key), f"{key!r} is a date, as in 2026-11-20") from None

    def benchmarks(self, raw: dict[str, Any]) -> MappingProxyType[str, tuple[str, ...]]:
        for name, controls in raw.items():
            if not isinstance(controls, list) or not all(isinstance(one, str) for one in controls):
                raise self.error(self.at("benchmarks"), f"the controls of {name!r} are a list of texts")
        return MappingProxyType({name: tuple(controls) for name, controls in raw.items()})

    def sections(self, body: str, first: int) -> tuple[str, str, tuple[Sample, ...]]:
        """Why, fix and samples of the text below the front matter."""
        headings = _headings(body)
        if [found[1] for found in headings] != ["Fix", "Samples"]:
            raise self.error(first, "below the front matter stand: why it matters, '## Fix', '## Samples'")
        fix_at, samples_at = headings
        why = body[: fix_at.start()].strip()
        fix = body[fix_at.end() : samples_at.start()].strip()
        if not why:
            raise self.error(first, "say why it matters, above '## Fix'")
        if not _FENCE.sub("", fix).strip():
            line = first + body.count("\n", 0, fix_at.start())
            raise self.error(line, "'## Fix' says in words what to do, before any block")
        self.check_languages(body, fix_at.end(), samples_at.start(), first)
        return why, fix, self.samples(body, samples_at.end(), first)

    def check_languages(self, body: str, start: int, end: int, first: int) -> None:
        for fence in _FENCE.finditer(body, start, end):
            if fence[1].strip() not in LANGUAGES:
                line = first + body.count("\n", 0, fence.start())
                raise self.error(line, f"a block of the fix is in one of {', '.join(LANGUAGES)}")

    def samples(self, body: str, start: int, first: int) -> tuple[Sample, ...]:
        samples: list[Sample] = []
        for fence in _FENCE.finditer(body, start):
            line = first + body.count("\n", 0, fence.start())
            language, _, verdict = fence[1].strip().partition(" ")
            if language != "yaml" or verdict not in VERDICTS:
                raise self.error(line, f"a sample's fence reads ```yaml and one of {', '.join(VERDICTS)}")
            samples.append(Sample(verdict, fence[2], line + 1))
        for verdict in ("pass", "fail", "unknown"):
            if not any(sample.verdict == verdict for sample in samples):
                line = first + body.count("\n", 0, start)
                raise self.error(line, f"'## Samples' has no sample for {verdict}")
        return tuple(samples)


def _headings(body: str) -> list[re.Match[str]]:
    """The headings of a text; what looks like one inside of a block is none."""
    found: list[re.Match[str]] = []
    in_block = False
    for mark in _HEADING_OR_FENCE.finditer(body):
        if mark[1] is None:
            in_block = not in_block
        elif not in_block:
            found.append(mark)
    return found
