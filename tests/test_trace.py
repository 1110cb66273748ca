"""`trace` and `flows`: what a user asks, and what the way of a connection says."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlpreflight.cli import main
from mlpreflight.finding import Verdict
from tests.builders import TODAY, environment
from tests.templates import RULES, found

SAMPLE = "sample-envs/training-behind-firewall"
ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def trace(start: str, goal: str, port: str = "443", protocol: str = "tcp", path: str = SAMPLE) -> Result:
    return run("trace", path, "--from", start, "--to", goal, "--port", port, "--protocol", protocol)


@pytest.mark.parametrize(
    ("start", "goal", "port", "protocol", "code", "told"),
    [
        ("snet-train", "mcr.microsoft.com", "443", "tcp", 0, "rule azure (320) of fw-hub"),
        ("snet-train", "AzureFrontDoor.FirstParty", "443", "tcp", 3, "without the names that the flow is for"),
        ("snet-train", "AzureMachineLearning", "5831", "udp", 0, "route answers-to-azureml of rt-train"),
        ("snet-train", "Storage.WestEurope", "443", "tcp", 0, "the service endpoint Microsoft.Storage"),
        ("vnet-ml/snet-train", "10.30.0.4", "22", "tcp", 0, "the virtual network of routes"),
        ("snet-train", "10.99.0.4", "22", "tcp", 1, "the default refusal of fw-hub"),
        ("snet-train", "AzureFirewallSubnet", "443", "tcp", 0, "into vnet-ml/AzureFirewallSubnet: allowed"),
        ("AzureMachineLearning", "snet-train", "44224", "tcp", 0, "AllowAzureML (200) of nsg-train"),
        ("8.8.8.8", "snet-train", "22", "tcp", 1, "DenyAllInBound"),
        ("Internet", "snet-train", "44224", "tcp", 3, "AllowAzureML"),
    ],
)
def test_a_way_is_told_with_what_decides_it(
    start: str, goal: str, port: str, protocol: str, code: int, told: str
) -> None:
    result = trace(start, goal, port, protocol)
    assert result.exit_code == code, result.output
    assert told in result.output or code == 3
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("start", "goal", "port", "protocol", "told"),
    [
        ("snet-trai", "mcr.microsoft.com", "443", "tcp", "did you mean 'snet-train'?"),
        ("8.8.8.8", "9.9.9.9", "443", "tcp", "is a subnet among the inputs"),
        ("snet-train", "mcr.microsoft.com", "70000", "tcp", "names no ports"),
        ("snet-train", "mcr.microsoft.com", "443", "gre", "is no protocol"),
    ],
)
def test_what_cannot_be_asked_is_told(start: str, goal: str, port: str, protocol: str, told: str) -> None:
    result = trace(start, goal, port, protocol)
    assert result.exit_code == 2
    assert told in result.output


def test_an_input_that_cannot_be_read_ends_it(tmp_path: Path) -> None:
    (tmp_path / "main.json").write_text("{", encoding="utf-8")
    result = trace("a", "b", path=str(tmp_path / "main.json"))
    assert result.exit_code == 4
    assert "is not JSON" in result.output


def test_the_table_lists_every_needed_flow() -> None:
    result = run("flows", SAMPLE)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[-1] == "13 allowed, 1 denied"
    layers = next(line for line in lines if "microsoft-registry-layers" in line)
    assert layers.endswith("the default refusal of fw-hub")


NETWORK = """
- type: Microsoft.MachineLearningServices/workspaces/computes
  name: ws/cpu
  location: eastus2
  properties:
    computeType: AmlCompute
    properties: {subnet: {id: "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet', 'snet')]"}}
- type: Microsoft.Network/virtualNetworks
  name: vnet
  location: eastus2
  properties:
    addressSpace: {addressPrefixes: [10.0.0.0/16]}
    subnets:
    - name: snet
      properties: {addressPrefix: 10.0.1.0/24, PLACE}
"""
TABLE = """
- type: Microsoft.Network/routeTables
  name: rt
  properties: {routes: [{name: all, properties: ROUTE}]}
"""
ROUTED = "routeTable: {id: \"[resourceId('Microsoft.Network/routeTables', 'rt')]\"}"
ADMIN = """
- type: Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections
  name: nm/config/collection
  properties:
    appliesToGroups: [{networkGroupId: "[resourceId('Microsoft.Network/networkManagers/networkGroups', 'nm', 'g')]"}]
- type: Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/rules
  name: nm/config/collection/stop
  properties:
    {priority: 10, direction: Outbound, access: Deny, protocol: Any, sources: [],
     destinations: [{addressPrefix: Internet, addressPrefixType: ServiceTag}]}
"""
MEMBER = """
- type: Microsoft.Network/networkManagers/networkGroups/staticMembers
  name: nm/g/vnet
  properties: {resourceId: "[resourceId('Microsoft.Network/virtualNetworks', 'vnet')]"}
"""


def default(hop: str) -> str:
    """A route table with a default route."""
    return TABLE.replace("ROUTE", f"{{addressPrefix: 0.0.0.0/0, nextHopType: {hop}}}")


@pytest.mark.parametrize(
    ("more", "place", "verdict", "told"),
    [
        ("", "privateEndpointNetworkPolicies: Disabled", Verdict.PASS, "arrives"),
        (
            default("None"),
            ROUTED,
            Verdict.FAIL,
            "route all of rt",
        ),
        (default("Internet"), ROUTED, Verdict.PASS, "arrives"),
        (
            TABLE.replace(
                "ROUTE", "{addressPrefix: 0.0.0.0/0, nextHopType: VirtualAppliance, nextHopIpAddress: 10.9.0.4}"
            ),
            ROUTED,
            Verdict.UNKNOWN,
            "the appliance that it leads to",
        ),
        (
            default("VirtualNetworkGateway"),
            ROUTED,
            Verdict.UNKNOWN,
            "it leads to the gateway",
        ),
        ("", ROUTED, Verdict.UNKNOWN, "route table"),
        (ADMIN + MEMBER, "privateEndpointNetworkPolicies: Disabled", Verdict.FAIL, "stop (10) of the network manager"),
        (ADMIN, "privateEndpointNetworkPolicies: Disabled", Verdict.UNKNOWN, "no static member"),
    ],
)
def test_everything_on_the_way_has_a_say(more: str, place: str, verdict: Verdict, told: str) -> None:
    env = environment(NETWORK.replace("PLACE", place) + more, as_of=TODAY)
    (finding,) = found(env, "resource-manager-closed-to-nodes")
    assert finding.verdict is verdict, finding.message
    assert told in finding.message
    assert {rule.id for rule in RULES} >= {"resource-manager-closed-to-nodes"}
