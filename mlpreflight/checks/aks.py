"""Questions about AKS clusters that Azure ML uses."""

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, Verdict, failed, not_applicable, passed
from mlpreflight.network import addresses, intervals, tag_names, tags
from mlpreflight.network.intervals import Intervals
from mlpreflight.network.tag_names import Standing
from mlpreflight.resources.aks import ManagedCluster, TrustedAccess
from mlpreflight.resources.clusters import MlCluster
from mlpreflight.resources.control_plane import TAG as CONTROL_PLANE
from mlpreflight.resources.control_plane import lacking, lets_nothing_in, regional_tags
from mlpreflight.resources.several import some
from mlpreflight.resources.subjects import ClusterSubnet
from mlpreflight.values import Known, NotEnoughEvidence, Text, Unknown

# Of a long list a message names the first; the fix has them all.
SHOWN = 10
WORKLOAD_ROLE = "Microsoft.MachineLearningServices/workspaces/mlworkload"


def uses_managed_identity(cluster: MlCluster) -> Answer:
    """Does the cluster run under a managed identity and not under a service principal?"""
    view = cluster.view
    if view.identity_type != "None":
        principal = view.client_id
        if principal == "msi" or principal == "":
            return passed(f"it runs under a managed identity ({view.identity_type})", view.at("identity_type"))
        return failed(
            f"it names the service principal {principal} beside its managed identity",
            view.at("client_id"),
            view.at("identity_type"),
            cluster=view.name,
        )
    if isinstance(view.look("misplaced_identity"), Unknown) or view.misplaced_identity is not None:
        told = "it has no identity: the one under `properties` is ignored, it belongs beside them"
        return failed(told, view.at("misplaced_identity"), cluster=view.name)
    known = view.look("client_id")
    if isinstance(known, Known) and not known.value.parts:
        told = "it has neither a managed identity nor a service principal"
        return failed(told, view.at("identity_type"), cluster=view.name)
    told = "it runs under a service principal and has no managed identity"
    return failed(told, view.at("client_id"), view.at("identity_type"), cluster=view.name)


def has_local_accounts(cluster: MlCluster) -> Answer:
    """Are local accounts left on, as Azure ML needs them to sign in?"""
    view = cluster.view
    if view.has_no_local_accounts:
        return failed("local accounts are switched off", view.at("has_no_local_accounts"), cluster=view.name)
    return passed("local accounts are on", view.at("has_no_local_accounts"))


def lets_azureml_sign_in(cluster: MlCluster, env: Environment) -> Answer:
    """Can Azure ML sign in to the cluster: by a local account, or by Trusted Access?"""
    view = cluster.view
    if not view.has_no_local_accounts:
        return passed("local accounts are on", view.at("has_no_local_accounts"))
    if env.cloud == "AzureCloud" and _is_trusted(cluster, env):
        return passed("Trusted Access lets the workspace in without a local account", view.at("has_no_local_accounts"))
    why = "no Trusted Access binding is declared" if env.cloud == "AzureCloud" else f"{env.cloud} has no Trusted Access"
    return failed(f"local accounts are switched off, and {why}", view.at("has_no_local_accounts"), cluster=view.name)


def authorizes_azureml(cluster: MlCluster, env: Environment, *, accepts_trusted_access: bool) -> Answer:
    """Does the API server let the control plane of Azure ML in, where only some addresses may reach it?"""
    view = cluster.view
    settled = _not_narrowed(cluster, env, accepts_trusted_access)
    if settled is not None:
        return settled
    ranges = view.authorized_ranges
    if lacking(ranges, CONTROL_PLANE, env) == []:
        return passed(f"they hold all of {CONTROL_PLANE}{_by(env)}", view.at("authorized_ranges"))
    some(ranges, _holds_control_plane)  # raises where a range that is not known may hold it
    regional = [one.known for one in ranges if tags.holds(one.known, CONTROL_PLANE) is tags.Holds.SOME]
    numbers = intervals.merged(pair for one in ranges for pair in addresses.prefix(one.known) or ())
    many = intervals.size(intervals.difference(numbers, tags.PRIVATE))
    smallest = int(data.table("service_tags")["smallestAzureMachineLearningRegion"])
    if regional or env.tags is not None:
        try:
            settled = _region_by_region(cluster, env)
        except NotEnoughEvidence:
            if regional or many >= smallest:
                raise  # else they are too few, whichever region it is
        if settled is not None:
            return settled
    if many < smallest:
        told = (
            f"{regional[0]} alone is"
            if regional
            else f"only {many} public {'address is' if many == 1 else 'addresses are'}"
        )
        return failed(
            f"{told} let in; the control plane of Azure ML calls from two regions at least, "
            f"each with {smallest} addresses or more",
            view.at("authorized_ranges"),
            cluster=view.name,
            missing=f"the addresses of {CONTROL_PLANE} (--service-tags lists them here)",
        )
    raise NotEnoughEvidence.because(
        f"whether the ranges hold all addresses of {CONTROL_PLANE} cannot be told without the list of service tags",
        "the list of service tags",
    )


def authorizes_azureml_of_every_region(cluster: MlCluster, env: Environment, *, accepts_trusted_access: bool) -> Answer:
    """Does the API server let the control plane in from every region, and not from the two documented ones only?"""
    view = cluster.view
    settled = _not_narrowed(cluster, env, accepts_trusted_access)
    if settled is not None:
        return settled
    left = lacking(view.authorized_ranges, CONTROL_PLANE, env)
    if left == []:
        return passed(f"they hold all of {CONTROL_PLANE}{_by(env)}", view.at("authorized_ranges"))
    least = authorizes_azureml(cluster, env, accepts_trusted_access=accepts_trusted_access)
    if least.verdict is not Verdict.PASS:
        return not_applicable("they do not even hold the two regions", view.at("authorized_ranges"))
    told = "" if left is None else f", and lack {_counted(left)} of {CONTROL_PLANE}{_too_many(cluster, left)}"
    return failed(
        f"{least.message}{told}",
        view.at("authorized_ranges"),
        cluster=view.name,
        missing=f"the addresses of {CONTROL_PLANE} (--service-tags lists them here)"
        if left is None
        else ", ".join(left),
    )


def has_few_enough_ranges(cluster: MlCluster) -> Answer:
    """Are there no more authorized ranges than AKS takes?"""
    view = cluster.view
    count, most = len(view.authorized_ranges), view.most_ranges
    if count > most:
        from mlpreflight.network.service_tags import fewest  # rarely wanted, and slow to load

        numbers = [one.known for one in view.authorized_ranges if not one.holes]
        joined = fewest(intervals.merged(pair for one in numbers for pair in addresses.prefix(one) or ()))
        fits = f"; neighbours joined they are {len(joined)}" if len(numbers) == count and len(joined) < count else ""
        return failed(
            f"{count} ranges are declared, AKS takes {most}{fits}", view.at("authorized_ranges"), cluster=view.name
        )
    return passed(f"{count} of {most} ranges are declared", view.at("authorized_ranges"))


def has_sound_ranges(cluster: MlCluster, env: Environment) -> Answer:
    """Is each authorized range an IPv4 range that AKS accepts, or the one service tag that it accepts?"""
    view = cluster.view
    if not view.authorized_ranges:
        return not_applicable("every address may reach the API server", view.at("authorized_ranges"))
    wrong: list[str] = []
    named: list[str] = []
    doubts: list[Unknown] = []
    for one in view.authorized_ranges:
        word = one.known
        if (numbers := addresses.prefix(word)) is not None:
            wrong += _unsound(word, numbers)
            continue
        known = tag_names.spelling(word, env.cloud)
        if known.standing is Standing.TAG or (env.tags is not None and word in env.tags):
            named.append(word)
        elif known.standing is Standing.UNSURE:
            doubts.append(Unknown.because(f"{word} {known.told}", "the list of service tags"))
        else:
            wrong.append(f"{word} is no range{f'; {known.meant} is what was meant' if known.meant else ''}")
    if len(named) > 1:
        wrong.append(f"{' and '.join(named[:3])} are {len(named)} service tags, and AKS takes one")
    if wrong:
        return failed("; ".join(wrong[:3]), view.at("authorized_ranges"), cluster=view.name)
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    if named and view.has_vnet_integration:
        told = f"{named[0]} is a service tag, which API server virtual network integration does not take"
        return failed(told, view.at("authorized_ranges"), view.at("has_vnet_integration"), cluster=view.name)
    return passed("all ranges are IPv4 ranges", view.at("authorized_ranges"))


def is_in_workspace_subscription(cluster: MlCluster, env: Environment) -> Answer:
    """Is the cluster in the subscription of the workspace that it is attached to?"""
    workspace = cluster.workspace(env)
    if workspace is None:
        return not_applicable("there is no workspace among the inputs to compare it with")
    own, other = _subscription(cluster.view.id), _subscription(workspace.id)
    if own == other:
        return passed(f"both are in subscription {own}", cluster.view.at(), workspace.at())
    return failed(
        f"it is in subscription {own}, the workspace {workspace.name} in {other}",
        cluster.view.at(),
        workspace.at(),
        cluster=cluster.view.name,
    )


def is_in_region_of_its_network(nodes: ClusterSubnet) -> Answer:
    """Is the cluster in the region of its virtual network?"""
    network, cluster = nodes.subnet.network, nodes.cluster
    if not isinstance(cluster, ManagedCluster):
        return not_applicable("a cluster that the workspace makes goes where the network is")
    if network.location is None or cluster.location is None:
        raise NotEnoughEvidence.because("a location is not written", "the location")
    if network.location == cluster.location:
        return passed(f"both are in {cluster.location}", cluster.at("location"), network.at("location"))
    return failed(
        f"the cluster is in {cluster.location}, its virtual network {network.name} in {network.location}",
        cluster.at("location"),
        network.at("location"),
    )


def has_no_pod_identity(cluster: MlCluster) -> Answer:
    """Is the pod identity add-on, which Azure ML does not work with, left out?"""
    view = cluster.view
    if view.has_pod_identity:
        return failed("the pod identity add-on is on", view.at("has_pod_identity"), cluster=view.name)
    return passed("the pod identity add-on is off", view.at("has_pod_identity"))


def _unsound(word: str, numbers: Intervals) -> list[str]:
    """What speaks against an authorized range."""
    if numbers[0][0] >= addresses.V6:
        return [f"{word} is IPv6"]
    if "/" not in word:
        return [f"{word} has no prefix length"]
    return [f"{word} is private, and nobody calls from there"] if intervals.contains(tags.PRIVATE, numbers) else []


def _not_narrowed(cluster: MlCluster, env: Environment, accepts_trusted_access: bool) -> Answer | None:
    """The answer where it does not matter what the authorized ranges are."""
    view = cluster.view
    if not view.authorized_ranges:
        return not_applicable("every address may reach the API server", view.at("authorized_ranges"))
    if view.is_private:
        return not_applicable("the cluster is private, so the ranges do nothing", view.at("is_private"))
    if accepts_trusted_access and env.cloud == "AzureCloud" and _is_trusted(cluster, env):
        return passed("Trusted Access gets past the ranges", view.at("authorized_ranges"))
    return None


def _holds_control_plane(word: Text) -> bool:
    return tags.holds(word.known, CONTROL_PLANE) is tags.Holds.ALL


def _region_by_region(cluster: MlCluster, env: Environment) -> Answer | None:
    """The answer by the control plane's region and its paired one; None where only a list of tags would tell."""
    ranges, place = cluster.view.authorized_ranges, cluster.view.at("authorized_ranges")
    try:
        left = {tag: lacking(ranges, tag, env) for tag in regional_tags(cluster, env)}
    except NotEnoughEvidence:
        if not lets_nothing_in(ranges, env):
            raise
        nothing = f"they hold no address of {CONTROL_PLANE}{_by(env)}"
        return failed(nothing, place, cluster=cluster.view.name, missing="those of the workspace's region and its pair")
    if all(missing == [] for missing in left.values()):
        return passed(f"they hold {' and '.join(left)}{_by(env)}", place)
    if env.tags is None:
        return None
    told = [
        f"{_counted(missing)} of {tag}: {', '.join(missing[:SHOWN])}{', …' if missing[SHOWN:] else ''}"
        for tag, missing in left.items()
        if missing
    ]
    whole = next((f"hold {tag}, and " for tag, missing in left.items() if not missing), "")
    all_ = list(dict.fromkeys(one for missing in left.values() for one in missing or ()))
    message = f"they {whole}lack {'; '.join(told)}{_by(env)}{_too_many(cluster, all_)}"
    return failed(message, place, cluster=cluster.view.name, missing=", ".join(all_))


def _counted(ranges: list[str]) -> str:
    return f"{len(ranges)} range{'s' if ranges[1:] else ''}"


def _by(env: Environment) -> str:
    return "" if env.tags is None else f" (by {env.tags})"


def _too_many(cluster: MlCluster, more: list[str]) -> str:
    """What to add where ranges that are to be added would be too many."""
    count, most = len(cluster.view.authorized_ranges) + len(more), cluster.view.most_ranges
    return f"; with these they would be {count}, and AKS takes {most}" if count > most else ""


def _is_trusted(cluster: MlCluster, env: Environment) -> bool:
    """Does a Trusted Access binding give the workspace of the cluster its role?"""
    workspace = cluster.workspace(env)

    def fits(binding: TrustedAccess) -> bool:
        if WORKLOAD_ROLE not in binding.roles or binding.source is None:
            return False
        return workspace is None or binding.source == workspace.id

    return cluster.trusts(env, fits)


def _subscription(id: Text) -> Text:
    """The subscription in an id."""
    steps = id.split("/")
    at = next((at for at, step in enumerate(steps) if not step.holes and step == "subscriptions"), None)
    if at is None or at + 1 >= len(steps):
        raise NotEnoughEvidence.because(f"the subscription of {id} is not known", "the subscription (--subscription)")
    return steps[at + 1]
