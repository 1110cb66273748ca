"""Private endpoints and private DNS where one page's samples are too small: hubs, twins, partial knowledge, chains."""

import pytest

from mlpreflight.engine import examine
from mlpreflight.resources.private_dns import home_of
from mlpreflight.resources.vnet import VirtualNetwork
from mlpreflight.rules.reader import built_in
from tests.builders import environment

RULES = {rule.id: rule for rule in built_in()}
VAULT = "[resourceId('Microsoft.KeyVault/vaults', 'kv')]"
ZONE = "privatelink.vaultcore.azure.net"


def network_id(name: str) -> str:
    return f"[resourceId('Microsoft.Network/virtualNetworks', '{name}')]"


def network(name: str, prefix: str, *peers: str, dns: str = "", more: str = "") -> str:
    """A network with the subnets `pe` and `nodes`, peered as it says itself."""
    peerings = ", ".join(
        f'{{name: to-{peer}, properties: {{remoteVirtualNetwork: {{id: "{network_id(peer)}"}}{more}}}}}'
        for peer in peers
    )
    servers = f"dhcpOptions: {{dnsServers: [{dns}]}}, " if dns else ""
    return (
        f"- {{type: Microsoft.Network/virtualNetworks, name: {name}, properties: {{{servers}"
        f"addressSpace: {{addressPrefixes: [{prefix}]}}, subnets: [{{name: pe}}, {{name: nodes}}], "
        f"virtualNetworkPeerings: [{peerings}]}}}}\n"
    )


def endpoint(subnet_of: str, extra: str = "") -> str:
    subnet = f"[resourceId('Microsoft.Network/virtualNetworks/subnets', '{subnet_of}', 'pe')]"
    return (
        f'- {{type: Microsoft.Network/privateEndpoints, name: pe-kv, {extra}properties: {{subnet: {{id: "{subnet}"}}, '
        f'privateLinkServiceConnections: [{{properties: {{privateLinkServiceId: "{VAULT}", groupIds: [vault]}}}}]}}}}\n'
    )


def zone(*linked: str, extra: str = "") -> str:
    links = "".join(
        f"- {{type: Microsoft.Network/privateDnsZones/virtualNetworkLinks, name: {ZONE}/{name}, "
        f'properties: {{virtualNetwork: {{id: "{network_id(name)}"}}}}}}\n'
        for name in linked
    )
    return f"- {{type: Microsoft.Network/privateDnsZones, name: {ZONE}{extra}}}\n{links}"


NODES = "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'train', 'nodes')]"
WORKSPACE = (
    "- {type: Microsoft.MachineLearningServices/workspaces, name: ws, "
    f'properties: {{publicNetworkAccess: Disabled, keyVault: "{VAULT}"}}}}\n'
    "- {type: Microsoft.KeyVault/vaults, name: kv, properties: {publicNetworkAccess: Disabled}}\n"
    "- {type: Microsoft.MachineLearningServices/workspaces/computes, name: ws/cpu, "
    f'properties: {{computeType: AmlCompute, properties: {{subnet: {{id: "{NODES}"}}}}}}}}\n'
)
ALONE = network("data", "10.0.0.0/16")
SPOKE = network("data", "10.0.0.0/16", "hub")
SPOKE_ASKING = network("data", "10.0.0.0/16", "hub", dns="10.1.0.4")
HUB = network("hub", "10.1.0.0/16", "data")
HUB_ALONE = network("hub", "10.1.0.0/16")
FAR = network("far", "10.2.0.0/16")
FAR_SPOKE = network("far", "10.2.0.0/16", "hub")
POSSIBLE = "condition: \"[parameters('x')]\", "


def verdicts(rule: str, resources: str, **settings: object) -> set[str]:
    """What a rule says of the vault, or of all, where something is said at all."""
    findings = examine(environment(resources, **settings), [RULES[rule]])
    said = [one for one in findings if "amlworkspace" not in (one.subject.name or "")]
    return {one.verdict.value for one in said} - {"not-applicable"}


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        pytest.param(zone("data") + ALONE, "pass", id="its own network"),
        pytest.param(zone("data").replace("Links, ", "Links, " + POSSIBLE) + ALONE, "unknown", id="perhaps"),
        pytest.param(zone() + ALONE, "fail", id="none"),
        pytest.param(zone() + SPOKE_ASKING + HUB, "fail", id="none, where the hub answers"),
        pytest.param(zone("far") + ALONE + FAR, "fail", id="one that is not joined"),
        pytest.param(zone("far") + ALONE, "unknown", id="one that is not among the inputs"),
        pytest.param(zone("hub") + SPOKE + HUB, "unknown", id="a peered one"),
        pytest.param(zone("far") + SPOKE + FAR_SPOKE, "unknown", id="one beyond the hub"),
        pytest.param(zone("hub") + SPOKE_ASKING + HUB, "pass", id="the hub, which answers"),
        pytest.param(zone("data") + SPOKE_ASKING + HUB, "unknown", id="its own, where the hub answers"),
        pytest.param(zone("hub") + SPOKE_ASKING + HUB_ALONE, "unknown", id="the hub, which is not peered back"),
    ],
)
def test_a_zone_is_linked_to(resources: str, verdict: str) -> None:
    assert verdicts("private-zone-not-linked", resources + endpoint("data")) == {verdict}


def test_nodes_in_the_network_of_the_endpoint_settle_who_asks_there() -> None:
    resources = zone("hub") + network("train", "10.0.0.0/16", "hub") + network("hub", "10.1.0.0/16", "train")
    assert verdicts("private-zone-not-linked", resources + endpoint("train")) == {"unknown"}
    assert verdicts("private-zone-not-linked", WORKSPACE + resources + endpoint("train")) == {"fail"}


def test_a_zone_that_stands_twice_in_one_group_is_one_zone() -> None:
    resources = zone("data") + zone() + ALONE + endpoint("data")
    assert verdicts("private-zone-not-linked", resources) == {"pass"}
    assert verdicts("zones-of-one-name-in-network", resources) == set()


TRAIN = network("train", "10.3.0.0/16", "data")
DATA = network("data", "10.0.0.0/16", "train")
SHUT = network("train", "10.3.0.0/16", "data", more=", allowVirtualNetworkAccess: false")
BROKEN = network("train", "10.3.0.0/16", "data", more=", peeringState: Disconnected")
TRAIN_SPOKE = network("train", "10.3.0.0/16", "hub")
TRAIN_ALONE = network("train", "10.3.0.0/16")
VIRTUAL_HUB = "- {type: Microsoft.Network/virtualHubs/hubVirtualNetworkConnections, name: hub/train}\n"


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        pytest.param(TRAIN + DATA, "pass", id="peered from both sides"),
        pytest.param(TRAIN + ALONE, "fail", id="peered from one side"),
        pytest.param(SHUT + DATA, "fail", id="peered, and shut"),
        pytest.param(BROKEN + DATA, "fail", id="peered, and broken"),
        pytest.param(TRAIN_SPOKE + SPOKE, "unknown", id="joined by a hub"),
        pytest.param(TRAIN_ALONE + ALONE, "fail", id="apart"),
        pytest.param(TRAIN_ALONE + ALONE + VIRTUAL_HUB, "unknown", id="apart, with a virtual hub"),
    ],
)
def test_an_endpoint_is_within_reach_of_networks(resources: str, verdict: str) -> None:
    whole = WORKSPACE + resources + endpoint("data")
    assert verdicts("private-endpoint-out-of-reach", whole, complete=True) == {verdict}
    assert verdicts("private-endpoint-out-of-reach", whole) == {verdict if verdict == "pass" else "unknown"}


def test_an_endpoint_that_is_only_possible_proves_nothing_either_way() -> None:
    resources = WORKSPACE + TRAIN_ALONE + endpoint("train", POSSIBLE)
    assert verdicts("private-endpoint-missing", resources, complete=True) == {"unknown"}
    assert verdicts("private-endpoint-missing", WORKSPACE, complete=True) == {"fail"}
    assert verdicts("private-endpoint-missing", WORKSPACE) == {"unknown"}


@pytest.mark.parametrize(
    ("vault", "verdict"),
    [
        ("{networkAcls: {defaultAction: Allow}}", set()),
        ("{networkAcls: {defaultAction: Deny}}", {"fail"}),
        ("{networkAcls: {defaultAction: Deny, virtualNetworkRules: [{id: /subscriptions/0/x}]}}", set()),
        ("{publicNetworkAccess: SecuredByPerimeter}", {"unknown"}),
    ],
)
def test_what_has_a_public_way_needs_no_endpoint(vault: str, verdict: set[str]) -> None:
    resources = WORKSPACE.replace(
        "name: kv, properties: {publicNetworkAccess: Disabled}", f"name: kv, properties: {vault}"
    )
    assert resources != WORKSPACE
    assert verdicts("private-endpoint-missing", resources, complete=True) == verdict


def server(name: str, address: str, where: str, *forwards: tuple[str, str]) -> str:
    listed = ", ".join(f"{{zone: {zone}, to: [{to}]}}" for zone, to in forwards)
    return (
        f"- {{type: Preflight/dnsServers, name: {name}, "
        f"properties: {{addresses: [{address}], where: {where}, forwards: [{listed}]}}}}\n"
    )


AZURE = "168.63.129.16"
API, NOTEBOOKS = ("api.azureml.ms", AZURE), ("notebooks.azure.net", AZURE)
INSTANCES, INFERENCE = ("instances.azureml.ms", AZURE), ("inference.ml.azure.com", AZURE)


def to(address: str) -> str:
    """A server that leaves every name to an address."""
    return server("a", "10.0.0.4", "vnet", (".", address))


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        pytest.param(to(AZURE), "pass", id="straight"),
        pytest.param(to("10.0.0.5") + server("b", "10.0.0.5", "vnet", (".", AZURE)), "pass", id="over another"),
        pytest.param(to("10.0.0.5") + server("b", "10.0.0.5", "vnet", (".", "10.0.0.4")), "fail", id="to each other"),
        pytest.param(
            to("10.9.0.4") + server("b", "10.9.0.4", "on-premises", (".", AZURE)), "fail", id="over the office"
        ),
        pytest.param(to("10.0.0.5"), "unknown", id="to nobody known"),
        pytest.param(to(f"{AZURE}, 10.0.0.5"), "unknown", id="one of two to nobody known"),
        pytest.param(
            to(AZURE).replace("forwards: [", "forwards: [{zone: azureml.ms, to: [10.0.0.4]}, "),
            "fail",
            id="a nearer zone",
        ),
        pytest.param(
            server("a", "10.0.0.4", "vnet", API, NOTEBOOKS, INSTANCES, INFERENCE), "pass", id="the older name"
        ),
        pytest.param(server("a", "10.0.0.4", "vnet", API, INSTANCES, INFERENCE), "fail", id="all but one"),
    ],
)
def test_a_dns_server_leaves_names_to_azure(resources: str, verdict: str) -> None:
    assert verdicts("dns-server-keeps-azureml-names", resources) == {verdict}


def test_names_that_no_workload_asks_for_need_not_be_forwarded() -> None:
    resources = server("a", "10.0.0.4", "vnet", API, NOTEBOOKS)
    assert verdicts("dns-server-keeps-azureml-names", resources, workloads=("workspace",)) == {"pass"}
    assert verdicts("dns-server-keeps-azureml-names", resources, workloads=("inference",)) == {"fail"}


def test_where_a_dns_server_stands() -> None:
    env = environment(SPOKE + HUB)
    data, hub = env.all(VirtualNetwork)[0]
    assert home_of("10.0.0.4", data, env) is data
    assert home_of("10.1.0.4", data, env) is hub
    assert home_of("10.2.0.4", data, env) is None
    assert home_of("no address", data, env) is None


def test_what_azure_documents_no_zone_for_is_unknown() -> None:
    registry = endpoint("data").replace(VAULT, "[resourceId('Microsoft.ContainerRegistry/registries', 'cr')]")
    resources = registry.replace("[vault]", "[registry]")
    assert verdicts("private-zone-missing", resources, cloud="AzureUSGovernment", complete=True) == {"unknown"}
    assert verdicts("private-zone-missing", resources, complete=True) == {"fail"}
