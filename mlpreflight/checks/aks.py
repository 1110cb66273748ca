"""Questions about AKS clusters that Azure ML uses."""

from mlpreflight import data
from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.resources.aks import ManagedCluster, TrustedAccess
from mlpreflight.resources.clusters import MlCluster
from mlpreflight.resources.several import some
from mlpreflight.resources.subjects import ClusterSubnet
from mlpreflight.values import Known, NotEnoughEvidence, Text, Unknown

CONTROL_PLANE = "AzureMachineLearning"
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
    ranges = view.authorized_ranges
    if not ranges:
        return not_applicable("every address may reach the API server", view.at("authorized_ranges"))
    if view.is_private:
        return not_applicable("the cluster is private, so the ranges do nothing", view.at("is_private"))
    if accepts_trusted_access and env.cloud == "AzureCloud" and _is_trusted(cluster, env):
        return passed("Trusted Access gets past the ranges", view.at("authorized_ranges"))
    if some(ranges, _holds_control_plane):
        return passed(f"they hold the tag {CONTROL_PLANE}", view.at("authorized_ranges"))
    numbers = intervals.merged(pair for one in ranges for pair in addresses.prefix(one.known) or ())
    public = intervals.difference(numbers, tags.PRIVATE)
    smallest = int(data.table("service_tags")["smallestAzureMachineLearningRegion"])
    regional = [one.known for one in ranges if tags.holds(one.known, CONTROL_PLANE) is tags.Holds.SOME]
    if intervals.size(public) < smallest:
        many = intervals.size(public)
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
        )
    raise NotEnoughEvidence.because(
        f"whether the ranges hold all addresses of {CONTROL_PLANE} cannot be told without the list of service tags",
        "the list of service tags",
    )


def has_few_enough_ranges(cluster: MlCluster) -> Answer:
    """Are there no more authorized ranges than AKS takes?"""
    view = cluster.view
    limits = data.table("aks")["authorizedRanges"]
    most = int(limits["mostWithVnetIntegration" if view.has_vnet_integration else "most"])
    count = len(view.authorized_ranges)
    if count > most:
        return failed(f"{count} ranges are declared, AKS takes {most}", view.at("authorized_ranges"), cluster=view.name)
    return passed(f"{count} of {most} ranges are declared", view.at("authorized_ranges"))


def has_sound_ranges(cluster: MlCluster) -> Answer:
    """Is each authorized range an IPv4 range that AKS accepts?"""
    view = cluster.view
    if not view.authorized_ranges:
        return not_applicable("every address may reach the API server", view.at("authorized_ranges"))
    wrong: list[str] = []
    for one in view.authorized_ranges:
        word = one.known
        numbers = addresses.prefix(word)
        if numbers is None:
            if not tags.is_known(word):
                wrong.append(f"{word} is no range")
        elif numbers[0][0] >= addresses.V6:
            wrong.append(f"{word} is IPv6")
        elif "/" not in word:
            wrong.append(f"{word} has no prefix length")
        elif intervals.contains(tags.PRIVATE, numbers):
            wrong.append(f"{word} is private, and nobody calls from there")
    if wrong:
        return failed("; ".join(wrong[:3]), view.at("authorized_ranges"), cluster=view.name)
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


def _holds_control_plane(word: Text) -> bool:
    return tags.holds(word.known, CONTROL_PLANE) is tags.Holds.ALL


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
