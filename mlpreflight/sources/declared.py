"""What a reader makes of the inputs of one environment, before it is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from mlpreflight.environment import Observation, Question, Resource
from mlpreflight.finding import Input, Unread


class Settings(NamedTuple):
    """What the user said of an environment, on the command line or in `env.yaml`; None and empty: nothing."""

    profile: str | None = None
    workloads: tuple[str, ...] = ()
    subscription: str | None = None
    resource_group: str | None = None
    location: str | None = None
    cloud: str | None = None
    as_of: date | None = None
    complete: bool = False
    roles: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    service_tags: Path | None = None

    def over(self, other: "Settings") -> "Settings":
        """These settings, and the other ones where these say nothing."""
        return Settings(
            self.profile or other.profile,
            self.workloads or other.workloads,
            self.subscription or other.subscription,
            self.resource_group or other.resource_group,
            self.location or other.location,
            self.cloud or other.cloud,
            self.as_of or other.as_of,
            self.complete or other.complete,
            {**other.roles, **self.roles},
            self.service_tags or other.service_tags,
        )


@dataclass
class Declared:
    """One environment as it was read. `claimed` are the files that were read as a part of it."""

    name: str
    settings: Settings
    resources: list[Resource] = field(default_factory=list)
    observations: dict[Question, Observation] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    waivers: Path | None = None
    claimed: set[Path] = field(default_factory=set)
