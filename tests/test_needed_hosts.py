"""Needed flows behind a firewall that judges by name: each host of a flow, and what is not known of it."""

import pytest

from mlpreflight.engine import examine
from mlpreflight.finding import Verdict
from mlpreflight.resources.firewall_names import foreign
from mlpreflight.rules.reader import built_in
from tests.azure_tables import COMPUTES, POLICIES, VNETS, Rows, Written, link, network, resource
from tests.test_azure_order import TO_FIREWALL, firewall

RULES = {rule.id: rule for rule in built_in()}
WORKSPACES = "Microsoft.MachineLearningServices/workspaces"
BLOB, TABLE, QUEUE = (f"*.{kind}.core.windows.net" for kind in ("blob", "table", "queue"))
FAIL, PASS, UNKNOWN, NONE = Verdict.FAIL, Verdict.PASS, Verdict.UNKNOWN, Verdict.NOT_APPLICABLE


def found(
    rule: str, hosts: Rows, routes: Rows = TO_FIREWALL, port: str = "Https:443", more: Written | None = None
) -> tuple[Verdict, str]:
    """What a rule says of a compute instance in the subnet web, whose firewall allows these hosts."""
    place = {"subnet": link(f"{VNETS}/subnets", "vnet", "web")}
    storage = link("Microsoft.Storage/storageAccounts", "mine")["id"]
    others = [
        resource(WORKSPACES, "ws", storageAccount=storage),
        resource(COMPUTES, "ws/ci", computeType="ComputeInstance", properties=place),
        *firewall({100: [f"{100 + at} Allow {host} {port}" for at, host in enumerate(hosts)]}),
    ]
    if more is not None:
        inner = {"name": "more", "priority": 900, "action": {"type": "Allow"}, "rules": [more]}
        others.append(resource(f"{POLICIES}/ruleCollectionGroups", "fw/more", priority=900, ruleCollections=[inner]))
    (finding,) = examine(network(routes=routes, others=others), [RULES[rule]])
    return finding.verdict, finding.message


API = "azureml-https-closed-to-nodes"
STORAGE = "storage-https-closed-to-nodes"
OTHERS = "firewall-refuses-required-host"
INSTANCES = "firewall-refuses-compute-instances"


@pytest.mark.parametrize(
    ("rule", "hosts", "expected"),
    [
        (API, ["*.azureml.ms", "*.azureml.net"], PASS),
        (API, ["*"], PASS),
        (API, ["*.azureml.ms"], FAIL),
        (API, ["*.azureml.ms", "eastus.experiments.azureml.net"], UNKNOWN),
        (API, ["mcr.microsoft.com"], FAIL),
        (STORAGE, [BLOB], PASS),
        (STORAGE, ["mine.blob.core.windows.net"], UNKNOWN),
        (STORAGE, ["mcr.microsoft.com"], FAIL),
        # What stops blobs as well is the storage page's to say.
        (OTHERS, ["mcr.microsoft.com"], NONE),
        (OTHERS, [BLOB], FAIL),
        (OTHERS, [BLOB, TABLE, QUEUE], PASS),
        (OTHERS, [BLOB, TABLE, "mine.queue.core.windows.net"], UNKNOWN),
        (INSTANCES, ["*.azureml.ms", "*.azureml.net"], PASS),
        (INSTANCES, ["*.api.azureml.ms", "*.experiments.azureml.net"], FAIL),
        (INSTANCES, ["mcr.microsoft.com"], NONE),
    ],
)
def test_each_host_of_a_flow_is_asked_for(rule: str, hosts: Rows, expected: Verdict) -> None:
    assert found(rule, hosts)[0] is expected


def test_a_finding_names_the_hosts_that_are_refused() -> None:
    assert "*.azureml.net (AzureMachineLearning)" in found(API, ["*.azureml.ms"])[1]
    assert found(OTHERS, [BLOB])[1].endswith(f"stops Tcp 443 to {TABLE} and {QUEUE}")


def test_an_application_rule_is_no_way_for_file_shares() -> None:
    assert found("storage-files-closed-to-nodes", ["mine.file.core.windows.net"], port="Https:445")[0] is FAIL


@pytest.mark.parametrize(
    ("host", "expected"), [("mine.file.core.windows.net", PASS), ("others.file.core.windows.net", FAIL)]
)
def test_the_file_share_is_known_by_the_workspace(host: str, expected: Verdict) -> None:
    rule = {"name": "smb", "ruleType": "NetworkRule", "ipProtocols": ["TCP"], "sourceAddresses": ["*"]}
    rule |= {"destinationFqdns": [host], "destinationPorts": ["445"]}
    assert found("storage-files-closed-to-nodes", [], more=rule)[0] is expected


@pytest.mark.parametrize("routes", [[], ["0.0.0.0/0 Internet"]])
def test_a_firewall_that_no_route_leads_to_is_not_asked(routes: Rows) -> None:
    assert found(OTHERS, [BLOB], routes)[0] is NONE
    assert found(API, ["mcr.microsoft.com"], routes)[0] is PASS


def test_another_appliance_than_the_firewall_is_not_known() -> None:
    assert found(OTHERS, [BLOB], ["0.0.0.0/0 VirtualAppliance 10.0.100.9"])[0] is UNKNOWN


@pytest.mark.parametrize(
    ("host", "cloud", "expected"),
    [
        ("*.azureml.ms", "AzureUSGovernment", "AzureCloud"),
        ("*.instances.azureml.ms", "AzureUSGovernment", None),  # the article names it in every cloud
        ("*.instances.azureml.us", "AzureUSGovernment", None),
        ("*.azureml.cn", "AzureUSGovernment", "AzureChinaCloud"),
        ("*.blob.core.windows.net", "AzureChinaCloud", "AzureCloud"),
        ("vscode.blob.core.windows.net", "AzureChinaCloud", None),
        ("studio.ml.azure.cn", "AzureCloud", "AzureChinaCloud"),
        ("ml.azure.com", "AzureCloud", None),
        ("notazureml.ms", "AzureUSGovernment", None),
        ("*", "AzureUSGovernment", None),
        ("graph.windows.net", "AzureUSGovernment", None),
    ],
)
def test_names_of_other_clouds(host: str, cloud: str, expected: str | None) -> None:
    other = foreign(host, cloud)
    assert (other.cloud if other is not None else None) == expected
