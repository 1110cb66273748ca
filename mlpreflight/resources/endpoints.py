"""Scoring endpoints of the first SDK on AKS, as their resource type declares them."""

from collections.abc import Iterator
from typing import Self

from mlpreflight.environment import Environment
from mlpreflight.resources.attributes import flag, number, text
from mlpreflight.resources.view import View
from mlpreflight.values import Unknown

KINDS = ("AKS", "AKSENDPOINT")


class AksEndpoint(View, type="Microsoft.MachineLearningServices/workspaces/services", label="AKS endpoint"):
    """An endpoint of the first SDK, or a version of one. By default keys are asked for and 1 to 10 replicas run."""

    kind = text("computeType", absent="")
    namespace = text("namespace")
    has_keys = flag("authEnabled", absent=True)
    has_tokens = flag("aadAuthEnabled")
    least_replicas = number("autoScaler.minReplicas", absent=1)
    most_replicas = number("autoScaler.maxReplicas", absent=10)
    traffic_percentile = number("trafficPercentile")

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        for resource in env.of_type(cls.type):
            one = cls(resource, resource.node)
            kind = one.look("kind")
            if isinstance(kind, Unknown) or kind.value.holes or any(kind.value == word for word in KINDS):
                yield one
