"""Our own YAML: `env.yaml`, an environment written by hand or put together from other files."""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from mlpreflight.documents import Document
from mlpreflight.environment import Fetch, Observation
from mlpreflight.resources.roles import ROLES
from mlpreflight.sources import schema
from mlpreflight.sources.arm.scope import Budget, Scope, target
from mlpreflight.sources.arm.siblings import Siblings
from mlpreflight.sources.arm.template import Deployed, deploy_resources, place_of
from mlpreflight.sources.declared import Declared, Settings
from mlpreflight.values import Where
from mlpreflight.vocabulary import CLOUDS, PROFILES, WORKLOADS

KEYS = (
    "$schema",
    "name",
    "profile",
    "workloads",
    "roles",
    "context",
    "complete",
    "include",
    "waivers",
    "serviceTags",
    "resources",
    "observations",
)
CONTEXT_KEYS = ("subscription", "resourceGroup", "location", "cloud", "asOf")
INCLUDE_KEYS = ("file", "parameters")
OBSERVATION_KEYS = ("fetch", "from", "outcome", "detail")


class Include(NamedTuple):
    """A file that belongs to the environment, and the parameter file that goes with it."""

    file: str
    parameters: str | None
    where: Where


class EnvFile(NamedTuple):
    """What an `env.yaml` says."""

    name: str | None
    settings: Settings
    include: tuple[Include, ...]
    waivers: str | None
    document: Document


def read_env(document: Document) -> EnvFile:
    """Reads the head of an environment file; `add_resources` reads the rest. Raises DocumentError."""
    where = Where(document)
    top = schema.check_keys(document.value, where, KEYS, "the environment")
    name = schema.text(top["name"], where.child("name"), "name") if "name" in top else None
    waivers = schema.text(top["waivers"], where.child("waivers"), "waivers") if "waivers" in top else None
    return EnvFile(name, _settings(document, top, where), _includes(top, where), waivers, document)


def _settings(document: Document, top: dict[str, Any], where: Where) -> Settings:
    context = schema.check_keys(top.get("context", {}), where.child("context"), CONTEXT_KEYS, "context")
    at = where.child("context")

    def said(key: str) -> str | None:
        return schema.text(context[key], at.child(key), key) if context.get(key) is not None else None

    profile = top.get("profile")
    complete = top.get("complete", False)
    if not isinstance(complete, bool):
        raise schema.problem(where.child("complete"), "complete must be true or false")
    cloud = said("cloud")
    workloads = schema.texts(top.get("workloads", []), where.child("workloads"), "workloads")
    return Settings(
        schema.one_of(profile, where.child("profile"), PROFILES, "profile") if profile is not None else None,
        tuple(
            schema.one_of(word, where.child("workloads").child(at), WORKLOADS, "workload")
            for at, word in enumerate(workloads)
        ),
        said("subscription"),
        said("resourceGroup"),
        said("location"),
        schema.one_of(cloud, at.child("cloud"), CLOUDS, "cloud") if cloud else None,
        day(said("asOf"), at.child("asOf")),
        complete,
        _roles(top.get("roles", {}), where.child("roles")),
        _beside(document, top["serviceTags"], where.child("serviceTags")) if "serviceTags" in top else None,
    )


def _beside(document: Document, value: Any, where: Where) -> Path:
    """A file that the environment file names, relative to itself."""
    return Path(document.name).parent / schema.text(value, where, "serviceTags")


def day(text: str | None, where: Where) -> date | None:
    """A date as in 2026-11-20; raises DocumentError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise schema.problem(where, f"{text!r} is no date; write it as in 2026-11-20") from None


def _roles(raw: Any, where: Where) -> dict[str, tuple[str, ...]]:
    roles = schema.check_keys(raw, where, ROLES, "roles")
    return {
        role: schema.texts([names] if isinstance(names, str) else names, where.child(role), f"roles.{role}")
        for role, names in roles.items()
    }


def _includes(top: dict[str, Any], where: Where) -> tuple[Include, ...]:
    place = where.child("include")
    raw = top.get("include", [])
    if not isinstance(raw, list):
        raise schema.problem(place, "include must be a list of files")
    found: list[Include] = []
    for at, entry in enumerate(raw):
        here = place.child(at)
        if isinstance(entry, str):
            found.append(Include(schema.text(entry, here, "a file"), None, here))
            continue
        keys = schema.check_keys(entry, here, INCLUDE_KEYS, "an included file")
        file = schema.text(keys.get("file"), here.child("file"), "file")
        parameters = keys.get("parameters")
        if parameters is not None:
            schema.text(parameters, here.child("parameters"), "parameters")
        found.append(Include(file, parameters, here))
    return tuple(found)


def add_resources(document: Document, folder: Path | None, settings: Settings, into: Declared) -> None:
    """Adds what the file declares itself: resources in ARM's shape, and observations. Raises DocumentError."""
    where = Where(document)
    top = document.value if isinstance(document.value, dict) else {}
    place = where.child("resources")
    resources = top.get("resources") or []
    if not isinstance(resources, list):
        raise schema.problem(place, "resources must be a list")
    add_listed(resources, place, document, folder, settings, into)
    _add_observations(top.get("observations", []), where.child("observations"), into)


def add_listed(
    resources: list[Any], place: Where, document: Document, folder: Path | None, settings: Settings, into: Declared
) -> None:
    """Adds a list of resources in ARM's shape; strings in brackets are template expressions."""
    for at, entry in enumerate(resources):
        here = place.child(at)
        if not isinstance(entry, dict):
            raise schema.problem(here, "a resource must be keys and values, at least type and name")
        for key in ("type", "name"):
            if key not in entry:
                raise schema.problem(here, f"this resource has no {key}")
    goal = target(settings.cloud or "AzureCloud", settings.subscription, settings.resource_group, settings.location)
    deployed = Deployed()
    deploy_resources(
        resources, place, place_of(document, folder, Scope(goal, document.name, Budget(), Siblings())), deployed
    )
    into.resources += deployed.resources
    into.unread += deployed.unread


def _add_observations(raw: Any, where: Where, into: Declared) -> None:
    if not isinstance(raw, list):
        raise schema.problem(where, "observations must be a list")
    for at, entry in enumerate(raw):
        here = where.child(at)
        keys = schema.check_keys(entry, here, OBSERVATION_KEYS, "an observation")
        question = Fetch(
            schema.text(keys.get("fetch"), here.child("fetch"), "fetch"),
            schema.text(keys.get("from", "anywhere"), here.child("from"), "from"),
        )
        outcome = schema.text(keys.get("outcome"), here.child("outcome"), "outcome")
        into.observations[question] = Observation(question, outcome, str(keys.get("detail", "")))
