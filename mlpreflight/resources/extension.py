"""The Azure ML extension of a Kubernetes cluster, and its settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight.environment import Environment
from mlpreflight.finding import Evidence, Role
from mlpreflight.resources.attributes import present, text
from mlpreflight.resources.roles import Part
from mlpreflight.resources.shapes import show, text_of
from mlpreflight.resources.view import View
from mlpreflight.values import Fields, Node, NotEnoughEvidence, Text, Unknown, Where

AZUREML = "Microsoft.AzureML.Kubernetes"
PLAIN, PROTECTED = "configurationSettings", "configurationProtectedSettings"


class Extension(View, type="Microsoft.KubernetesConfiguration/extensions", label="cluster extension"):
    """Any extension of a Kubernetes cluster. `cluster` is the id of the cluster that it extends."""

    extension_type = text("extensionType", absent="")

    @property
    def cluster(self) -> Text | None:
        return self.resource.extends


class MachineLearningExtension(View, type=Extension.type, label="Azure ML extension"):
    """The extension of Azure ML.

    Its settings are case-sensitive, unlike all else in Azure. The values of protected ones are nobody's business and
    Azure never gives them back; that they are there is enough.
    """

    extension_type = text("extensionType", absent="")
    release_train = text("releaseTrain", absent="Stable")
    version = text("version")
    release_namespace = text("scope.cluster.releaseNamespace")
    has_namespace_scope = present("scope.namespace")
    identity_type = text("/identity.type", absent="None")

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        for resource in env.of_type(cls.type):
            one = cls(resource, resource.node)
            kind = one.look("extension_type")
            if isinstance(kind, Unknown) or kind.value.holes or kind.value == AZUREML:
                yield one

    @property
    def cluster(self) -> Text | None:
        return self.resource.extends

    def setting(self, key: str) -> Text | None:
        """A setting by its exact name, in the plain bag or else the protected one; None where it is not set."""
        for bag in (PLAIN, PROTECTED):
            node = self.setting_node(bag, key)
            if node is not None:
                return as_text(node, key)
        return None

    def setting_node(self, bag: str, key: str) -> Node | None:
        """A setting in one bag; raises NotEnoughEvidence where the bag may hold what is not known."""
        fields = self.fields(bag)
        if fields is None:
            return None
        node = fields.nodes.get(key)
        if node is None and fields.more:
            raise NotEnoughEvidence(fields.more.told_of(bag))
        return node if node is not None and node.value is not None else None

    def is_true(self, key: str, absent: bool = False) -> bool:
        """A switch; raises NotEnoughEvidence where its value is not known. What is neither counts as false."""
        value = self.setting(key)
        return absent if value is None else value == "true"

    def at_setting(self, key: str) -> Evidence:
        """The place of a setting and its value, or the bag it is absent from. Never raises."""
        for bag in (PLAIN, PROTECTED):
            try:
                node = self.setting_node(bag, key)
            except NotEnoughEvidence:
                node = None
            if node is not None:
                shown = "***" if bag == PROTECTED else show(node.value)
                return Evidence(Role.DECIDED, f"{key}: {shown}", node.where, node.via)
        place = self.at("release_train" if self._bag() is None else "extension_type")
        where = self._bag() or place.where
        return Evidence(Role.ABSENT, f"{key} is not set", where)

    def _bag(self) -> Where | None:
        try:
            fields = self.fields()
            properties = fields.get("properties") if fields else None
            inner = properties.value if properties is not None else None
            bag = inner.get(PLAIN) if isinstance(inner, Fields) else None
        except NotEnoughEvidence:
            return None
        return bag.where if bag is not None else None


def as_text(node: Node, key: str) -> Text:
    """A setting's value as text; truth values count as written."""
    if isinstance(node.value, bool):
        return Text((str(node.value).lower(),))
    return text_of(node, key).labelled(key)


@dataclass(eq=False, repr=False)
class ExtensionSetting(Part[MachineLearningExtension]):
    """One setting of the Azure ML extension, in one of the two bags."""

    label: ClassVar[str] = "setting of the Azure ML extension"
    bag: str
    key: str
    node: Node

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        extensions, doubt = env.all(MachineLearningExtension)
        for extension in extensions:
            for bag in (PLAIN, PROTECTED):
                try:
                    fields = extension.fields(bag)
                except NotEnoughEvidence as stopped:
                    doubt = doubt or stopped.unknown
                    continue
                for key, node in fields.nodes.items() if fields else ():
                    yield cls(extension, extension.doubt, bag, key, node)
                doubt = doubt or (fields.more if fields else None)
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def name(self) -> Text:
        return self.view.name + " " + self.key

    @property
    def where(self) -> Where:
        return self.node.where

    def at(self) -> Evidence:
        """The place of the setting, and its value if it is no secret."""
        shown = "***" if self.bag == PROTECTED else show(self.node.value)
        return Evidence(Role.DECIDED, f"{self.bag}.{self.key}: {shown}", self.node.where, self.node.via)
