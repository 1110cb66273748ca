"""Kubernetes clusters of Azure and what Azure ML needs to know of them."""

from mlpreflight import data
from mlpreflight.resources.attributes import flag, many, number, reference, text, words
from mlpreflight.resources.view import View


class AgentPool(View, label="node pool", type="Microsoft.ContainerService/managedClusters/agentPools", bare=True):
    """A node pool."""

    count = number("count")
    is_autoscaled = flag("enableAutoScaling")
    min_count = number("minCount")
    max_count = number("maxCount")
    os_type = text("osType", absent="Linux")
    taints = words("nodeTaints")
    subnet = reference("vnetSubnetID")
    pod_subnet = reference("podSubnetID")
    max_pods = number("maxPods")
    max_surge = text("upgradeSettings.maxSurge")


class ManagedCluster(View, type="Microsoft.ContainerService/managedClusters", label="AKS cluster"):
    """An AKS cluster."""

    location = text("/location")
    identity_type = text("/identity.type", absent="None")
    misplaced_identity = text("identity.type")
    client_id = text("servicePrincipalProfile.clientId", absent="")
    has_no_local_accounts = flag("disableLocalAccounts")
    pools = many("agentPoolProfiles", kind=AgentPool)
    authorized_ranges = words("apiServerAccessProfile.authorizedIPRanges", "apiServerAuthorizedIPRanges")
    is_private = flag("apiServerAccessProfile.enablePrivateCluster")
    has_vnet_integration = flag("apiServerAccessProfile.enableVnetIntegration")
    has_pod_identity = flag("podIdentityProfile.enabled")
    service_cidr = text("networkProfile.serviceCidr")
    dns_service_ip = text("networkProfile.dnsServiceIP")
    docker_bridge_cidr = text("networkProfile.dockerBridgeCidr")
    pod_cidr = text("networkProfile.podCidr")
    network_plugin = text("networkProfile.networkPlugin")
    plugin_mode = text("networkProfile.networkPluginMode", absent="")
    pod_ranges = words("networkProfile.podCidrs", "networkProfile.podCidr")
    outbound_type = text("networkProfile.outboundType", absent="loadBalancer")

    @property
    def most_ranges(self) -> int:
        """How many authorized ranges AKS takes of it."""
        limits = data.table("aks")["authorizedRanges"]
        return int(limits["mostWithVnetIntegration" if self.has_vnet_integration else "most"])


class TrustedAccess(
    View,
    type="Microsoft.ContainerService/managedClusters/trustedAccessRoleBindings",
    label="Trusted Access binding",
):
    """The right of a resource to reach the API server of a cluster, past its firewall and without local accounts."""

    source = reference("sourceResourceId")
    roles = words("roles")
