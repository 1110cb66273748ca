"""Azure DNS Private Resolver: who answers for a network, by rulesets and inbound endpoints."""

import pytest

from mlpreflight.engine import examine
from mlpreflight.finding import Finding
from mlpreflight.rules.reader import built_in
from tests.builders import environment

INBOUND = "[reference(resourceId('Microsoft.Network/dnsResolvers/inboundEndpoints','pr','in')).ipConfigurations[0].privateIpAddress]"  # noqa: E501
HUB_AND_SPOKE = """\
- type: Microsoft.Network/virtualNetworks
  name: hub
  properties:
    addressSpace: {addressPrefixes: [10.0.0.0/16]}
    subnets: [{name: snet-in, properties: {addressPrefix: 10.0.9.0/28}}]
- type: Microsoft.Network/virtualNetworks
  name: spoke
  properties:
    addressSpace: {addressPrefixes: [10.1.0.0/16]}
    subnets: [{name: snet, properties: {addressPrefix: 10.1.0.0/24}}]
- type: Microsoft.Network/privateEndpoints
  name: pe-kv
  properties:
    subnet: {id: "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'spoke', 'snet')]"}
    privateLinkServiceConnections:
    - properties: {privateLinkServiceId: "[resourceId('Microsoft.KeyVault/vaults', 'kv')]", groupIds: [vault]}
- {type: Microsoft.Network/privateDnsZones, name: privatelink.vaultcore.azure.net}
- type: Microsoft.Network/privateDnsZones/virtualNetworkLinks
  name: privatelink.vaultcore.azure.net/link
  properties: {virtualNetwork: {id: "[resourceId('Microsoft.Network/virtualNetworks', 'LINKED')]"}}
- type: Microsoft.Network/dnsResolvers
  name: pr
  properties: {virtualNetwork: {id: "[resourceId('Microsoft.Network/virtualNetworks', 'hub')]"}}
- type: Microsoft.Network/dnsResolvers/inboundEndpoints
  name: pr/in
  properties:
    ipConfigurations:
    - privateIpAddress: 10.0.9.4
      subnet: {id: "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'hub', 'snet-in')]"}
- type: Microsoft.Network/dnsForwardingRulesets
  name: rules
  properties: {}
- type: Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks
  name: rules/spoke
  properties: {virtualNetwork: {id: "[resourceId('Microsoft.Network/virtualNetworks', 'ASKER')]"}}
"""
RULE = """\
- type: Microsoft.Network/dnsForwardingRulesets/forwardingRules
  name: rules/{number}
  properties:
    domainName: {domain}
    forwardingRuleState: {state}
    targetDnsServers: [{{ipAddress: "{target}", port: 53}}]
"""


def judged(*rules: tuple[str, str], linked: str = "hub", asker: str = "spoke", state: str = "Enabled") -> Finding:
    text = HUB_AND_SPOKE.replace("LINKED", linked).replace("ASKER", asker)
    for number, (domain, target) in enumerate(rules):
        text += RULE.format(number=number, domain=domain, target=target, state=state)
    (page,) = [one for one in built_in() if one.id == "private-zone-not-linked"]
    (finding,) = examine(environment(text, complete=True), [page])
    return finding


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        ([("vault.azure.net.", "10.0.9.4")], "pass"),
        ([("azure.net.", "10.0.9.4")], "pass"),
        ([(".", INBOUND)], "pass"),
        # The rule that says most of the name wins.
        ([(".", "10.50.0.4"), ("vault.azure.net.", "10.0.9.4")], "pass"),
        ([(".", "10.0.9.4"), ("vault.azure.net.", "10.50.0.4")], "unknown"),
        ([("vault.azure.net.", "10.50.0.4")], "unknown"),
        ([("kv.vault.azure.net.", "10.0.9.4")], "unknown"),
        # A rule for other names sends nothing on.
        ([("contoso.com.", "10.50.0.4")], "fail"),
        ([], "fail"),
    ],
)
def test_a_ruleset_sends_questions_on(rules: list[tuple[str, str]], verdict: str) -> None:
    finding = judged(*rules)
    assert finding.verdict.value == verdict, finding.message
    assert ("sends" in finding.message) == (verdict == "pass") or verdict == "unknown"


def test_what_a_ruleset_means_for_a_network_that_the_zone_is_linked_to() -> None:
    assert judged(linked="spoke").verdict.value == "pass"
    assert judged((".", "10.50.0.4"), linked="spoke").verdict.value == "unknown", "somebody else answers"
    assert judged((".", "10.50.0.4"), linked="spoke", state="Disabled").verdict.value == "pass"
    assert judged((".", "10.50.0.4"), linked="spoke", asker="hub").verdict.value == "pass", "a ruleset for others"
    assert judged((".", "10.0.9.4"), linked="spoke").verdict.value != "pass", "the hub asks no such zone"
