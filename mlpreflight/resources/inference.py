"""What an environment is for, where nobody says it: the profile and the workloads, told from its resources."""

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.resources.aks import ManagedCluster
from mlpreflight.resources.compute import ScaleSet, VirtualMachine
from mlpreflight.resources.extension import MachineLearningExtension
from mlpreflight.resources.machine_learning import Compute, Workspace
from mlpreflight.resources.view import View
from mlpreflight.values import Known, NotEnoughEvidence, Text
from mlpreflight.vocabulary import WORKLOADS

_TRAINING = (
    "AmlCompute",
    "ComputeInstance",
    "VirtualMachine",
    "HDInsight",
    "DataFactory",
    "Databricks",
    "SynapseSpark",
)
_INFERENCE = ("AKS",)


def deploys_ml_server(env: Environment) -> bool:
    """Are images of ML Server deployed?"""
    machines: list[View] = [*env.all(VirtualMachine)[0], *env.all(ScaleSet)[0]]
    if not machines:
        return False  # most have none, and reading the table takes a tenth of a small run
    publishers = data.table("images")["mlServerPublishers"]
    return any(_is(machine, "publisher", publisher) for machine in machines for publisher in publishers)


def _is(view: View, attribute: str, wanted: str) -> bool:
    known = view.look(attribute)
    value = known.value if isinstance(known, Known) else None
    return isinstance(value, Text) and not value.holes and value == wanted


def workloads(env: Environment) -> frozenset[str]:
    """What the resources are for; everything where they do not tell."""
    found: set[str] = set()
    if deploys_ml_server(env):
        found.add("mlserver")
    if env.all(Workspace)[0]:
        found.add("workspace")
    for compute in env.all(Compute)[0]:
        kinds = {
            "training": any(_is(compute, "kind", kind) for kind in _TRAINING),
            "inference": any(_is(compute, "kind", kind) for kind in _INFERENCE),
        }
        found |= {word for word, holds in kinds.items() if holds} or {"training", "inference"}
    extensions = env.all(MachineLearningExtension)[0]
    for extension in extensions:
        found |= _of_extension(extension)
    if env.all(ManagedCluster)[0] and not extensions:
        found |= {"training", "inference"}
    return frozenset(found or WORKLOADS)


def _of_extension(extension: MachineLearningExtension) -> set[str]:
    both = {"training", "inference"}
    try:
        return {word for word in both if extension.is_true(f"enable{word.capitalize()}")} or both
    except NotEnoughEvidence:
        return both
