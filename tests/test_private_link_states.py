"""States of private endpoints, service endpoint policies and Relay where one page's samples are too small."""

import json
from pathlib import Path

import pytest

from mlpreflight.engine import examine
from mlpreflight.resources.endpoint_policies import covers
from mlpreflight.rules.reader import built_in
from mlpreflight.text import Text
from mlpreflight.values import NotEnoughEvidence, Unknown
from tests.builders import environment, template

RULES = {rule.id: rule for rule in built_in()}
APPROVED, GROUP = "workspace-endpoint-not-approved", "workspace-endpoint-of-another-group"
ALIAS, ACCOUNT = "endpoint-policy-shuts-azureml-out", "endpoint-policy-shuts-storage-out"
NEAR, RELAY = "cluster-far-from-private-workspace", "relay-lets-selected-networks-in"


def verdicts(rule: str, resources: str, **settings: object) -> set[str]:
    findings = examine(environment(resources, **settings), [RULES[rule]])
    return {one.verdict.value for one in findings} - {"not-applicable"}


def endpoint(status: str = "", name: str = "pe-ws", target: str = "ws", extra: str = "") -> str:
    """A private endpoint that asks for approval of a workspace."""
    reference = f"[resourceId('Microsoft.MachineLearningServices/workspaces', '{target}')]"
    state = f", privateLinkServiceConnectionState: {{status: {status}}}" if status else ""
    return (
        f"- {{type: Microsoft.Network/privateEndpoints, name: {name}, {extra}"
        "properties: {manualPrivateLinkServiceConnections: [{properties: "
        f'{{privateLinkServiceId: "{reference}", groupIds: [amlworkspace]{state}}}}}]}}}}\n'
    )


def seen(status: str, of: str = "pe-ws", extra: str = "", workspace: str = "ws") -> str:
    """A connection that a workspace sees, declared apart."""
    reference = f"[resourceId('Microsoft.Network/privateEndpoints', '{of}')]"
    own = f'privateEndpoint: {{id: "{reference}"}}, ' if of else ""
    return (
        "- {type: Microsoft.MachineLearningServices/workspaces/privateEndpointConnections, "
        f"name: {workspace}/one, {extra}"
        f"properties: {{{own}privateLinkServiceConnectionState: {{status: {status}}}}}}}\n"
    )


POSSIBLE = "condition: \"[parameters('x')]\", "


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        pytest.param(endpoint() + seen("Approved"), "pass", id="a template approves it"),
        pytest.param(endpoint() + seen("Approved", extra=POSSIBLE), "unknown", id="perhaps"),
        pytest.param(endpoint() + seen("Approved", of="pe-other"), "fail", id="another is approved"),
        pytest.param(endpoint() + seen("Approved", workspace="ws2"), "fail", id="another workspace approves"),
        pytest.param(endpoint() + seen("Approved", of=""), "unknown", id="nobody says which is approved"),
        pytest.param(endpoint() + seen("Disconnected"), "fail", id="the workspace has removed it"),
        pytest.param(endpoint("Approved") + seen("Pending"), "pass", id="its own state goes before"),
        pytest.param(endpoint("approved"), "pass", id="case does not count"),
        pytest.param(endpoint("Timeout"), "unknown", id="a word that is not documented"),
        pytest.param(endpoint(extra=POSSIBLE), "unknown", id="it may not exist"),
    ],
)
def test_an_endpoint_is_approved_by(resources: str, verdict: str) -> None:
    assert verdicts(APPROVED, resources) == {verdict}


def test_what_an_endpoint_leads_to_may_be_unknown() -> None:
    unknown = endpoint().replace(
        "[resourceId('Microsoft.MachineLearningServices/workspaces', 'ws')]", "[parameters('t')]"
    )
    assert verdicts(APPROVED, unknown) == {"unknown"}
    assert verdicts(GROUP, unknown.replace("[amlworkspace]", "[vault]")) == {"unknown"}
    assert verdicts(APPROVED, "- {type: Microsoft.Network/privateEndpoints, name: pe, properties: {}}") == set()


@pytest.mark.parametrize("profile", ["legacy-2019", "aks-v1", "mlserver"])
def test_other_eras_know_none_of_it(profile: str) -> None:
    everything = ("training", "inference", "workspace", "mlserver")
    for name in (APPROVED, GROUP, ALIAS, ACCOUNT, NEAR, RELAY, "endpoint-policy-filters-nothing"):
        assert RULES[name].fires(environment(endpoint(), workloads=everything))
        assert not RULES[name].fires(environment(endpoint(), workloads=everything, profile=profile))


def test_what_azure_prints_of_an_endpoint_is_read(tmp_path: Path) -> None:
    workspace = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
    own = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe"
    state = {"actionsRequired": "None", "description": "", "status": "Rejected"}
    link = {
        "id": f"{own}/privateLinkServiceConnections/ws",
        "name": "ws",
        "groupIds": ["amlworkspace"],
        "privateLinkServiceConnectionState": state,
        "privateLinkServiceId": workspace,
    }
    printed = {
        "id": own,
        "name": "pe",
        "type": "Microsoft.Network/privateEndpoints",
        "location": "eastus2",
        "provisioningState": "Succeeded",
        "manualPrivateLinkServiceConnections": [],
        "privateLinkServiceConnections": [link],
    }
    env = template(tmp_path, json.dumps([printed]), "endpoints.json")
    (finding,) = examine(env, [RULES[APPROVED]])
    assert finding.verdict.value == "fail"
    assert "Rejected" in finding.message


WORKSPACE = """
- type: Microsoft.MachineLearningServices/workspaces
  name: ws
  properties: {storageAccount: "[resourceId('Microsoft.Storage/storageAccounts', 'stml')]"}
- {type: Microsoft.Storage/storageAccounts, name: stml, location: eastus2, properties: {}}
"""
COMPUTE = (
    WORKSPACE
    + """
- type: Microsoft.MachineLearningServices/workspaces/computes
  name: ws/cpu
  properties:
    computeType: ComputeInstance
    properties: {subnet: {id: "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet', 'nodes')]"}}
"""
)


def subnet(*policies: str) -> str:
    references = ", ".join(
        f"{{id: \"[resourceId('Microsoft.Network/serviceEndpointPolicies', '{name}')]\"}}" for name in policies
    )
    return (
        "- {type: Microsoft.Network/virtualNetworks, name: vnet, location: eastus2, "
        "properties: {subnets: [{name: nodes, properties: {serviceEndpoints: [{service: Microsoft.Storage}], "
        f"serviceEndpointPolicies: [{references}]}}}}]}}}}\n"
    )


def policy(name: str, service: str, *targets: str, extra: str = "") -> str:
    return (
        f"- {{type: Microsoft.Network/serviceEndpointPolicies, name: {name}, {extra}properties: "
        "{serviceEndpointPolicyDefinitions: [{name: one, properties: "
        f"{{service: {service}, serviceResources: [{', '.join(targets)}]}}}}]}}}}\n"
    )


OWN = "\"[resourceId('Microsoft.Storage/storageAccounts', 'stml')]\""
OTHER = "\"[resourceId('Microsoft.Storage/storageAccounts', 'stdata')]\""
WHOLE_SUBSCRIPTION = '"[subscription().id]"'
NAME = "/services/Azure/MachineLearning"
ML = policy("ml", "Global", NAME)


@pytest.mark.parametrize(
    ("resources", "alias", "account"),
    [
        pytest.param(subnet("ml", "own") + ML + policy("own", "Microsoft.Storage", OWN), "pass", "pass", id="two"),
        pytest.param(subnet("ml", "own") + ML, "pass", "unknown", id="one of two cannot be seen"),
        pytest.param(subnet("ml") + ML, "pass", "unknown", id="an alias and no account"),
        pytest.param(subnet("own") + policy("own", "Microsoft.Storage", OWN, NAME), "unknown", "pass", id="misplaced"),
        pytest.param(
            subnet("own") + policy("own", "Microsoft.Storage", OTHER), "fail", "fail", id="neither of the two"
        ),
        pytest.param(
            subnet("own") + policy("own", "Microsoft.Storage", WHOLE_SUBSCRIPTION), "fail", "pass", id="a subscription"
        ),
        pytest.param(
            subnet("own") + policy("own", "Microsoft.Storage", OTHER, "\"[parameters('more')]\""),
            "unknown",
            "unknown",
            id="one target is not known",
        ),
        pytest.param(
            subnet("ml", "own")
            + ML.replace("name: ml, ", "name: ml, " + POSSIBLE)
            + policy("own", "Microsoft.Storage", OTHER),
            "unknown",
            "unknown",
            id="a policy that may not exist",
        ),
        pytest.param(subnet("own") + policy("own", "Microsoft.Storage"), "unknown", "unknown", id="an empty one"),
    ],
)
def test_policies_of_a_subnet_let_through(resources: str, alias: str, account: str) -> None:
    assert verdicts(ALIAS, COMPUTE + resources, complete=True) == {alias}
    assert verdicts(ACCOUNT, COMPUTE + resources, complete=True) == {account}


def test_policies_are_judged_in_the_public_cloud_only() -> None:
    resources = COMPUTE + subnet("own") + policy("own", "Microsoft.Storage", OTHER)
    assert verdicts(ALIAS, resources, complete=True, cloud="AzureChinaCloud") == {"unknown"}
    assert verdicts(ACCOUNT, resources, complete=True, cloud="AzureChinaCloud") == {"unknown"}


def test_a_subnet_that_a_role_names_belongs_to_the_only_workspace() -> None:
    resources = WORKSPACE + subnet("own") + policy("own", "Microsoft.Storage", OTHER)
    settings = {"complete": True, "workloads": ("training",), "roles": {"computeSubnet": ("nodes",)}}
    assert verdicts(ACCOUNT, resources, **settings) == {"fail"}
    second = "- {type: Microsoft.MachineLearningServices/workspaces, name: ws2, properties: {}}\n"
    assert verdicts(ACCOUNT, resources + second, **settings) == {"unknown"}


HOLE = Unknown.because("nobody knows", "a parameter")
ST = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/"


@pytest.mark.parametrize(
    ("outer", "account", "wanted"),
    [
        ((ST + "stml",), (ST + "stml",), True),
        ((ST + "STML",), (ST + "stml",), True),
        (("/subscriptions/0/resourceGroups/rg",), (ST + "stml",), True),
        (("/subscriptions/0",), (ST + "stml",), True),
        (("/subscriptions/0/resourceGroups/r",), (ST + "stml",), False),
        (("/subscriptions/1",), (ST + "stml",), False),
        ((ST + "st",), (ST + "stml",), False),
        ((ST, HOLE), (ST + "stml",), None),
        ((HOLE,), (ST + "stml",), None),
        ((HOLE, "/providers/Microsoft.Storage/storageAccounts/stml"), (ST + "stml",), None),
        ((HOLE, "/providers/Microsoft.Storage/storageAccounts/other"), (ST + "stml",), False),
        (("/subscriptions/", HOLE), (ST + "stml",), None),
        (("/subscriptions/0/resourceGroups/rg",), (HOLE, "/storageAccounts/stml"), None),
        (("/subscriptions/1",), ("/subscriptions/0/resourceGroups/", HOLE, "/x/y/z/stml"), False),
    ],
)
def test_an_id_holds_an_account(outer: tuple, account: tuple, wanted: bool | None) -> None:
    if wanted is None:
        with pytest.raises(NotEnoughEvidence):
            covers(Text(outer), Text(account))
    else:
        assert covers(Text(outer), Text(account)) is wanted


def cluster(where: str) -> str:
    return (
        "- {type: Microsoft.MachineLearningServices/workspaces, name: ws, location: eastus2}\n"
        "- {type: Microsoft.MachineLearningServices/workspaces/computes, name: ws/k, "
        "properties: {computeType: Kubernetes, "
        "resourceId: \"[resourceId('Microsoft.ContainerService/managedClusters', 'aks')]\"}}\n"
        f"- {{type: Microsoft.ContainerService/managedClusters, name: aks, location: {where}}}\n"
    )


def test_a_workspace_may_say_itself_that_it_has_a_private_endpoint() -> None:
    assert verdicts(NEAR, cluster("westeurope"), complete=True) == set()
    assert verdicts(NEAR, cluster("westeurope") + seen("Approved")) == {"fail"}
    assert verdicts(NEAR, cluster("EastUS2") + seen("Approved")) == {"pass"}
    assert verdicts(NEAR, cluster("westeurope") + seen("Approved", extra=POSSIBLE), complete=True) == {"unknown"}
    assert verdicts(NEAR, cluster("westeurope") + seen("Approved"), workloads=("training",)) == set()


HYBRID = "[resourceId('Microsoft.Relay/namespaces/HybridConnections', 'relay', 'ml')]"
RELAY_OF_OWN = f"""
- type: Microsoft.KubernetesConfiguration/extensions
  name: azureml
  scope: Microsoft.Kubernetes/connectedClusters/arc
  properties:
    extensionType: Microsoft.AzureML.Kubernetes
    configurationSettings:
      relayserver.hybridConnectionResourceID: "{HYBRID}"
- {{type: Microsoft.Relay/namespaces, name: relay, properties: {{}}}}
"""
ALLOWED = "ipRules: [{ipMask: 203.0.113.0/24, action: Allow}]"


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        (f"defaultAction: Deny, {ALLOWED}", "fail"),
        (f"defaultAction: Allow, {ALLOWED}", "pass"),
        (f"defaultAction: Deny, {ALLOWED}, trustedServiceAccessEnabled: true", "unknown"),
        (f"defaultAction: Deny, {ALLOWED}, publicNetworkAccess: SecuredByPerimeter", "unknown"),
        (ALLOWED, "unknown"),
    ],
)
def test_a_relay_of_ones_own_lets_in(rules: str, verdict: str) -> None:
    declared = f"- {{type: Microsoft.Relay/namespaces/networkRuleSets, name: relay/default, properties: {{{rules}}}}}\n"
    assert verdicts(RELAY, RELAY_OF_OWN + declared) == {verdict}
    assert verdicts(RELAY, RELAY_OF_OWN + declared.replace("relay/default", "other/default"), complete=True) == {"pass"}


def test_a_relay_that_cannot_be_seen_is_unknown() -> None:
    declared = RELAY_OF_OWN.replace("properties: {}", "properties: {publicNetworkAccess: Disabled}")
    assert verdicts(RELAY, declared, complete=True) == {"unknown"}
    assert verdicts(RELAY, RELAY_OF_OWN.partition("- {type")[0]) == {"unknown"}
    named = RELAY_OF_OWN.replace(HYBRID, "ml")
    assert verdicts(RELAY, named, complete=True) == {"unknown"}
