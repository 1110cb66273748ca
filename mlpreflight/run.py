"""One run: paths in, a finished report out."""

import gc
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from mlpreflight.documents import DocumentError
from mlpreflight.engine import examine
from mlpreflight.environment import Environment, TagList
from mlpreflight.finding import Judged, Report, Severity, Unread
from mlpreflight.gate import exit_code
from mlpreflight.rules import reader
from mlpreflight.rules.page import Rule, RulePageError
from mlpreflight.sources.assemble import assemble
from mlpreflight.sources.declared import Declared
from mlpreflight.sources.load import Request, UsageError, load
from mlpreflight.suggestions import nearest
from mlpreflight.waivers import WaiverError, read_waivers, waive

# Environments refer to themselves; a collection after each would cost more than the memory that waits for it.
BATCH = 50


class Gate(NamedTuple):
    """What of a run matters, and when it fails."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: Severity = Severity.ERROR
    strict: bool = False


def all_rules(folders: Sequence[Path] = ()) -> tuple[Rule, ...]:
    """The rules that come with the tool and those of the user's folders. Raises RulePageError."""
    rules = list(reader.built_in())
    known = {rule.id: rule.file for rule in rules}
    for folder in folders:
        for rule in reader.read_folder(folder, folder.as_posix()):
            if rule.id in known:
                raise RulePageError(f"{rule.file}: {known[rule.id]} has the same id")
            known[rule.id] = rule.file
            rules.append(rule)
    return tuple(rules)


def chosen(rules: Sequence[Rule], select: Sequence[str], ignore: Sequence[str]) -> tuple[Rule, ...]:
    """The rules that a selection names: by id, by area, or by a requirement that they cover. Raises UsageError."""
    for word in (*select, *ignore):
        if not any(_named(rule, word) for rule in rules):
            names = [name for rule in rules for name in (rule.id, rule.area, *rule.requirements)]
            near = nearest(word, names)
            raise UsageError(
                f"no rule, area or requirement is called {word!r}" + (f"; did you mean {near!r}?" if near else "")
            )
    return tuple(
        rule
        for rule in rules
        if (not select or any(_named(rule, word) for word in select)) and not any(_named(rule, word) for word in ignore)
    )


def _named(rule: Rule, word: str) -> bool:
    return word.lower() in (rule.id, rule.area, *(one.lower() for one in rule.requirements))


def check(request: Request, rules: Sequence[Rule], gate: Gate, today: date) -> Report:
    """Reads, judges and gates. Raises UsageError."""
    picked = chosen(rules, gate.select, gate.ignore)
    judged: list[Judged] = []
    lists = _Lists(request.settings.service_tags)
    for declared in load(request):
        judged.append(_judge(declared, picked, rules, today, lists))
        for one in declared.inputs:
            one.document.forget()
        if len(judged) % BATCH == 0:
            gc.collect()
            gc.freeze()  # what stays are findings: the next collection need not look at them again
    return Report(tuple(judged), exit_code(tuple(judged), gate.fail_on, gate.strict))


def environment(request: Request, today: date) -> tuple[Environment, list[Unread]]:
    """The files of a request as one environment, and what of them could not be read. Raises UsageError."""
    (declared,) = load(request._replace(together=True))
    env = assemble(declared, today, _Lists(request.settings.service_tags).of(declared))
    return env, declared.unread


class _Lists:
    """The lists of service tags of a run, each read once. One that was asked for by itself must be readable."""

    def __init__(self, asked_for: Path | None) -> None:
        self.read: dict[Path, TagList | str] = {}
        if asked_for is not None and isinstance(problem := self._at(asked_for), str):
            raise UsageError(f"{asked_for} {problem}")

    def _at(self, path: Path) -> TagList | str:
        from mlpreflight.sources import service_tags

        if path not in self.read:
            try:
                self.read[path] = service_tags.read(path)
            except DocumentError as error:
                self.read[path] = str(error)
        return self.read[path]

    def of(self, declared: Declared) -> TagList | None:
        """The list that goes with an environment; what speaks against it is an unread input."""
        path, cloud = declared.settings.service_tags, declared.settings.cloud or "AzureCloud"
        if path is None:
            return None
        found = self._at(path)
        if isinstance(found, str):
            declared.unread.append(Unread(path.as_posix(), found))
            return None
        if found.cloud != cloud:
            told = f"lists the service tags of {found.cloud}, and the environment is judged as one of {cloud} (--cloud)"
            declared.unread.append(Unread(found.file, told))
            return None
        return found


def _judge(declared: Declared, rules: Sequence[Rule], known: Sequence[Rule], today: date, lists: _Lists) -> Judged:
    env = assemble(declared, today, lists.of(declared))
    findings = examine(env, rules) if declared.inputs else ()
    unread = list(declared.unread)
    if declared.waivers is not None:
        name = declared.waivers.as_posix()
        try:
            findings = waive(findings, read_waivers(declared.waivers, name, (rule.id for rule in known)), env.as_of)
        except WaiverError as error:
            unread.append(Unread(name, str(error)))
    return Judged(
        name=env.name,
        profile=env.profile,
        workloads=tuple(sorted(env.workloads)),
        as_of=env.as_of,
        assumed=env.assumed,
        inputs=tuple(declared.inputs),
        unread=tuple(unread),
        findings=findings,
        service_tags=env.tags,
    )
