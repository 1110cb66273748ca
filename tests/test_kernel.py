"""Network security groups against a kernel: real connections through nftables go as the engine says."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from mlpreflight.environment import Environment
from mlpreflight.network import addresses, intervals
from mlpreflight.network.addresses import AddressSet
from mlpreflight.network.path import Journey
from mlpreflight.resources.ends import End, Place
from mlpreflight.resources.paths import Wanted, arriving, leaving
from mlpreflight.resources.vnet import Subnet
from tests.builders import environment

ROUNDS, PACKETS = 160, 300
VERDICTS = 40_000  # that must be certain, of some 44,500 packets

NETWORK = "10.0.0.0/16"
SUBNETS = {"one": "10.0.1.0/24", "two": "10.0.2.0/24"}
INSIDE = {"10.0.1.4": "one", "10.0.1.200": "one", "10.0.2.4": "two", "10.0.2.5": "two"}
WORLD = ["8.8.8.8", "203.0.113.7"]
# The engine knows services by the names of their tags, the kernel by an address that nothing else in a rule holds.
SERVICES = {"20.60.0.9": "storage.eastus", "20.61.0.9": "azurekeyvault"}
HOSTS = [*INSIDE, *WORLD, *SERVICES]
TAGS = {
    "virtualnetwork": [NETWORK],
    "internet": ["0.0.0.0-9.255.255.255", "11.0.0.0-168.63.129.15", "168.63.129.17-255.255.255.255"],
    "azureloadbalancer": ["168.63.129.16"],
    "storage": ["20.60.0.9", "20.60.0.128/25"],
    "storage.eastus": ["20.60.0.9"],
    "storage.westus": ["20.60.0.128/25"],
    "azurekeyvault": ["20.61.0.9"],
    "azurecloud": ["20.61.0.9", "20.70.0.0/16"],
}
PREFIXES = ["10.0.0.0/16", "10.0.1.0/24", "10.0.2.0/24", "10.0.1.4", "10.0.2.5/32", "10.0.1.77/24", "10.0.0.0/8"]
ANYWHERE = ["*", "Any", "0.0.0.0/0", "8.8.8.8", "203.0.113.0/24", "0.0.0.0/1", "128.0.0.0/1"]
SINGLE = ["VirtualNetwork", "Internet", "internet", "Storage", "Storage.EastUS", "Storage.WestUS", "AzureKeyVault"]
PORTS = [22, 80, 85, 90, 91, 443, 1024, 65535]
SOURCE_PORTS = [1023, 4000, 50000]  # none of PORTS: else conntrack takes a packet for the answer to an earlier one
RANGES = ["*", "*", "22", "80-90", "0-1023", "91-443", "443", "1024-65535", "0-65535"]
SOURCE_RANGES = ["*", "*", "*", "*", "1024-65535", "4000", "0-4000"]


class Packet(NamedTuple):
    protocol: str
    source: str
    source_port: int
    target: str
    port: int


def several(rng: Random, rule: dict[str, Any], field: str, plural: str, words: list[str]) -> None:
    """One word, as it is mostly written, or a list."""
    many = rng.random() < 0.35
    rule[plural if many else field] = rng.sample(words, rng.randint(1, 3)) if many else rng.choice(words)


def drawn_rules(rng: Random) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    for direction in ("Inbound", "Outbound"):
        for priority in rng.sample(range(100, 4097), rng.randint(0, 12)):
            rule: dict[str, Any] = {
                "priority": priority,
                "direction": rng.choice([direction, direction.lower()]),
                "access": rng.choice(["Allow", "Deny", "deny", "ALLOW"]),
                "protocol": rng.choice(["*", "*", "Tcp", "UDP", "tcp", "Icmp"]),
            }
            for field in ("sourceAddressPrefix", "destinationAddressPrefix"):
                several(rng, rule, field, f"{field}es", rng.choice([PREFIXES, ANYWHERE, PREFIXES + ANYWHERE, SINGLE]))
            several(rng, rule, "sourcePortRange", "sourcePortRanges", SOURCE_RANGES)
            several(rng, rule, "destinationPortRange", "destinationPortRanges", RANGES)
            rules.append(rule)
    rng.shuffle(rules)  # Azure goes by priority, not by place
    return rules


def drawn_packets(rng: Random) -> list[Packet]:
    pairs = [(one, other) for one, other in product(HOSTS, HOSTS) if one != other and {one, other} & set(INSIDE)]
    every = [
        Packet(protocol, source, source_port, target, port)
        for protocol, (source, target), source_port, port in product(("tcp", "udp"), pairs, SOURCE_PORTS, PORTS)
    ]
    return rng.sample(every, PACKETS)


def declared(groups: dict[str, list[dict[str, Any]]]) -> Environment:
    """The groups and their subnets as Azure Resource Manager writes them."""
    written: list[dict[str, Any]] = []
    subnets = []
    for name, prefix in SUBNETS.items():
        properties: dict[str, Any] = {"addressPrefix": prefix}
        if prefix in groups:
            listed = [{"name": f"r{at}", "properties": rule} for at, rule in enumerate(groups[prefix])]
            type_ = "Microsoft.Network/networkSecurityGroups"
            written.append({"type": type_, "name": f"nsg-{name}", "properties": {"securityRules": listed}})
            properties["networkSecurityGroup"] = {"id": f"[resourceId('{type_}', 'nsg-{name}')]"}
        subnets.append({"name": name, "properties": properties})
    properties = {"addressSpace": {"addressPrefixes": [NETWORK]}, "subnets": subnets}
    written.append({"type": "Microsoft.Network/virtualNetworks", "name": "vnet", "properties": properties})
    return environment(json.dumps(written), complete=True)


def numbered(hosts: Iterable[str], place: Place) -> End:
    return End(AddressSet(intervals.merged(pair for host in hosts for pair in addresses.prefix(host) or ())), place)


ENDS = [
    numbered(INSIDE, Place.OWN),
    numbered(WORLD, Place.WORLD),
    End(AddressSet(names=frozenset(SERVICES.values()))),
]


def within(host: str, held: AddressSet) -> bool:
    if host in SERVICES:
        return SERVICES[host] in held.names
    ((number, _),) = addresses.prefix(host) or ()
    return any(first <= number <= last for first, last in held.numbers)


def said(journey: Journey, packets: list[Packet]) -> Iterator[tuple[Packet, bool | None]]:
    """What a journey of many packets says of each of them: None where it is open."""
    assert not journey.given_up
    for leg in journey.legs:
        flow = leg.flow
        for packet in packets:
            if (
                packet.protocol in flow.protocols
                and within(packet.source, flow.sources)
                and within(packet.target, flow.destinations)
                and any(first <= packet.source_port <= last for first, last in flow.source_ports)
                and any(first <= packet.port <= last for first, last in flow.ports)
            ):
                yield packet, leg.arrives if leg.is_sure else None


def ours(groups: dict[str, list[dict[str, Any]]], packets: list[Packet]) -> list[bool | None]:
    """The engine's verdicts. A packet between two subnets passes two groups, and both must allow it."""
    env = declared(groups)
    protocols = frozenset({"tcp", "udp"})
    ports = intervals.merged((port, port) for port in PORTS)
    found: dict[Packet, list[bool | None]] = {packet: [] for packet in packets}
    for subnet in env.all(Subnet)[0]:
        name = subnet.own_name.written
        for end in ENDS:
            out = [one for one in packets if INSIDE.get(one.source) == name and within(one.target, end.addresses)]
            into = [one for one in packets if INSIDE.get(one.target) == name and within(one.source, end.addresses)]
            wanted = Wanted(end, ports, protocols)
            for packet, way in said(leaving(subnet, wanted, env), out):
                found[packet].append(way)
            for packet, way in said(arriving(subnet, end, ports, protocols, env), into):
                found[packet].append(way)
    verdicts: list[bool | None] = []
    for packet in packets:
        ways = found[packet]
        assert ways, packet
        verdicts.append(False if False in ways else None if None in ways else True)
    return verdicts


# Debian keeps its network tools where only root looks for commands.
ENVIRONMENT = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}


def run(command: list[str], text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, input=text, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False
    )


def in_namespace() -> list[str]:
    """The command that makes a namespace; skips with the reason where this machine has none."""
    for tool in ("unshare", "ip", "nft"):
        if shutil.which(tool, path=ENVIRONMENT["PATH"]) is None:
            pytest.skip(f"{tool} is not installed")
    command = ["unshare", "-nm"] if os.geteuid() == 0 else ["unshare", "-Urnm", "--map-root-user"]
    tried = "nft add table inet tried && ip link set lo up"
    refused = run([*command, "sh", "-c", tried], "")
    if refused.returncode:
        pytest.skip(f"no namespace with nftables here: {refused.stderr.strip()}")
    return command


def test_real_connections_go_as_the_engine_says() -> None:
    command = in_namespace()
    rng = Random(20261121)  # noqa: S311 - the same groups in every run
    rounds = []
    for _ in range(ROUNDS):
        # One subnet in five has no group: there everything passes, but for what comes from outside of the network.
        # That is no matter of groups: Azure's standard public addresses are closed without one.
        groups = {prefix: drawn_rules(rng) for prefix in SUBNETS.values() if rng.random() < 0.8}
        drawn = drawn_packets(rng)
        rounds.append((groups, [one for one in drawn if one.source in INSIDE or SUBNETS[INSIDE[one.target]] in groups]))
    asked = {
        "outside": str(Path("/proc/self/ns/net").readlink()),
        "hosts": HOSTS,
        "tags": TAGS,
        "rounds": [{"groups": groups, "packets": packets} for groups, packets in rounds],
    }
    oracle = Path(__file__).with_name("kernel_oracle.py")
    # --kill-child: nothing is left behind, whatever happens to the test.
    ran = run([*command, "--kill-child", sys.executable, str(oracle)], json.dumps(asked))
    assert ran.returncode == 0, ran.stderr
    kernel = json.loads(ran.stdout)
    counted: Counter[bool | None] = Counter()
    different = []
    for (groups, packets), theirs in zip(rounds, kernel, strict=True):
        for packet, verdict, real in zip(packets, ours(groups, packets), theirs, strict=True):
            counted[verdict] += 1
            # Only of a service, of which the engine knows the name alone, may a prefix leave anything open.
            assert verdict is not None or {packet.source, packet.target} & SERVICES.keys(), packet
            if verdict is not None and verdict != real:
                different.append((packet, f"ours {verdict}, the kernel's {real}", groups))
    assert not different, f"{len(different)} of {counted.total()}, the first: {different[0]}"
    assert counted[True] + counted[False] >= VERDICTS, counted
    assert min(counted[True], counted[False]) > VERDICTS / 4, counted
