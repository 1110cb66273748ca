"""The control plane of Azure ML: the tags of its addresses, and what of them a list of ranges leaves out."""

from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals, tag_names, tags
from mlpreflight.resources.clusters import MlCluster
from mlpreflight.resources.several import Several
from mlpreflight.values import NotEnoughEvidence, Text

TAG = "AzureMachineLearning"


def lacking(ranges: Several[Text], tag: str, env: Environment) -> list[str] | None:
    """What of a tag's IPv4 addresses the ranges that are known leave out; None where only a list of tags tells."""
    words = [one.known for one in ranges.sure if not one.holes]
    if any(tags.holds(word, tag) is tags.Holds.ALL for word in words):
        return []
    if env.tags is None:
        return None
    known = [word for word in words if word in env.tags or addresses.prefix(word) is not None]
    numbers = intervals.merged(pair for word in known for pair in env.tags.numbers(word))
    return env.tags.missing(tag, numbers, of=addresses.ALL_V4)


def lets_nothing_in(ranges: Several[Text], env: Environment) -> bool:
    """Do the ranges certainly hold no address of the control plane, of whatever region?"""
    return env.tags is not None and lacking(ranges, TAG, env) == env.tags.missing(TAG, (), of=addresses.ALL_V4)


def regional_tags(cluster: MlCluster, env: Environment) -> list[str]:
    """The tags of the region that calls a cluster, and of its paired one: the workspace's, else the cluster's."""
    workspace = cluster.workspace(env)
    location = workspace.location if workspace is not None else cluster.view.location
    if location is None:
        raise NotEnoughEvidence.because("the location of the workspace is not written", "the location")
    regions = tag_names.regions_with(location.known)
    if not regions:
        raise NotEnoughEvidence.because(f"which region {location} is paired with is not known", "the paired region")
    return [f"{TAG}.{region}" for region in regions]
