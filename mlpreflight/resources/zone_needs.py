"""What the connections of private endpoints need of private DNS, by the type of what they lead to."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.resources.vnet import PrivateLink
from mlpreflight.text import compare
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

WORKSPACE_GROUP = "amlworkspace"


class Need(NamedTuple):
    """What a group of a private endpoint needs of private DNS: `zones`, all of them, or beside them one of `also`."""

    group: str
    zones: tuple[str, ...]
    also: tuple[str, ...]


def last(id: Text) -> Text:
    """The last step of an id, the name."""
    return id.split("/")[-1]


def type_of(id: Text) -> str | None:
    """The type of what an id names; None where it cannot be read from it."""
    steps = id.split("/")
    at = max((at for at, step in enumerate(steps) if not step.holes and step == "providers"), default=None)
    if at is None or len(steps) < at + 4 or steps[at + 1].holes or steps[at + 2].holes:
        return None
    return f"{steps[at + 1].known}/{steps[at + 2].known}"


def needs_of(link: PrivateLink, env: Environment) -> Iterator[Need]:
    """What the groups of a connection need; groups that Azure ML has no use for are left out.

    Raises NotEnoughEvidence, after all that are certain, where there may be another.
    """
    doubt: Unknown | None = None
    target = link.target
    kind = type_of(target) if target is not None else None
    try:
        for group in link.group_ids:
            rows = [row for row in _rows() if any(compare(group, Text((name,))) is not False for name in row["groups"])]
            same = [row for row in rows if kind is None or row["type"].lower() == kind.lower()]
            if not same:
                continue
            if group.holes or kind is None:
                what = "its groupIds" if group.holes else "what it leads to"
                owner = link.parent.name if link.parent is not None else link.name
                doubt = doubt or Unknown.because(f"{what} cannot be read", f"{what} ({owner})")
                continue
            zones = same[0]["zones"].get(env.cloud)
            if zones is None:
                told = f"Azure documents no private DNS zone for {group} in {env.cloud}"
                doubt = doubt or Unknown.because(told, told)
                continue
            yield Need(group.known, tuple(zones), tuple(same[0].get("also", {}).get(env.cloud, ())))
    except NotEnoughEvidence as stopped:
        doubt = doubt or stopped.unknown
    if doubt:
        raise NotEnoughEvidence(doubt)


def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = data.table("private_dns")["endpoints"]
    return rows


def is_known_type(kind: str) -> bool:
    """Is it a type that Azure ML leads private endpoints to?"""
    return any(row["type"].lower() == kind.lower() for row in _rows())
