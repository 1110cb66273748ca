"""In which order Azure decides, by its own examples: groups, service tags, routes, firewalls, administrators' rules.

Each row names the page that tells its outcome; all were read on 2026-11-21.
"""

import json
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest

from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.nsg import Flow, Outcome, walk
from mlpreflight.resources.attached import AttachedMachine
from mlpreflight.resources.ends import End
from mlpreflight.resources.nsg import NetworkSecurityGroup, group_name, rules_of
from mlpreflight.resources.walks import with_tag
from mlpreflight.values import Text
from tests.azure_tables import (
    ALLOWED,
    COMPUTES,
    DENIED,
    GROUPS,
    INTERFACES,
    MACHINES,
    NETWORK,
    PAGES,
    PARTLY,
    POLICIES,
    UNKNOWN,
    VNETS,
    Rows,
    Written,
    asked,
    group,
    link,
    member_of,
    network,
    part,
    resource,
)
from tests.builders import environment

NO_IN, NO_OUT = "200 Inbound Deny * * * *", "200 Outbound Deny * * * *"
HTTP = "100 Inbound Allow Tcp * * 80"
STORAGE, WEST = "100 Outbound Allow * * Storage *", "100 Outbound Allow * * Storage.WestUS *"
CLOUD, NO_INTERNET = "100 Outbound Allow * * AzureCloud *", "150 Outbound Deny * * Internet *"
NO_NETWORK = "150 Outbound Deny * * VirtualNetwork *"
AUGMENTED = ["100 Outbound Allow Tcp 10.0.0.0/25,10.0.0.128/25 10.0.1.4,203.0.113.0/24 80,10000-10005", NO_OUT]


@pytest.mark.parametrize(
    ("page", "groups", "question", "expected"),
    [
        # Lower numbers first; where a rule matches, processing stops.
        ("nsg", {"web": [NO_IN, HTTP]}, "data web 80", ALLOWED),
        ("nsg", {"web": [NO_IN, "300 Inbound Allow Tcp * * 80"]}, "data web 80", DENIED),
        ("nsg", {"web": [NO_IN, HTTP]}, "data web 80 udp", DENIED),
        ("nsg", {"web": [NO_OUT]}, "data web 80", ALLOWED),
        # The default rules.
        ("nsg", {"web": [], "data": []}, "data web 80", ALLOWED),
        ("nsg", {"web": []}, "AzureLoadBalancer web 80", ALLOWED),
        ("nsg", {"web": []}, "Internet web 80", DENIED),
        ("nsg", {"web": []}, "web 203.0.113.7 80", ALLOWED),
        ("nsg", {"web": []}, "web AzureMachineLearning 443", ALLOWED),
        # They cannot be removed, but rules of one's own come before them.
        ("nsg", {"web": ["4096 Inbound Deny * * * *"]}, "data web 80", DENIED),
        ("nsg", {"web": ["4096 Outbound Deny * * * *"]}, "web Internet 80", DENIED),
        ("nsg", {"web": ["4096 Inbound Allow * * * *"]}, "Internet web 80", ALLOWED),
        # Augmented rules: several addresses, ranges and ports in one.
        ("nsg", {"web": AUGMENTED}, "web 203.0.113.7 80", ALLOWED),
        ("nsg", {"web": AUGMENTED}, "web 203.0.113.7 10005", ALLOWED),
        ("nsg", {"web": AUGMENTED}, "web 203.0.113.7 10006", DENIED),
        ("nsg", {"web": AUGMENTED}, "web 10.0.1.4 10000-10005", ALLOWED),
        ("nsg", {"web": AUGMENTED}, "web 10.0.1.5 80", DENIED),
        # Both ends have a say: out of one subnet, into the other.
        ("how", {"web": [NO_OUT], "data": []}, "web data 80", DENIED),
        ("how", {"web": [], "data": [NO_IN]}, "web data 80", DENIED),
        # Where there is no group all passes, inside of the network and out of it (VM4).
        ("how", {}, "web data 80", ALLOWED),
        ("how", {}, "web 203.0.113.7 80", ALLOWED),
        # But without a group nothing comes from the Internet: standard public addresses are closed by default (VM4).
        ("how", {}, "203.0.113.7 web 80", DENIED),
        # Traffic between the machines of one subnet is judged too.
        ("how", {"web": []}, "web web 80", ALLOWED),
        ("how", {"web": [NO_IN]}, "web web 80", DENIED),
        ("how", {"web": [NO_OUT]}, "web web 80", DENIED),
        # The host's own services are not subject to groups, unless a rule names their tags.
        ("nsg", {"web": [NO_OUT]}, "web 168.63.129.16 53 udp", ALLOWED),
        ("nsg", {"web": ["100 Outbound Deny * * AzurePlatformDNS *"]}, "web AzurePlatformDNS 53 udp", DENIED),
        # A regional tag is a part of the global one.
        ("tags", {"web": [STORAGE, NO_OUT]}, "web Storage 443", ALLOWED),
        ("tags", {"web": [STORAGE, NO_OUT]}, "web Storage.WestUS 443", ALLOWED),
        ("tags", {"web": [STORAGE, NO_OUT]}, "web AzureKeyVault 443", DENIED),
        ("tags", {"web": [WEST, NO_OUT]}, "web Storage.WestUS 443", ALLOWED),
        ("tags", {"web": [WEST, NO_OUT]}, "web Storage.EastUS 443", DENIED),
        ("tags", {"web": [WEST, NO_OUT]}, "web Storage 443", PARTLY),
        # Internet includes the public addresses that Azure owns.
        ("tags", {"web": [NO_INTERNET]}, "web Storage 443", DENIED),
        ("tags", {"web": [NO_INTERNET]}, "web AzureMachineLearning 443", DENIED),
        ("tags", {"web": [STORAGE, NO_INTERNET]}, "web Storage 443", ALLOWED),
        # AzureCloud does not hold all of Storage, though its description says all: the file of prefixes tells.
        ("tag file", {"web": [CLOUD, NO_OUT]}, "web AzureMachineLearning 443", ALLOWED),
        ("tag file", {"web": [CLOUD, NO_OUT]}, "web Storage 443", UNKNOWN),
        ("tag file", {"web": [CLOUD, NO_OUT]}, "web AzureFrontDoor.FirstParty 443", DENIED),
        # VirtualNetwork is the network itself and no public service.
        ("tags", {"web": [NO_NETWORK]}, "web data 443", DENIED),
        ("tags", {"web": [NO_NETWORK]}, "web Storage 443", ALLOWED),
    ],
)
def test_groups_and_service_tags(page: str, groups: Mapping[str, Rows], question: str, expected: Outcome) -> None:
    assert asked(network(groups), question) is expected, PAGES[page]


@pytest.mark.parametrize("subnet_allows", [True, False])
@pytest.mark.parametrize("interface_allows", [True, False])
def test_the_groups_of_subnet_and_interface_must_both_allow(subnet_allows: bool, interface_allows: bool) -> None:
    """VM1 to VM3 of the page "how": NSG1 (web) on Subnet1, NSG2 on the interfaces of VM1 and VM3, none on Subnet2."""
    opening = "100 Inbound Allow Tcp Internet * 80"
    others = [group("NSG2", [opening] if interface_allows else [])]
    for name, subnet, own in (("VM1", "web", ["NSG2"]), ("VM2", "web", []), ("VM3", "data", ["NSG2"])):
        guard = {"networkSecurityGroup": link(GROUPS, *own)} if own else {}
        place = part("ip", subnet=link(f"{VNETS}/subnets", "vnet", subnet))
        others.append(resource(INTERFACES, name, ipConfigurations=[place], **guard))
        others.append(resource(MACHINES, name, networkProfile={"networkInterfaces": [link(INTERFACES, name)]}))
        attached = link(MACHINES, name)["id"]
        others.append(resource(COMPUTES, f"ws/{name}", computeType="VirtualMachine", resourceId=attached))
    env = network({"web": [opening] if subnet_allows else []}, others=others)
    reached = {
        machine.name.written.split("/")[-1]: all(
            with_tag(subnet, guard, True, "Internet", "80", "Tcp").outcome is ALLOWED
            for subnet, guard in machine.guards(env)
        )
        for machine in env.all(AttachedMachine)[0]
    }
    assert reached == {"VM1": subnet_allows and interface_allows, "VM2": subnet_allows, "VM3": interface_allows}


NO_DATABASE = "120 Inbound Deny * * AsgDb 1433"
FOR_MEMBERS = ["100 Inbound Allow Tcp Internet AsgWeb 80", NO_DATABASE, "110 Inbound Allow Tcp AsgLogic AsgDb 1433"]


@pytest.mark.parametrize(
    ("source", "target", "port", "expected"),
    [
        ("internet", "AsgWeb", 80, ALLOWED),
        ("internet", "AsgDb", 1433, DENIED),
        ("AsgLogic", "AsgDb", 1433, ALLOWED),
        ("AsgWeb", "AsgDb", 1433, DENIED),
        ("AsgWeb", "AsgLogic", 1433, ALLOWED),
    ],
)
def test_application_security_groups(source: str, target: str, port: int, expected: Outcome) -> None:
    (declared,), _ = environment(json.dumps([group("NSG1", FOR_MEMBERS)])).all(NetworkSecurityGroup)
    names = (name if name == "internet" else group_name(Text((member_of(name)[0]["id"],))) for name in (source, target))
    ends = [End(AddressSet(names=frozenset({name}))) for name in names]
    flow = Flow(frozenset({"tcp"}), ends[0].addresses, ((50000, 50000),), ends[1].addresses, ((port, port),))
    assert walk(rules_of(declared, True, *ends), flow).outcome is expected, PAGES["asg"]


def test_a_member_of_an_application_security_group_is_not_passed_over() -> None:
    """Deny-Database-All, asked of the subnet in which the interface of a member stands."""
    place = {"privateIPAddress": "10.0.1.4", "subnet": link(f"{VNETS}/subnets", "vnet", "data")}
    interface = part("ip", **place, applicationSecurityGroups=member_of("AsgDb"))
    env = network({"data": [NO_DATABASE]}, others=[resource(INTERFACES, "db", ipConfigurations=[interface])])
    assert asked(env, "web data 1433") is not ALLOWED, PAGES["asg"]


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ([], DENIED),
        (["203.0.113.0/24 Internet"], ALLOWED),  # "address prefixes used on user-defined routes"
        (["0.0.0.0/0 Internet"], UNKNOWN),  # "this tag might also contain default routes"
    ],
)
def test_the_tag_virtual_network_holds_prefixes_of_routes(routes: Rows, expected: Outcome) -> None:
    rules = ["100 Outbound Allow * * VirtualNetwork *", NO_OUT]
    assert asked(network({"web": rules}, routes), "web 203.0.113.7 443") is expected, PAGES["tags"]


APPLIANCE = "VirtualAppliance 10.0.100.4"
TO_FIREWALL = [f"0.0.0.0/0 {APPLIANCE}"]
# Subnet1's table in the routing example of "udr"; what the appliance lets through nobody says there.
EXAMPLE = [f"10.0.0.0/16 {APPLIANCE}", "10.0.0.0/24 VnetLocal", "10.1.0.0/16 None", "10.2.0.0/16 None"]
EXAMPLE += [f"10.10.0.0/16 {APPLIANCE}", f"0.0.0.0/0 {APPLIANCE}"]


@pytest.mark.parametrize(
    ("id", "question", "expected"),
    [
        ("ID2", "web data 443", UNKNOWN),
        ("ID2", "web 10.0.7.4 443", UNKNOWN),
        ("ID3", "web 10.0.0.5 443", ALLOWED),
        ("ID6", "web 10.1.0.4 443", DENIED),
        ("ID9", "web 10.10.0.4 443", UNKNOWN),
        ("ID10", "web Storage 443", ALLOWED),
        ("ID10", "web Storage.EastUS 443", ALLOWED),
        ("ID12", "web AzureKeyVault 443", UNKNOWN),
        ("ID12", "web 203.0.113.7 443", UNKNOWN),
        # The way there is open; but the answers take the routes of Subnet1, to the appliance.
        ("Subnet2", "data web 443", UNKNOWN),
        ("Subnet2", "data 203.0.113.7 443", ALLOWED),
        ("Subnet2", "data 192.168.0.4 443", DENIED),
    ],
)
def test_the_routing_example(id: str, question: str, expected: Outcome) -> None:
    env = network(routes=EXAMPLE, endpoints=["Microsoft.Storage"])
    assert asked(env, question) is expected, f"{PAGES['udr']}#routing-example {id}"


FAR = part("app", addressPrefix="10.1.0.0/24")
PEERS = [
    resource(VNETS, "far", addressSpace={"addressPrefixes": ["10.1.0.0/16"]}, subnets=[FAR]),
    resource(f"{VNETS}/virtualNetworkPeerings", "vnet/out", remoteVirtualNetwork=link(VNETS, "far")),
]
TO_AML, TO_VAULT = "web AzureMachineLearning 443", "web AzureKeyVault.EastUS 443"
EAST_LAST = ["AzureKeyVault None", "AzureKeyVault.EastUS Internet"]
CLOUD_FIRST = ["AzureCloud None", "AzureKeyVault Internet"]


@pytest.mark.parametrize(
    ("page", "routes", "question", "expected"),
    [
        # The longest prefix wins, in whatever order the routes are listed.
        ("udr", ["203.0.0.0/16 None", "203.0.113.0/24 Internet"], "web 203.0.113.7 443", ALLOWED),
        ("udr", ["203.0.113.0/24 None", "203.0.0.0/16 Internet"], "web 203.0.113.7 443", DENIED),
        ("udr", ["203.0.113.0/24 None", "203.0.0.0/16 Internet"], "web 203.0.9.7 443", ALLOWED),
        # Routes of one's own come before the system's: to the Internet, inside of the network, and to peers.
        ("udr", ["0.0.0.0/0 None"], "web 203.0.113.7 443", DENIED),
        ("udr", ["0.0.0.0/0 None"], "web data 443", ALLOWED),
        ("udr", ["10.0.0.0/8 None"], "web data 443", ALLOWED),
        ("udr", ["10.0.0.0/16 None"], "web data 443", DENIED),
        ("udr", ["10.0.1.0/24 None"], "web data 443", DENIED),
        ("udr", ["0.0.0.0/0 None"], "web app 443", ALLOWED),
        ("udr", ["10.1.0.0/16 None"], "web app 443", DENIED),
        ("udr", ["10.1.0.0/24 None"], "web app 443", DENIED),
        # Service endpoints are not overridden, neither by a default route nor by one for the tag.
        ("endpoints", ["0.0.0.0/0 None"], "web Storage.EastUS 443", ALLOWED),
        ("endpoints", ["Storage None"], "web Storage.EastUS 443", ALLOWED),
        ("endpoints", ["0.0.0.0/0 None"], "web AzureKeyVault 443", DENIED),
        # What an appliance, or those behind a gateway, let through is theirs to say.
        ("udr", ["0.0.0.0/0 VirtualAppliance 10.0.9.9"], "web 203.0.113.7 443", UNKNOWN),
        ("udr", ["0.0.0.0/0 VirtualNetworkGateway"], "web 203.0.113.7 443", UNKNOWN),
        # The prefixes of a tag are longer than 0.0.0.0/0; whether than another range, only their list could tell.
        ("udr", ["0.0.0.0/0 None", "AzureMachineLearning Internet"], TO_AML, ALLOWED),
        ("udr", ["0.0.0.0/0 Internet", "AzureMachineLearning None"], TO_AML, DENIED),
        ("udr", ["0.0.0.0/1 None", "Storage Internet"], "web 20.60.0.9 443", UNKNOWN),
        # For the same prefix a regional tag comes before a global one, and that before AzureCloud ("exact match").
        ("udr", EAST_LAST, TO_VAULT, ALLOWED),
        ("udr", EAST_LAST[::-1], TO_VAULT, ALLOWED),
        ("udr", CLOUD_FIRST, "web AzureKeyVault 443", ALLOWED),
        ("udr", CLOUD_FIRST[::-1], "web AzureKeyVault 443", ALLOWED),
    ],
)
def test_routes(page: str, routes: Rows, question: str, expected: Outcome) -> None:
    env = network(routes=routes, endpoints=["Microsoft.Storage"], others=PEERS)
    assert asked(env, question) is expected, PAGES[page]


def collection(row: str) -> Written:
    """A collection of one rule: priority, action, then "TCP PORTS" or "HOST PROTOCOL:PORT"."""
    priority, action, what, ports = row.split()
    said: Written = {"name": row, "sourceAddresses": ["*"]}
    if what in ("TCP", "UDP", "Any"):
        said |= {"ruleType": "NetworkRule", "ipProtocols": [what], "destinationAddresses": ["*"]}
        said["destinationPorts"] = ports.split(",")
    else:
        kind, _, port = ports.partition(":")
        said |= {"ruleType": "ApplicationRule", "targetFqdns": [what]}
        said["protocols"] = [{"protocolType": kind, "port": int(port)}]
    return {"name": row, "priority": int(priority), "action": {"type": action}, "rules": [said]} | {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection"
    }


Collections = Mapping[int, Rows]
"""The collections of each group of a policy, by the priority of the group."""


def policy(name: str, groups: Collections, **properties: Any) -> list[Written]:
    written = [resource(POLICIES, name, **properties)]
    for priority, rows in groups.items():
        inner = [collection(row) for row in rows]
        type_ = f"{POLICIES}/ruleCollectionGroups"
        written.append(resource(type_, f"{name}/group-{priority}", priority=priority, ruleCollections=inner))
    return written


def firewall(groups: Collections, name: str = "fw", address: str = "10.0.100.4", **properties: Any) -> list[Written]:
    place = [part("ip", privateIPAddress=address)]
    whole = resource(f"{NETWORK}azureFirewalls", name, firewallPolicy=link(POLICIES, name), ipConfigurations=place)
    return [*policy(name, groups, **properties), whole]


NO_GOOGLE, SSH, ALL_HTTPS = "100 Deny google.com Https:443", "100 Allow TCP 22", {100: ["100 Allow * Https:443"]}


@pytest.mark.parametrize(
    ("page", "groups", "question", "expected"),
    [
        # Example 1: the network rule decides, though the application rule stands before it, or in an earlier group.
        ("firewall", {100: [NO_GOOGLE, "200 Allow TCP 80,443"]}, "web google.com 443", ALLOWED),
        ("firewall", {100: [NO_GOOGLE], 200: ["100 Allow TCP 80,443"]}, "web google.com 443", ALLOWED),
        # Example 2: the collection with the lower number decides; but groups come before collections.
        ("firewall", {100: ["200 Allow TCP 22", "100 Deny TCP 22"]}, "web 203.0.113.7 22", DENIED),
        ("firewall", {300: [SSH], 200: ["900 Deny TCP 22"]}, "web 203.0.113.7 22", DENIED),
        # What nothing allows is refused.
        ("firewall", {}, "web 203.0.113.7 443", DENIED),
        ("firewall", {100: [SSH]}, "web 203.0.113.7 443", DENIED),
        ("firewall", {100: [SSH]}, "web 203.0.113.7 22 udp", DENIED),
        # A rule for ports is one for TCP and UDP, whatever its protocols.
        ("firewall", {100: ["100 Allow Any 443"]}, "web 203.0.113.7 443 udp", ALLOWED),
        ("firewall", {100: ["100 Allow Any 443"]}, "web 203.0.113.7 443 icmp", DENIED),
        ("firewall", {100: ["100 Allow Any *"]}, "web 203.0.113.7 443 icmp", ALLOWED),
        # Application rules are for HTTP, HTTPS and MSSQL.
        ("firewall", ALL_HTTPS, "web google.com 443", ALLOWED),
        ("firewall", ALL_HTTPS, "web google.com 22", DENIED),
        ("firewall", ALL_HTTPS, "web google.com 443 udp", DENIED),
        # The table of wildcards.
        ("firewall faq", {100: ["100 Allow www.contoso.com Https:443"]}, "web www.contoso.com 443", ALLOWED),
        ("firewall faq", {100: ["100 Allow *.contoso.com Https:443"]}, "web any.contoso.com 443", ALLOWED),
        ("firewall faq", {100: ["100 Allow *.contoso.com Https:443"]}, "web contoso.com 443", DENIED),
        ("firewall faq", {100: ["100 Allow *contoso.com Https:443"]}, "web example.anycontoso.com 443", ALLOWED),
        ("firewall faq", {100: ["100 Allow *contoso.com Https:443"]}, "web contoso.com 443", ALLOWED),
        # A flow for every host of a domain: a rule for one of them holds a part of it.
        ("firewall faq", {100: ["100 Allow www.contoso.com Https:443"]}, "web *.contoso.com 443", UNKNOWN),
    ],
)
def test_firewalls(page: str, groups: Collections, question: str, expected: Outcome) -> None:
    assert asked(network(routes=TO_FIREWALL, others=firewall(groups)), question) is expected, PAGES[page]


# The example of inherited policies of "firewall", in its processing order: policy, group, collection, kind.
NETWORK_RULES, APPLICATION_RULES = "TCP 443", "google.com Https:443"
ORDER = {
    "NetworkRC1": ("base", 200, 800, NETWORK_RULES),
    "NetworkRC2": ("base", 300, 1300, NETWORK_RULES),
    "ChNetRC1": ("fw", 300, 700, NETWORK_RULES),
    "ChNetRC2": ("fw", 650, 1100, NETWORK_RULES),
    "AppRC2": ("base", 300, 1200, APPLICATION_RULES),
    "ChAppRC1": ("fw", 300, 900, APPLICATION_RULES),
    "ChAppRC2": ("fw", 650, 2000, APPLICATION_RULES),
}


@pytest.mark.parametrize(("first", "second"), list(combinations(ORDER, 2)))
def test_the_order_of_inherited_policies(first: str, second: str) -> None:
    for actions, expected in (("Allow", "Deny"), ALLOWED), (("Deny", "Allow"), DENIED):
        groups: dict[str, dict[int, list[str]]] = {"base": {}, "fw": {}}
        for action, name in zip(actions, (first, second), strict=True):
            owner, priority, number, what = ORDER[name]
            groups[owner].setdefault(priority, []).append(f"{number} {action} {what}")
        declared = [*policy("base", groups["base"]), *firewall(groups["fw"], basePolicy=link(POLICIES, "base"))]
        assert asked(network(routes=TO_FIREWALL, others=declared), "web google.com 443") is expected, PAGES["firewall"]


def test_each_route_leads_to_its_own_firewall() -> None:
    """Two firewalls: the longest prefix says which of them is asked."""
    others = [*firewall({100: [SSH]}), *firewall({}, "other", "10.0.100.5")]
    env = network(routes=["203.0.113.0/24 VirtualAppliance 10.0.100.5", *TO_FIREWALL], others=others)
    assert asked(env, "web 203.0.113.7 22") is DENIED, PAGES["udr"]
    assert asked(env, "web 198.51.100.7 22") is ALLOWED, PAGES["udr"]


MANAGERS = f"{NETWORK}networkManagers"
COLLECTIONS = f"{MANAGERS}/securityAdminConfigurations/ruleCollections"
ALWAYS, NEVER, PERHAPS = ("AlwaysAllow", "Deny", ALLOWED), ("Deny", "Allow", DENIED), ("Allow", "Deny", DENIED)


@pytest.mark.parametrize(("access", "group_says", "expected"), [ALWAYS, NEVER, PERHAPS])
def test_administrators_rules_come_first(access: str, group_says: str, expected: Outcome) -> None:
    everywhere = [{"addressPrefix": "*", "addressPrefixType": "IPPrefix"}]
    said = {"access": access, "direction": "Inbound", "priority": 1, "protocol": "Tcp", "sources": everywhere}
    said |= {"destinations": everywhere, "sourcePortRanges": ["0-65535"], "destinationPortRanges": ["22"]}
    applies = [{"networkGroupId": link(f"{MANAGERS}/networkGroups", "nm", "all")["id"]}]
    member = link(VNETS, "vnet")["id"]
    others = [
        resource(f"{MANAGERS}/networkGroups/staticMembers", "nm/all/vnet", resourceId=member),
        resource(COLLECTIONS, "nm/admin/ssh", appliesToGroups=applies),
        resource(f"{COLLECTIONS}/rules", "nm/admin/ssh/in", **said) | {"kind": "Custom"},
    ]
    env = network({"web": [f"100 Inbound {group_says} * * * *"]}, others=others)
    assert asked(env, "data web 22") is expected, PAGES["admin"]


TO_OTHER = ["10.0.1.0/24 VirtualAppliance 10.0.100.4"]


@pytest.mark.parametrize(
    ("groups", "routes", "question", "expected"),
    [
        # There through the firewall, back past it; and back through a firewall that saw nothing.
        ({100: ["100 Allow Any 22"]}, TO_OTHER, "web data 22", UNKNOWN),
        ({100: ["100 Allow Any 22"]}, TO_OTHER, "data web 22", DENIED),
        ({100: ["100 Allow Any 22"]}, TO_FIREWALL, "203.0.113.7 web 22", DENIED),
        ({}, ["203.0.113.0/24 Internet", *TO_FIREWALL], "203.0.113.7 web 22", ALLOWED),
        ({}, ["203.0.113.0/24 None"], "203.0.113.7 web 22", DENIED),
        ({}, TO_FIREWALL, "AzureLoadBalancer web 22", ALLOWED),
        ({}, TO_FIREWALL, "10.9.0.4 web 22", UNKNOWN),
    ],
)
def test_answers_go_their_own_way(groups: Collections, routes: Rows, question: str, expected: Outcome) -> None:
    """The firewall FAQ: what returns on another way is refused; the page "udr" says which way that is."""
    env = network({"web": ["100 Inbound Allow * * * *"]}, routes=routes, others=firewall(groups))
    assert asked(env, question) is expected


def translating(*rows: str) -> Written:
    """A collection of translations: protocol, public address, its port, private address, its port."""
    rules = []
    for row in rows:
        protocol, public, port, private, inner = row.split()
        said = {"ruleType": "NatRule", "name": row, "ipProtocols": [protocol], "sourceAddresses": ["203.0.113.0/24"]}
        said |= {"destinationAddresses": [public], "destinationPorts": [port]}
        rules.append(said | {"translatedAddress": private, "translatedPort": inner})
    kind = {"ruleCollectionType": "FirewallPolicyNatRuleCollection", "action": {"type": "DNAT"}}
    return {"name": "in", "priority": 100, "rules": rules, **kind}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("203.0.113.9 198.51.100.1 8443", ALLOWED),
        ("203.0.113.9 fw 8443", ALLOWED),
        # Another port, another address of the firewall, somebody else.
        ("203.0.113.9 198.51.100.1 443", DENIED),
        ("203.0.113.9 198.51.100.2 8443", DENIED),
        ("192.0.2.9 fw 8443", DENIED),
        # The group behind it sees the firewall and the port that it translates to.
        ("203.0.113.9 198.51.100.2 22", DENIED),
    ],
)
def test_firewalls_translate(question: str, expected: Outcome) -> None:
    """https://learn.microsoft.com/azure/firewall/tutorial-firewall-dnat-policy"""
    rows = translating("TCP 198.51.100.1 8443 10.0.0.5 443", "TCP 198.51.100.2 22 10.0.0.5 22")
    whole = firewall({100: []})
    whole[1]["properties"]["ruleCollections"] = [rows]
    whole[-1]["properties"]["ipConfigurations"][0]["properties"]["subnet"] = link(f"{VNETS}/subnets", "vnet", "data")
    groups = {"web": ["100 Inbound Allow Tcp 10.0.1.0/24 * 443", NO_IN]}
    assert asked(network(groups, others=whole), question) is expected
