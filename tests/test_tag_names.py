"""Names of service tags: what is one, what somebody meant who wrote another, and what rules of a group make of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpreflight import data
from mlpreflight.engine import examine
from mlpreflight.finding import Finding
from mlpreflight.network import addresses, tag_names
from mlpreflight.network.tag_names import Standing, spelling
from mlpreflight.rules.reader import built_in
from tests.builders import environment
from tests.test_service_tags import listed

CLOUDS = ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud")


@pytest.mark.parametrize(
    ("word", "standing", "meant"),
    [
        ("*", "NO_TAG", ""),
        ("Any", "NO_TAG", ""),
        ("10.0.0.0/8", "NO_TAG", ""),
        ("10.0.0.1-10.0.0.9", "NO_TAG", ""),
        ("2001:db8::/32", "NO_TAG", ""),
        ("Internet", "TAG", ""),
        ("VIRTUALNETWORK", "TAG", ""),
        ("AzureFrontDoor.FrontEnd", "TAG", ""),
        ("azurekeyvault.eastus", "TAG", ""),
        ("AzureMonitor.Core", "TAG", ""),
        ("AzureCloud.norwaye", "TAG", ""),
        ("AzureCloud.northeurope2", "TAG", ""),
        ("AzureDevOps.WestEurope", "TAG", ""),
        ("Storage.EastUS2EUAP", "TAG", ""),
        # What articles print, and people write.
        ("Keyvault.EastUS", "MISSPELT", "AzureKeyVault.EastUS"),
        ("Frontdoor.FirstParty", "MISSPELT", "AzureFrontDoor.FirstParty"),
        ("Storage.uswest", "MISSPELT", "Storage.WestUS"),
        ("AzureStorage.uswest", "MISSPELT", "Storage.WestUS"),
        ("AzureFrontDoor.FirstParti", "MISSPELT", "AzureFrontDoor.FirstParty"),
        ("AzureFrontDoor", "MISSPELT", "AzureFrontDoor.<Backend|FirstParty|Frontend|MicrosoftSecurity>"),
        ("VIRTUAL_NETWORK", "MISSPELT", "VirtualNetwork"),
        ("AZURE_LOADBALANCER", "MISSPELT", "AzureLoadBalancer"),
        ("Storage.East US 2", "MISSPELT", "Storage.EastUS2"),
        ("Storage.eatsus2", "MISSPELT", "Storage.EastUS2"),
        ("SqlManagment", "MISSPELT", "SqlManagement"),
        ("AzureActiveDirectory.EastUS2", "MISSPELT", "AzureActiveDirectory"),
        ("AzureCloud.norwayeast", "MISSPELT", "AzureCloud.norwaye"),
        ("Storage.norwaye", "MISSPELT", "Storage.NorwayEast"),
        ("Storage.centralfrance", "MISSPELT", "Storage.FranceCentral"),
        ("Keyvault", "MISSPELT", "AzureKeyVault"),
        ("VirtualNetworks", "MISSPELT", "VirtualNetwork"),
        # What is certainly nothing.
        ("10.0.0.0/34", "MISSPELT", ""),
        ("10.0.0.256", "MISSPELT", ""),
        ("my_addresses", "MISSPELT", ""),
        # What may be newer than the table.
        ("Storage.eastus3", "UNSURE", ""),
        ("Storage.westus4", "UNSURE", ""),
        ("Storage.ukeast", "UNSURE", ""),
        ("Storage.denmarkeast", "UNSURE", ""),
        ("SomethingNew", "UNSURE", ""),
        ("AzureMachineLearningServing", "UNSURE", "AzureMachineLearning"),
        ("AzureSignalR.BelgiumCentral", "UNSURE", ""),
        ("AzurePortal.AzureAppServiceUX", "UNSURE", "AzurePortal.AzureAppServiceUX"),
        ("Storage.USGovVirginia", "ABSENT", ""),
    ],
)
def test_words_in_the_public_cloud(word: str, standing: str, meant: str) -> None:
    known = spelling(word, "AzureCloud")
    assert (known.standing.name, known.meant) == (standing, meant)


@pytest.mark.parametrize(
    ("word", "public", "government", "china"),
    [
        ("AzureFrontDoor.FirstParty", "TAG", "ABSENT", "ABSENT"),
        ("AzureFrontDoor.Frontend", "TAG", "TAG", "TAG"),
        ("Storage.ChinaNorth3", "ABSENT", "ABSENT", "TAG"),
        ("Storage.EastUS", "TAG", "ABSENT", "ABSENT"),
        ("AzureCloud.norwaye", "TAG", "ABSENT", "ABSENT"),
        ("Grafana", "TAG", "ABSENT", "ABSENT"),
        ("ServiceFabric.ChinaEast", "ABSENT", "ABSENT", "UNSURE"),
        ("SystemServiceAzureSpringAppsResourceProvider", "UNSURE", "TAG", "TAG"),
        ("AzureDigitalTwins.USGovVirginia", "ABSENT", "UNSURE", "ABSENT"),
    ],
)
def test_words_in_each_cloud(word: str, public: str, government: str, china: str) -> None:
    assert [spelling(word, cloud).standing.name for cloud in CLOUDS] == [public, government, china]


@given(st.text(max_size=30), st.sampled_from(CLOUDS))
def test_any_word_is_something(word: str, cloud: str) -> None:
    known = spelling(word, cloud)
    if known.meant and "<" not in known.meant:
        assert spelling(known.meant, cloud).standing in (Standing.TAG, Standing.ABSENT, Standing.UNSURE)
    if known.standing is Standing.NO_TAG and word.strip().lower() not in ("", "*", "any"):
        assert all(addresses.prefix(part) for part in word.split("-"))


def test_what_is_meant_is_a_tag_for_every_letter_that_is_lost() -> None:
    table = data.table("tag_names")
    for name in (*table["regional"], *table["whole"]):
        for at in range(1, len(name)):
            known = spelling(name[:at] + name[at + 1 :], "AzureCloud")
            assert known.standing in (Standing.MISSPELT, Standing.TAG, Standing.UNSURE)
            if known.standing is Standing.MISSPELT and len(name) > 6:
                assert known.meant.split(".")[0] in (name, "Grafana", "EventHub", "LogicApps")


def test_regions_and_their_pairs() -> None:
    assert tag_names.regions_with("East US 2") == ["EastUS2", "CentralUS"]
    assert tag_names.regions_with("centralus") == ["CentralUS", "EastUS2"]
    assert tag_names.regions_with("westus3") == ["WestUS3", "EastUS"], "one way"
    assert tag_names.regions_with("eastus") == ["EastUS", "WestUS"]
    assert tag_names.regions_with("italynorth") == ["ItalyNorth"]
    assert tag_names.regions_with("atlantis") == []


def judged(rule: str, *rules: str, tags: bool = False, cloud: str | None = None) -> Finding:
    """What a page says of a group with rules: name, direction, access, source, destination."""
    lines = [
        "- type: Microsoft.Network/networkSecurityGroups",
        "  name: nsg",
        "  properties:",
        "    securityRules:",
    ]
    for words in rules:
        name, direction, access, source, destination = words.split()
        lines.append(
            f"    - {{name: {name}, properties: {{priority: 100, direction: {direction}, access: {access}, "
            f'sourceAddressPrefix: "{source}", destinationAddressPrefix: "{destination}"}}}}'
        )
    env = environment("\n".join(lines), **({"cloud": cloud} if cloud else {}))
    if tags:
        env = replace(env, tags=listed({"Storage": [], "Storage.EastUS3": [], "Brandnew": []}))
    (page,) = [one for one in built_in() if one.id == rule]
    (finding,) = examine(env, [page])
    return finding


SPELT, CLOUD = "service-tag-is-misspelt", "service-tag-of-another-cloud"
WAY, REGION = "service-tag-in-wrong-direction", "storage-tag-without-region"


@pytest.mark.parametrize(
    ("rule", "words", "verdict", "told"),
    [
        (SPELT, "A Outbound Allow * Keyvault.EastUS", "fail", "A names Keyvault.EastUS, which is no service tag"),
        (SPELT, "A Outbound Allow * 10.0.0.0/34", "fail", "is neither an address range nor a service tag"),
        (SPELT, "A Outbound Allow * [concat('Keyvault.',parameters('x'))]", "fail", "AzureKeyVault.<region> is what"),
        (SPELT, "A Outbound Allow * [concat('Storage.',parameters('x'))]", "unknown", "parameter `x`"),
        (SPELT, "A Outbound Allow * SomethingNew", "unknown", "--service-tags takes a newer list"),
        (SPELT, "A Outbound Allow * AzureMachineLearningServing", "unknown", "(AzureMachineLearning is)"),
        (SPELT, "A Outbound Allow * 10.0.0.0/8", "not-applicable", "no rule names a service tag"),
        (CLOUD, "A Outbound Allow * [concat('Grafana.',parameters('x'))]", "unknown", "parameter `x`"),
        (CLOUD, "A Outbound Allow * Storage.ChinaEast", "unknown", "but nothing says that this is the cloud"),
        (WAY, "A Outbound Allow * AzureMachineLearningInference", "fail", "documents it for inbound rules only"),
        (WAY, "A Inbound Allow AzureKeyVault.EastUS *", "fail", "documents it for outbound rules only"),
        (WAY, "A Inbound Deny AzureKeyVault.EastUS *", "pass", ""),
        (WAY, "A Outbound Allow * GatewayManager", "fail", "GatewayManager as its destination"),
        (WAY, "A Outbound Allow GatewayManager *", "pass", "what stands at the other end is no direction of a tag"),
        (WAY, "A Inbound Allow [parameters('x')] *", "unknown", "parameter `x`"),
        (WAY, "A Outbound Allow [parameters('x')] *", "not-applicable", ""),
        (REGION, "A Outbound Allow * storage", "fail", "A allows Storage of every region"),
        (REGION, "A Outbound Allow * Storage.EastUS", "pass", ""),
        (REGION, "A Inbound Allow Storage *", "not-applicable", ""),
        (REGION, "A Outbound [parameters('x')] * Storage", "unknown", "x"),
    ],
)
def test_rules_of_a_group(rule: str, words: str, verdict: str, told: str) -> None:
    finding = judged(rule, words)
    assert finding.verdict.value == verdict, finding.message
    assert told in finding.message or verdict == "pass"


def test_several_wrong_words_are_one_answer() -> None:
    finding = judged(SPELT, *(f"R{at} Outbound Allow * Keyvault.EastUS" for at in range(5)))
    assert finding.message.count("Keyvault.EastUS, which") == 3
    assert finding.message.endswith("; and 2 more")
    assert len(finding.evidence) == 5
    assert "--destination-address-prefixes AzureKeyVault.EastUS" in (finding.fix or "")


def test_a_cloud_that_was_said_is_certain() -> None:
    words = "A Outbound Allow * AzureFrontDoor.FirstParty"
    assert judged(CLOUD, words).verdict.value == "pass"
    for cloud in CLOUDS[1:]:
        finding = judged(CLOUD, words, cloud=cloud)
        assert finding.verdict.value == "fail"
        assert f"is no service tag of {cloud}, as of 2026-07-20" in finding.message
    assert judged(CLOUD, "A Outbound Allow * Storage.ChinaEast", cloud="AzureCloud").verdict.value == "fail"


def test_a_rule_that_is_only_possible_is_no_failure() -> None:
    for rule, words in ((SPELT, "Keyvault"), (WAY, "GatewayManager"), (REGION, "Storage")):
        assert judged(rule, f"A Outbound Allow * {words}").verdict.value == "fail"
        env = environment(
            f"""\
            - type: Microsoft.Network/networkSecurityGroups
              name: nsg
            - type: Microsoft.Network/networkSecurityGroups/securityRules
              name: nsg/A
              condition: "[parameters('x')]"
              properties: {{direction: Outbound, access: Allow, destinationAddressPrefix: {words}}}
            """
        )
        (page,) = [one for one in built_in() if one.id == rule]
        (finding,) = examine(env, [page])
        assert finding.verdict.value == "unknown"


def test_with_a_list_names_are_exact() -> None:
    def verdict(rule: str, word: str) -> str:
        return judged(rule, f"A Outbound Allow * {word}", tags=True).verdict.value

    assert [verdict(SPELT, word) for word in ("Storage.EastUS3", "Brandnew", "Internet")] == ["pass"] * 3
    finding = judged(SPELT, "A Outbound Allow * SomethingNew", tags=True)
    assert finding.verdict.value == "fail"
    assert "is not among the service tags of 2025-10-28" in finding.message
    assert "; Storage is what was meant" in judged(SPELT, "A Outbound Allow * AzureStorage", tags=True).message
    assert "; Internet is what was meant" in judged(SPELT, "A Outbound Allow * Internt", tags=True).message
    assert verdict(CLOUD, "Storage.EastUS") == "fail", "the list does not have it"
    assert verdict(CLOUD, "Storage.ChinaEast") == "fail"
    assert verdict(SPELT, "[concat('Brandnew.',parameters('x'))]") == "unknown"
