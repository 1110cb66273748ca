"""The files in the paths that the user gave, each with what kind of input it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mlpreflight.documents import YAML_SUFFIXES, Document, DocumentError, read
from mlpreflight.finding import Unread
from mlpreflight.sources.kinds import ADVICE, Kind, by_content, by_name
from mlpreflight.sources.walk import files_below, shown

LINK = "templateLink"

PARAMETERS_SUFFIX = ".parameters.json"


class File(NamedTuple):
    """A file and what it holds; one of which nothing can be read has no document, and `error` may say why.

    `asked_for`: it was named itself. `is_put_by`: the document was let go of, to be read again when its turn comes.
    """

    path: Path
    kind: Kind
    document: Document | None = None
    error: str = ""
    asked_for: bool = False
    is_put_by: bool = False

    def put_by(self) -> "File":
        """The file without its document: of a folder of thousands only a few are held at a time."""
        return self._replace(document=None, is_put_by=self.document is not None)

    def again(self) -> "File":
        """The file with its document."""
        return look(self.path)._replace(asked_for=self.asked_for) if self.is_put_by else self

    @property
    def name(self) -> str:
        return shown(self.path)

    @property
    def key(self) -> Path:
        """What tells whether two names are one file."""
        return self.path.resolve()

    @property
    def unread(self) -> Unread:
        """The file as one that was not read, with the reason or what to do."""
        return Unread(self.name, self.error or ADVICE[self.kind].format(file=self.name))


def files_in(path: Path) -> Iterator[File]:
    """The file itself, or the inputs below a folder."""
    if not path.is_dir():
        yield look(path)
        return
    refused: list[Unread] = []
    for one in files_below(path, refused):
        file = look(one)._replace(asked_for=False)
        if _is_input(file):
            yield file if _may_lead_on(file) else file.put_by()
    for unread in refused:
        yield File(Path(unread.file), Kind.OTHER, None, unread.reason)


def _may_lead_on(file: File) -> bool:
    """May other files be read as a part of this one? They are not judged by themselves then."""
    return file.kind is Kind.ENVIRONMENT or (file.document is not None and LINK in file.document.text)


def _is_input(file: File) -> bool:
    """Does a file that stands in a folder count? YAML is much else: only what says that it is ours does."""
    if file.path.suffix.lower() in YAML_SUFFIXES:
        return by_name(file.path) is Kind.ENVIRONMENT or (file.kind is Kind.AZUREML and not file.error)
    return file.kind not in (Kind.OTHER, Kind.MANIFEST, Kind.TAGS) or bool(file.error)


def look(path: Path) -> File:
    """Reads a file that was asked for and tells its kind. YAML is an environment by its name, or if it looks it."""
    kind = by_name(path)
    if kind in (Kind.BICEP, Kind.TERRAFORM):
        return File(path, kind, asked_for=True)
    try:
        document = read(path, shown(path))
    except DocumentError as error:
        return File(path, kind or Kind.OTHER, None, str(error), True)
    return File(path, kind or by_content(document.value, path.suffix.lower() in YAML_SUFFIXES), document, "", True)


def template_of(parameters: Path) -> Path | None:
    """The template that a parameter file stands beside, by its name; None for other names."""
    if not parameters.name.lower().endswith(PARAMETERS_SUFFIX):
        return None
    return parameters.with_name(parameters.name[: -len(PARAMETERS_SUFFIX)] + ".json")


def parameters_beside(template: Path) -> Path:
    return template.with_name(template.stem + PARAMETERS_SUFFIX)
