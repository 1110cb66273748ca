"""Small environments for tests: good defaults, so that a case says only what is odd about it."""

import textwrap
from datetime import date
from pathlib import Path

from mlpreflight.documents import from_text
from mlpreflight.environment import Environment, Resource
from mlpreflight.sources import yaml
from mlpreflight.sources.assemble import assemble
from mlpreflight.sources.declared import Declared, Settings
from mlpreflight.sources.load import Request, load
from mlpreflight.values import Where

TODAY = date(2026, 11, 20)


def environment(resources: str, *, as_of: date = TODAY, **settings: object) -> Environment:
    """An environment of resources written in YAML."""
    document = from_text(textwrap.dedent(resources), "test.yaml", yaml=True)
    declared = Declared("test", Settings(as_of=as_of, **settings))  # type: ignore[arg-type]
    assert isinstance(document.value, list)
    yaml.add_listed(document.value, Where(document), document, None, declared.settings, declared)
    return assemble(declared, TODAY)


def template(folder: Path, text: str, name: str = "main.json", **request: object) -> Environment:
    """The one environment of a template that is written to a folder first."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    (declared,) = load(Request([path], **request))  # type: ignore[arg-type]
    assert not declared.unread, declared.unread
    return assemble(declared, TODAY)


def deployed(read: Environment | Declared) -> list[Resource]:
    """What Azure would deploy of an environment: its resources without what is said of its templates."""
    return [resource for resource in read.resources if resource.type != "Preflight/templates"]
