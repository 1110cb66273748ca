"""Sets and walks against enumeration: every packet of a small world, and of real-looking groups, one by one."""

import ipaddress
import json
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.nsg import Flow, Outcome, Rule, flow_of, walk
from mlpreflight.network.space import Space
from mlpreflight.network.tags import Holds
from mlpreflight.resources.ends import End
from mlpreflight.resources.nsg import NetworkSecurityGroup, rules_of
from tests.builders import environment

SMALL = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=4).map(
    lambda pairs: intervals.merged((min(pair), max(pair)) for pair in pairs)
)


def members(pairs: intervals.Intervals) -> set[int]:
    return {number for first, last in pairs for number in range(first, last + 1)}


@given(SMALL, SMALL)
def test_interval_operations_are_set_operations(one: intervals.Intervals, other: intervals.Intervals) -> None:
    assert members(intervals.union(one, other)) == members(one) | members(other)
    assert members(intervals.intersection(one, other)) == members(one) & members(other)
    assert members(intervals.difference(one, other)) == members(one) - members(other)
    assert intervals.contains(one, other) == (members(other) <= members(one))
    assert intervals.size(one) == len(members(one))
    for result in (intervals.union(one, other), intervals.difference(one, other)):
        assert all(a[1] + 1 < b[0] for a, b in pairwise(result)), "neither sorted nor merged"


PROTOCOLS = ("tcp", "udp")
REGIONS = st.builds(
    Flow,
    st.frozensets(st.sampled_from(PROTOCOLS), min_size=1),
    st.builds(AddressSet, SMALL, st.frozensets(st.sampled_from(["storage", "internet"]))),
    st.just(((0, 1),)),
    st.just(AddressSet(((0, 0),))),
    SMALL,
)
RULES = st.lists(
    st.tuples(REGIONS, REGIONS, st.sampled_from([True, False, None])),
    max_size=5,
).map(lambda drawn: [Rule(str(at), at, allow, a & b, b) for at, (a, b, allow) in enumerate(drawn)])
WHOLE = Flow(
    frozenset(PROTOCOLS),
    AddressSet(((0, 9),), frozenset({"storage", "internet"})),
    ((0, 1),),
    AddressSet(((0, 0),)),
    ((0, 9),),
)
PACKETS = [
    (protocol, source, port)
    for protocol, source, port in product(PROTOCOLS, [*range(10), "storage", "internet"], range(10))
]


def holds(region: Flow, packet: tuple[str, int | str, int]) -> bool:
    protocol, source, port = packet
    inside = source in region.sources.names if isinstance(source, str) else source in members(region.sources.numbers)
    return bool(region) and protocol in region.protocols and inside and port in members(region.ports)


def outcomes(rules: list[Rule], packet: tuple[str, int | str, int]) -> set[bool]:
    """What may become of a packet: at each rule that may match it, one world more."""
    found: set[bool] = set()
    for rule in rules:
        if holds(rule.possible, packet):
            found |= {True, False} if rule.allow is None else {rule.allow}
        if holds(rule.sure, packet):
            return found
    return found


@settings(max_examples=300, deadline=None)
@given(RULES)
def test_the_walk_says_what_enumeration_says(drawn: list[Rule]) -> None:
    rules = [*drawn, Rule("deny", 99, allow=False, sure=WHOLE, possible=WHOLE)]
    walked = walk(rules, WHOLE)
    worlds = {packet: outcomes(rules, packet) for packet in PACKETS}
    assert (walked.outcome is Outcome.ALLOWED) == all(world == {True} for world in worlds.values())
    assert (walked.outcome is Outcome.DENIED) == all(world == {False} for world in worlds.values())
    for piece in walked.certain:
        if piece.allow is not None:
            inside = [packet for packet in PACKETS if holds(piece.flow, packet)]
            assert inside
            assert all(worlds[packet] == {piece.allow} for packet in inside), piece
    for packet, world in worlds.items():
        assert world == {
            way
            for piece in walked.possible
            if holds(piece.flow, packet)
            for way in ((True, False) if piece.allow is None else (piece.allow,))
        }


def test_pieces_do_not_overlap() -> None:
    hole = Flow(frozenset({"tcp"}), AddressSet(((3, 5),)), ((0, 1),), AddressSet(((0, 0),)), ((2, 7),))
    space = Space()
    cells = space.minus(WHOLE.cell(space), hole.cell(space))
    pieces = [flow_of(cell, space) for cell in cells]
    for packet in PACKETS:
        assert sum(holds(piece, packet) for piece in pieces) == (0 if holds(hole, packet) else 1)


HOSTS = ["10.0.1.4", "10.0.2.4", "172.16.0.9", "203.0.113.7", "8.8.8.8"]
PREFIXES = ["*", "10.0.0.0/16", "10.0.1.0/24", "203.0.113.0/24", "0.0.0.0/0", "8.8.8.8", "10.0.2.4/32"]
PORTS = ["*", "22", "80-90", "443", "20-25,443"]
DRAWN = st.lists(
    st.fixed_dictionaries(
        {
            "direction": st.sampled_from(["Inbound", "outbound"]),
            "access": st.sampled_from(["Allow", "Deny", "deny"]),
            "protocol": st.sampled_from(["*", "Tcp", "UDP", "Icmp"]),
            "sources": st.lists(st.sampled_from(PREFIXES), min_size=1, max_size=2),
            "destinations": st.lists(st.sampled_from(PREFIXES), min_size=1, max_size=2),
            "ports": st.sampled_from(PORTS),
        }
    ),
    max_size=6,
)


def matches(prefix: str, host: str) -> bool:
    return prefix == "*" or ipaddress.ip_address(host) in ipaddress.ip_network(prefix)


def first_match(
    rules: list[dict[str, object]], direction: str, protocol: str, source: str, target: str, port: int
) -> bool:
    """What the first matching rule does, written down as plainly as can be."""
    for rule in rules:
        ranges = [part.split("-") for part in str(rule["ports"]).replace("*", "0-65535").split(",")]
        if (
            str(rule["direction"]).lower() == direction.lower()
            and str(rule["protocol"]).lower() in ("*", protocol)
            and any(matches(one, source) for one in rule["sources"])  # type: ignore[attr-defined]
            and any(matches(one, target) for one in rule["destinations"])  # type: ignore[attr-defined]
            and any(int(one[0]) <= port <= int(one[-1]) for one in ranges)
        ):
            return str(rule["access"]).lower() == "allow"
    raise LookupError("a default rule decides")


@settings(max_examples=150, deadline=None)
@given(DRAWN, st.sampled_from(HOSTS), st.sampled_from(HOSTS), st.sampled_from(["tcp", "udp", "icmp"]))
def test_a_declared_group_decides_as_its_first_matching_rule(drawn, source, target, protocol) -> None:
    written = []
    for at, rule in enumerate(drawn):
        many = len(rule["sources"]) > 1
        properties = {
            "priority": 100 + at,
            "direction": rule["direction"],
            "access": rule["access"],
            "protocol": rule["protocol"],
            "sourcePortRange": "*",
            "sourceAddressPrefixes" if many else "sourceAddressPrefix": rule["sources"] if many else rule["sources"][0],
            "destinationAddressPrefixes": rule["destinations"],
            "destinationPortRanges": rule["ports"].split(","),
        }
        written.insert(0, {"name": f"rule-{at}", "properties": properties})  # Azure goes by priority, not by place
    resources = [
        {"type": "Microsoft.Network/networkSecurityGroups", "name": "nsg", "properties": {"securityRules": written}}
    ]
    env = environment(json.dumps(resources))
    (group,), _ = env.all(NetworkSecurityGroup)
    ends = [End(AddressSet(addresses.prefix(host) or ())) for host in (source, target)]
    for direction, port in product(("Inbound", "Outbound"), (22, 85, 443, 5000)):
        flow = Flow(frozenset({protocol}), ends[0].addresses, ((4000, 4000),), ends[1].addresses, ((port, port),))
        outcome = walk(rules_of(group, direction == "Inbound", *ends), flow).outcome
        try:
            allowed = first_match(drawn, direction, protocol, source, target, port)
        except LookupError:
            continue
        assert outcome is (Outcome.ALLOWED if allowed else Outcome.DENIED), (direction, port, outcome)


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("*", "Storage", Holds.ALL),
        ("Any", "Storage", Holds.ALL),
        ("storage", "STORAGE.EastUS", Holds.ALL),
        ("Storage.EastUS", "Storage", Holds.SOME),
        ("Storage.WestUS", "Storage.EastUS", Holds.NONE),
        ("Storage.EastUS", "Storage.?", Holds.OPEN),
        ("Storage", "AzureKeyVault", Holds.NONE),
        ("AzureCloud", "AzureMachineLearning", Holds.ALL),
        ("AzureCloud", "Storage", Holds.SOME),
        ("AzureCloud", "AzureFrontDoor.FirstParty", Holds.NONE),
        ("AzureCloud.EastUS", "AzureMachineLearning", Holds.OPEN),
        ("Internet", "AzureMachineLearning", Holds.ALL),
        ("Storage", "Internet", Holds.SOME),
        ("VirtualNetwork", "Storage", Holds.NONE),
        ("VirtualNetwork", "AzureLoadBalancer", Holds.OPEN),
        ("AzureLoadBalancer", "AzureLoadBalancer", Holds.ALL),
        ("168.63.129.16", "AzureLoadBalancer", Holds.ALL),
        ("168.63.129.0/24", "AzureLoadBalancer", Holds.ALL),
        ("10.0.0.0/8", "AzureLoadBalancer", Holds.NONE),
        ("10.0.0.0/8", "Storage", Holds.NONE),
        ("20.0.0.0/8", "Storage", Holds.OPEN),
        ("SomethingNew", "Storage", Holds.OPEN),
        ("VirtualNetwork", tags.OWN, Holds.ALL),
        ("10.1.0.0/16", tags.OWN, Holds.OPEN),
        ("Internet", tags.OWN, Holds.NONE),
    ],
)
def test_what_a_tag_says_of_another(outer: str, inner: str, expected: Holds) -> None:
    assert tags.holds(outer, inner) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("443", ((443, 443),)),
        ("80-90", ((80, 90),)),
        ("22, 80 - 90", ((22, 22), (80, 90))),
        ("*", addresses.ALL_PORTS),
        ("", None),
        ("90-80", None),
        ("65536", None),
        ("http", None),
        ("-1", None),
    ],
)
def test_ports(text: str, expected: intervals.Intervals | None) -> None:
    assert addresses.ports(text) == expected


@pytest.mark.parametrize(
    "text", ["10.0.0.0/33", "10.0.0", "", "Internet", "::/129", "10.0.0.0-10.0.0.9", "1.2.3.4/255"]
)
def test_what_is_no_prefix(text: str) -> None:
    assert addresses.prefix(text) is None


def test_host_bits_are_dropped_and_versions_do_not_meet() -> None:
    assert addresses.prefix("10.0.0.7/24") == addresses.prefix("10.0.0.0/24")
    assert not intervals.intersection(addresses.prefix("::/0") or (), addresses.ALL_V4)
    assert intervals.size(addresses.prefix("::/0") or ()) == 1 << 128
