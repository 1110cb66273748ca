"""The Azure ML extension of a Kubernetes cluster, and its settings."""

from collections.abc import Iterator
from typing import Self

from mlpreflight.environment import Environment
from mlpreflight.resources.attributes import flag, text
from mlpreflight.resources.view import View
from mlpreflight.values import Fields, Text, Unknown

AZUREML = "Microsoft.AzureML.Kubernetes"


class Extension(View, type="Microsoft.KubernetesConfiguration/extensions", label="cluster extension"):
    """Any extension of a Kubernetes cluster. `cluster` is the id of the cluster that it extends."""

    extension_type = text("extensionType", absent="")
    release_train = text("releaseTrain", absent="Stable")
    version = text("version")
    upgrades_itself = flag("autoUpgradeMinorVersion", absent=True)
    release_namespace = text("scope.cluster.releaseNamespace")
    target_namespace = text("scope.namespace.targetNamespace")
    identity_type = text("/identity.type", absent="None")

    @property
    def cluster(self) -> Text | None:
        return self.resource.extends

    @property
    def settings(self) -> Fields | None:
        return self.fields("configurationSettings")

    @property
    def protected_settings(self) -> Fields | None:
        """The names are known, the values nobody's business: Azure never gives them back."""
        return self.fields("configurationProtectedSettings")


class MachineLearningExtension(Extension, type=Extension.type, label="Azure ML extension"):
    """An extension that is Azure ML's."""

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        for resource in env.of_type(cls.type):
            one = cls(resource, resource.node)
            kind = one.look("extension_type")
            if isinstance(kind, Unknown) or kind.value.holes or kind.value == AZUREML:
                yield one
