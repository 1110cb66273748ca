"""Workspaces and the computes attached to them."""

from mlpreflight.resources.attributes import flag, number, present, reference, text
from mlpreflight.resources.view import View
from mlpreflight.text import compare
from mlpreflight.values import Text, Unknown

COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes"


class Workspace(View, type="Microsoft.MachineLearningServices/workspaces", label="workspace"):
    """An Azure Machine Learning workspace and the four resources it stands on."""

    location = text("/location")
    storage_account = reference("storageAccount")
    key_vault = reference("keyVault")
    container_registry = reference("containerRegistry")
    public_network_access = text("publicNetworkAccess", absent="Enabled")
    holds_sensitive_data = flag("hbiWorkspace")
    isolation_mode = text("managedNetwork.isolationMode", absent="Disabled")


class Compute(View, type=COMPUTES, label="compute"):
    """A compute of a workspace: AmlCompute, ComputeInstance, Kubernetes, AKS (of the first SDK), VirtualMachine…"""

    location = text("/location")
    compute_location = text("computeLocation")
    kind = text("computeType", absent="")
    attached = reference("resourceId")
    subnet = reference("properties.subnet.id")
    max_nodes = number("properties.scaleSettings.maxNodeCount")
    has_public_ip = flag("properties.enableNodePublicIp", absent=True)
    ssh_port = number("properties.sshPort", absent=22)
    cluster_purpose = text("properties.clusterPurpose", absent="FastProd")
    agent_count = number("properties.agentCount")
    ssl_status = text("properties.sslConfiguration.status", absent="Disabled")
    leaf_domain_label = text("properties.sslConfiguration.leafDomainLabel")
    makes_network = present("properties.aksNetworkingConfiguration")
    cluster_subnet = reference("properties.aksNetworkingConfiguration.subnetId")
    service_cidr = text("properties.aksNetworkingConfiguration.serviceCidr")
    dns_service_ip = text("properties.aksNetworkingConfiguration.dnsServiceIP")
    docker_bridge_cidr = text("properties.aksNetworkingConfiguration.dockerBridgeCidr")
    pod_cidr = text("properties.aksNetworkingConfiguration.podCidr")

    def is_one_of(self, kinds: tuple[str, ...]) -> tuple[bool | None, Unknown | None]:
        """Is it a compute of one of these kinds? None, and the reason, where that is open."""
        known = self.look("kind")
        if isinstance(known, Unknown):
            return None, known
        answers = [compare(known.value, Text((kind,))) for kind in kinds]
        if True in answers:
            return True, None
        return (None, known.value.holes[0]) if None in answers else (False, None)

    @property
    def workspace_id(self) -> Text:
        """The id of the workspace that this compute belongs to."""
        return before(self.id, "/computes/")


def before(id: Text, mark: str) -> Text:
    """The part of an id that stands before a step."""
    return Text(id.split(mark)[0].parts)
