"""From the paths that the user gave to environments, each with what of it could not be read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mlpreflight.documents import YAML_SUFFIXES, Document, DocumentError, read
from mlpreflight.finding import Input, Unread
from mlpreflight.sources import artifacts, yaml
from mlpreflight.sources.arm.parameters import Supplied, supplied_by
from mlpreflight.sources.arm.scope import Budget, Scope, target
from mlpreflight.sources.arm.siblings import Siblings
from mlpreflight.sources.arm.template import Deployed, deploy, place_of
from mlpreflight.sources.artifacts import artifact, at, place_at
from mlpreflight.sources.declared import Declared, Settings
from mlpreflight.sources.exports import entries, resource
from mlpreflight.sources.files import File, files_in, look, parameters_beside, template_of
from mlpreflight.sources.kinds import ADVICE, Kind
from mlpreflight.sources.walk import shown
from mlpreflight.values import Where


class UsageError(Exception):
    """What the user asked for cannot be done; says why and what to do instead."""


class Request(NamedTuple):
    """What to read. `parameters` None: the file beside each template; empty: none."""

    paths: Sequence[Path]
    settings: Settings = Settings()
    parameters: Sequence[Path] | None = None
    together: bool = False


TEMPLATES = (Kind.TEMPLATE, Kind.ARTIFACT)


def load(request: Request) -> Iterator[Declared]:
    """The environments of a request, one at a time. Raises UsageError where paths and options do not fit together."""
    files = list({file.key: file for path in request.paths for file in files_in(path)}.values())
    templates = sum(file.kind in TEMPLATES for file in files)
    if request.parameters and templates != 1:
        raise UsageError(f"--parameters goes with one template; {templates} are given")
    found = _each(files, request)
    return iter([_together(request, list(found))]) if request.together else found


def _each(files: Sequence[File], request: Request) -> Iterator[Declared]:
    """Each environment: those of environment files first, then templates and lists, then what could not be read.

    What may lead to other files is read ahead, to know which of these are not to be judged by themselves.
    """
    ahead = [(file, _environment(file, request)) for file in files if file.kind is Kind.ENVIRONMENT]
    claimed = {path for _, one in ahead for path in one.claimed}
    alone = [file for file in files if file.kind in (*TEMPLATES, Kind.EXPORT) and file.key not in claimed]
    ahead += [(file, one) for file in alone if not file.is_put_by for one in _alone(file, request)]
    kept = {id(one) for one in _outermost(ahead)}
    claimed = {path for _, one in ahead if id(one) in kept for path in one.claimed}
    for file, one in ahead:
        if file.kind is Kind.ENVIRONMENT and id(one) in kept:
            yield one
    turns = {file.key: [one for other, one in ahead if other is file and id(one) in kept] for file in alone}
    del ahead
    for file in alone:
        if file.is_put_by and file.key not in claimed:
            yield from _alone(file.again(), request)
        else:
            yield from turns.pop(file.key)
    yield from _unread([file for file in files if file.key not in claimed], files, request)


def _unread(left: Sequence[File], files: Sequence[File], request: Request) -> Iterator[Declared]:
    """What could not be read, or belongs to nothing that was: one that was asked for by itself, the others together."""
    whole: Declared | None = None
    for file in left:
        cannot = file.document is None and not file.is_put_by
        if not (cannot or file.kind in ADVICE) or file.kind is Kind.ENVIRONMENT or _is_covered(file, files, request):
            continue
        name = file.name if file.asked_for else ", ".join(shown(path) for path in request.paths)
        if whole is None or whole.name != name:
            if whole is not None:
                yield whole
            whole = Declared(name, request.settings)
        whole.unread.append(file.unread)
    if whole is not None:
        yield whole


def _outermost(read: Sequence[tuple[File, Declared]]) -> list[Declared]:
    """Environments without the templates that are read as a part of another; of a ring the first stays."""
    claimed = {path for file, one in read for path in one.claimed if path != file.key}
    kept = [one for file, one in read if file.key not in claimed]
    covered = {path for one in kept for path in one.claimed}
    for file, one in read:
        if file.key in claimed and file.key not in covered:
            kept.append(one)
            covered |= {file.key, *one.claimed}
    return kept


def _is_covered(file: File, files: Sequence[File], request: Request) -> bool:
    """Is a parameter file, or a Bicep file, read through the template that it belongs to?"""
    if file.error:
        return False
    if file.kind is Kind.PARAMETERS and file.key in {path.resolve() for path in request.parameters or ()}:
        return True
    belongs_to = file.path.with_suffix(".json") if file.kind is Kind.BICEP else template_of(file.path)
    templates = {one.path for one in files if one.kind in TEMPLATES}
    return file.kind in (Kind.BICEP, Kind.PARAMETERS) and not file.asked_for and belongs_to in templates


def _environment(file: File, request: Request) -> Declared:
    """An environment file with all that it includes."""
    folder = file.path.parent
    into = Declared(shown(folder) if file.path.name.startswith("env.") else file.name, request.settings)
    if file.document is None:
        into.unread.append(file.unread)
        return into
    try:
        head = yaml.read_env(file.document)
        into.name = head.name or into.name
        into.settings = request.settings.over(head.settings)
        into.inputs.append(Input(file.document, file.kind))
        into.waivers = folder / head.waivers if head.waivers else None
        for include in head.include:
            _include(include, folder, request, into)
        yaml.add_resources(file.document, folder, into.settings, into)
    except DocumentError as error:
        into.unread.append(Unread(file.name, str(error)))
    return into


def _include(include: yaml.Include, folder: Path, request: Request, into: Declared) -> None:
    file = look(folder / include.file)
    into.claimed.add(file.key)
    if file.document is not None and file.kind in TEMPLATES:
        chosen = [folder / include.parameters] if include.parameters else request.parameters
        _template(file, file.document, chosen, into)
    elif file.document is not None and file.kind is Kind.EXPORT:
        _export(file.document, into)
    elif file.document is not None and isinstance(file.document.value, list) and file.path.suffix in YAML_SUFFIXES:
        _listed(file.document, file.document.value, folder, into)
    elif file.kind is Kind.ENVIRONMENT and file.document is not None:
        into.unread.append(Unread(file.name, "is an environment of its own; an environment cannot include another"))
    else:
        into.unread.append(file.unread)


def _alone(file: File, request: Request) -> Iterator[Declared]:
    """The environments that one template, or one list of resources, makes: one for each parameter file."""
    document = file.document
    if document is None:  # it was there when it was looked at
        into = Declared(file.name, request.settings)
        into.unread.append(file.unread)
        yield into
        return
    if file.kind is Kind.EXPORT:
        into = Declared(file.name, request.settings)
        _export(document, into)
        yield into
        return
    choices: list[Sequence[Path] | None] = [[one] for one in request.parameters or ()]
    choices = choices or [request.parameters]
    for chosen in choices:
        into = Declared(file.name, request.settings)
        if chosen and len(choices) > 1:
            into.name = f"{file.name} with {shown(chosen[0])}"
        _template(file, document, chosen, into)
        yield into


def _template(file: File, document: Document, parameters: Sequence[Path] | None, into: Declared) -> None:
    """Adds what a template deploys, with the values of these parameter files, or of the one beside it."""
    said = into.settings
    where, raw = Where(document), document.value
    into.inputs.append(Input(document, file.kind))
    goal = target(said.cloud or "AzureCloud", said.subscription, said.resource_group, said.location)
    place = place_of(document, file.path.parent, Scope(goal, document.name, Budget(), Siblings()))
    supplied = _supplied(file.path, parameters, into)
    found = artifact(raw) if file.kind is Kind.ARTIFACT and isinstance(raw, dict) else None
    if found is not None:
        supplied = {**artifacts.supplied(found, raw, where, place.scope), **supplied}
        place = place._replace(linked=artifacts.linked(found, raw, where))
        raw, where = at(raw, found.template), place_at(where, found.template)
    deployed = Deployed()
    try:
        deploy(raw, where, place, supplied, deployed)
    except DocumentError as error:
        into.unread.append(Unread(file.name, str(error)))
    except RecursionError:
        into.unread.append(Unread(file.name, "is nested too deeply"))
    into.resources += deployed.resources
    into.unread += deployed.unread
    into.inputs += [Input(one, Kind.TEMPLATE) for _, one in deployed.linked]
    into.claimed |= {path for path, _ in deployed.linked}


def _supplied(template: Path, parameters: Sequence[Path] | None, into: Declared) -> Supplied:
    if parameters is None:
        beside = parameters_beside(template)
        parameters = [beside] if beside.is_file() else []
    supplied: dict[str, Any] = {}
    for path in parameters:
        into.claimed.add(path.resolve())
        try:
            document = read(path, shown(path))
            supplied.update(supplied_by(document))
            into.inputs.append(Input(document, Kind.PARAMETERS))
        except DocumentError as error:
            into.unread.append(Unread(shown(path), str(error)))
    return supplied


def _export(document: Document, into: Declared) -> None:
    into.inputs.append(Input(document, Kind.EXPORT))
    into.resources += [resource(entry, where) for entry, where in entries(document.value, Where(document))]


def _listed(document: Document, value: list[Any], folder: Path, into: Declared) -> None:
    """Adds a YAML file that is nothing but a list of resources."""
    into.inputs.append(Input(document, Kind.LIST))
    try:
        yaml.add_listed(value, Where(document), document, folder, into.settings, into)
    except DocumentError as error:
        into.unread.append(Unread(document.name, str(error)))


def _together(request: Request, parts: list[Declared]) -> Declared:
    """One environment of all that was read."""
    whole = Declared(", ".join(shown(path) for path in request.paths), request.settings)
    for part in parts:
        whole.settings = whole.settings.over(part.settings)
        whole.resources += part.resources
        whole.observations.update(part.observations)
        whole.inputs += part.inputs
        whole.unread += part.unread
        if part.waivers and whole.waivers and part.waivers != whole.waivers:
            whole.unread.append(Unread(shown(part.waivers), "is a second waivers file; with --together one counts"))
        whole.waivers = whole.waivers or part.waivers
    return whole
