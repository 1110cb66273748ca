"""From the paths that the user gave to environments, each with what of it could not be read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlpreflight.documents import YAML_SUFFIXES, Document, DocumentError, read
from mlpreflight.finding import Input, Unread
from mlpreflight.sources import yaml
from mlpreflight.sources.arm.parameters import Supplied, supplied_by
from mlpreflight.sources.arm.scope import Scope, target
from mlpreflight.sources.arm.template import Deployed, Place, deploy
from mlpreflight.sources.declared import Declared, Settings
from mlpreflight.sources.exports import entries, resource
from mlpreflight.sources.kinds import ADVICE, Kind, by_content, by_name
from mlpreflight.sources.walk import files_below, shown
from mlpreflight.values import Where


class UsageError(Exception):
    """What the user asked for cannot be done; says why and what to do instead."""


@dataclass(frozen=True)
class Request:
    """What to read. `parameters` None: the file beside each template; empty: none."""

    paths: Sequence[Path]
    settings: Settings = field(default_factory=Settings)
    parameters: Sequence[Path] | None = None
    together: bool = False


@dataclass
class _File:
    """A file with what is known of it."""

    path: Path
    kind: Kind
    document: Document | None = None
    error: str = ""
    asked_for: bool = False


def load(request: Request) -> list[Declared]:
    """The environments of a request. Raises UsageError where the paths and options do not fit together."""
    files = [file for path in request.paths for file in _files(path)]
    if request.parameters:
        templates = [file for file in files if file.kind in (Kind.TEMPLATE, Kind.ARTIFACT)]
        if len(templates) != 1:
            raise UsageError(f"--parameters goes with one template; {len(templates)} are given")
    return _Reader(request, files).environments()


def _files(path: Path) -> list[_File]:
    if path.is_dir():
        refused: list[Unread] = []
        found = [_look(one, asked_for=False) for one in files_below(path, refused)]
        broken = [_File(Path(one.file), Kind.OTHER, None, one.reason) for one in refused]
        return [file for file in found if _counts(file)] + broken
    return [_look(path, asked_for=True)]


def _counts(file: _File) -> bool:
    """Is a file that stands in a folder an input at all? YAML is much else; only what says so is ours."""
    if file.path.suffix.lower() in YAML_SUFFIXES:
        return file.kind in (Kind.ENVIRONMENT, Kind.AZUREML) if not file.error else file.kind is Kind.ENVIRONMENT
    return file.kind not in (Kind.OTHER, Kind.MANIFEST) or bool(file.error)


def _look(path: Path, asked_for: bool) -> _File:
    kind = by_name(path)
    if kind in (Kind.BICEP, Kind.TERRAFORM):
        return _File(path, kind, asked_for=asked_for)
    try:
        document = read(path, shown(path))
    except DocumentError as error:
        return _File(path, kind or Kind.OTHER, None, str(error), asked_for)
    is_yaml = path.suffix.lower() in YAML_SUFFIXES
    found = by_content(document.value, is_yaml)
    if kind is Kind.ENVIRONMENT or (is_yaml and found is Kind.ENVIRONMENT and asked_for):
        found = Kind.ENVIRONMENT
    elif found is Kind.ENVIRONMENT:
        found = Kind.OTHER
    return _File(path, found, document, asked_for=asked_for)


class _Reader:
    """Reads files into environments; knows which file belongs to which other."""

    def __init__(self, request: Request, files: list[_File]) -> None:
        self.request = request
        self.files = files
        self.belonging: set[Path] = set()

    def environments(self) -> list[Declared]:
        result: list[Declared] = []
        result += [self.environment(file) for file in self.files if file.kind is Kind.ENVIRONMENT]
        whole = Declared(_joined(self.request.paths), self.request.settings)
        templates: list[tuple[Path, Declared]] = []
        for file in self.files:
            if file.kind in (Kind.TEMPLATE, Kind.ARTIFACT, Kind.EXPORT) and file.path.resolve() not in self.belonging:
                templates += [(file.path.resolve(), one) for one in self.alone(file)]
        linked = {path for _, one in templates for path in one.linked} | self.belonging
        result += [one for path, one in templates if path not in linked]
        leftover = [file for file in self.files if file.kind in ADVICE or file.error]
        for file in leftover:
            if file.path.resolve() not in linked and not self.is_used(file):
                self.refuse(file, whole, result)
        if self.request.together:
            return [_together(whole, result)]
        return result + ([whole] if whole.unread else [])

    def is_used(self, file: _File) -> bool:
        """Is a parameter file, or a Bicep file, read through the template it belongs to?"""
        if file.error:
            return False
        if file.kind is Kind.PARAMETERS:
            return file.path.resolve() in {path.resolve() for path in self.request.parameters or ()} or (
                file.path.name.lower().endswith(".parameters.json")
                and _template_of(file.path).exists()
                and not file.asked_for
            )
        return file.kind is Kind.BICEP and file.path.with_suffix(".json").exists() and not file.asked_for

    def refuse(self, file: _File, whole: Declared, result: list[Declared]) -> None:
        """Names a file as unread: one that was asked for in an environment of its own."""
        name = shown(file.path)
        reason = file.error or ADVICE[file.kind].format(file=name)
        if file.asked_for and not self.request.together:
            result.append(Declared(name, self.request.settings, unread=[Unread(name, reason)]))
        else:
            whole.unread.append(Unread(name, reason))

    def environment(self, file: _File) -> Declared:
        """An environment file with all that it includes."""
        name = shown(file.path)
        folder = file.path.parent
        into = Declared(shown(folder) if file.path.name.startswith("env.") else name, self.request.settings)
        if file.document is None:
            into.unread.append(Unread(name, file.error))
            file.error, file.kind = "", Kind.ENVIRONMENT
            return into
        try:
            head = yaml.read_env(file.document)
        except DocumentError as error:
            into.unread.append(Unread(name, str(error)))
            return into
        into.name = head.name or into.name
        into.settings = self.request.settings.over(head.settings)
        into.inputs.append(Input(name, file.kind, file.document.digest))
        into.waivers = folder / head.waivers if head.waivers else None
        try:
            yaml.add_resources(file.document, folder, into.settings, into)
        except DocumentError as error:
            into.unread.append(Unread(name, str(error)))
        for include in head.include:
            self.include(include, folder, into)
        return into

    def include(self, include: yaml.Include, folder: Path, into: Declared) -> None:
        path = folder / include.file
        if path.is_dir():
            into.unread.append(Unread(shown(path), "is a folder; include its files one by one"))
            return
        self.belonging.add(path.resolve())
        file = _look(path, asked_for=True)
        parameters = [folder / include.parameters] if include.parameters else None
        if file.document is None:
            into.unread.append(Unread(shown(path), file.error or ADVICE[file.kind].format(file=shown(path))))
        elif file.kind in (Kind.TEMPLATE, Kind.ARTIFACT):
            supplied = self.parameters(file.path, parameters, into)
            self.template(file, supplied, into)
        elif file.kind is Kind.EXPORT:
            self.export(file, into)
        elif isinstance(file.document.value, list) and path.suffix.lower() in YAML_SUFFIXES:
            self.listed(file, folder, into)
        else:
            into.unread.append(
                Unread(shown(path), ADVICE.get(file.kind, "cannot be included").format(file=shown(path)))
            )

    def parameters(self, template: Path, chosen: Sequence[Path] | None, into: Declared) -> Supplied:
        """The parameter values for a template: of the chosen file, or of the one beside it."""
        if chosen is None and self.request.parameters is None:
            beside = template.with_name(template.stem + ".parameters.json")
            chosen = [beside] if beside.is_file() else []
        supplied: dict[str, object] = {}
        for path in chosen or ():
            self.belonging.add(path.resolve())
            try:
                document = read(path, shown(path))
            except DocumentError as error:
                into.unread.append(Unread(shown(path), str(error)))
                continue
            into.inputs.append(Input(shown(path), Kind.PARAMETERS, document.digest))
            supplied.update(supplied_by(document))
        return supplied  # type: ignore[return-value]

    def alone(self, file: _File) -> Iterable[Declared]:
        """The environments that one template, or one list of resources, makes: one for each parameter file."""
        name = shown(file.path)
        if file.kind is Kind.EXPORT:
            into = Declared(name, self.request.settings)
            self.export(file, into)
            yield into
            return
        files: Sequence[Path | None] = self.request.parameters or (None,)
        for chosen in files:
            into = Declared(name, self.request.settings)
            if chosen is not None and len(self.request.parameters or ()) > 1:
                into.name = f"{name} with {shown(chosen)}"
            supplied = self.parameters(file.path, [chosen] if chosen else None, into)
            self.template(file, supplied, into)
            yield into

    def template(self, file: _File, supplied: Supplied, into: Declared) -> None:
        document, said = file.document, into.settings
        assert document is not None
        where = Where(document)
        raw = document.value
        if file.kind is Kind.ARTIFACT and isinstance(raw, dict):
            raw, where = raw["properties"]["template"], where.child("properties").child("template")
        goal = target(said.cloud or "AzureCloud", said.subscription, said.resource_group, said.location)
        deployed = Deployed()
        into.inputs.insert(0, Input(shown(file.path), file.kind, document.digest))
        try:
            deploy(raw, where, Place(document, file.path.parent, Scope(goal, document.name)), supplied, deployed)
        except (DocumentError, RecursionError) as error:
            reason = str(error) if isinstance(error, DocumentError) else "is nested too deeply"
            into.unread.append(Unread(shown(file.path), reason))
        into.resources += deployed.resources
        into.unread += deployed.unread
        for one in deployed.linked:
            into.linked.add(Path(one.name).resolve())
            into.inputs.append(Input(one.name, Kind.TEMPLATE, one.digest))

    def export(self, file: _File, into: Declared) -> None:
        document = file.document
        assert document is not None
        into.inputs.append(Input(shown(file.path), file.kind, document.digest))
        into.resources += [resource(entry, where) for entry, where in entries(document.value, Where(document))]

    def listed(self, file: _File, folder: Path, into: Declared) -> None:
        """A YAML file that is nothing but a list of resources."""
        document = file.document
        assert document is not None
        assert isinstance(document.value, list)
        into.inputs.append(Input(shown(file.path), "list of resources", document.digest))
        try:
            yaml.add_listed(document.value, Where(document), document, folder, into.settings, into)
        except DocumentError as error:
            into.unread.append(Unread(shown(file.path), str(error)))


def _template_of(parameters: Path) -> Path:
    return parameters.with_name(parameters.name[: -len(".parameters.json")] + ".json")


def _joined(paths: Sequence[Path]) -> str:
    return ", ".join(shown(path) for path in paths)


def _together(whole: Declared, parts: list[Declared]) -> Declared:
    """One environment of all that was read."""
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
