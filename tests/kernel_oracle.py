"""What Linux makes of network security groups: compiles them to nftables and opens every connection that is asked for.

Run in network and mount namespaces of its own (`unshare -nm`): rounds in as JSON, the kernel's verdicts out. It shares
no line with mlpreflight, so that both are wrong together only where Azure's documentation was read wrongly twice.
"""

import errno
import json
import socket
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

# https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules
DEFAULTS = [
    ("Inbound", 65000, "VirtualNetwork", "VirtualNetwork", "Allow"),
    ("Inbound", 65001, "AzureLoadBalancer", "*", "Allow"),
    ("Inbound", 65500, "*", "*", "Deny"),
    ("Outbound", 65000, "VirtualNetwork", "VirtualNetwork", "Allow"),
    ("Outbound", 65001, "*", "Internet", "Allow"),
    ("Outbound", 65500, "*", "*", "Deny"),
]
PROTOCOLS = {"*": "{ tcp, udp }", "any": "{ tcp, udp }", "tcp": "tcp", "udp": "udp"}
REFUSED = (errno.EHOSTUNREACH, errno.EPERM)  # UDP that is rejected on its way out fails in send() itself


def defaults() -> list[dict[str, Any]]:
    return [
        {
            "direction": direction,
            "priority": priority,
            "access": access,
            "protocol": "*",
            "sourceAddressPrefix": source,
            "sourcePortRange": "*",
            "destinationAddressPrefix": destination,
            "destinationPortRange": "*",
        }
        for direction, priority, source, destination, access in DEFAULTS
    ]


def listed(rule: dict[str, Any], field: str) -> list[str]:
    return [rule[field]] if field in rule else rule[f"{field}s" if field.endswith("Range") else f"{field}es"]


def address(word: str, end: str, tags: dict[str, list[str]]) -> str:
    """The condition that a prefix or a tag is at one end of a packet ("saddr" or "daddr")."""
    if word.lower() in ("*", "any"):
        return ""
    found = tags.get(word.lower())
    if found is not None:
        return f"ip {end} {{ {', '.join(found)} }}"
    return f"ip {end} {word}"


def port(word: str, end: str) -> str:
    return "" if word == "*" else f"th {end} {word}"


def chain(name: str, rules: list[dict[str, Any]], direction: str, tags: dict[str, list[str]]) -> str:
    """One direction of a group. A rule with lists becomes one line for each combination: all say the same."""
    lines = []
    for rule in sorted([*rules, *defaults()], key=lambda rule: rule["priority"]):
        protocol = PROTOCOLS.get(rule["protocol"].lower())
        if rule["direction"].lower() != direction or protocol is None:
            continue  # ICMP, ESP and AH never match what is sent here
        verdict = "accept" if rule["access"].lower() == "allow" else "reject with icmpx admin-prohibited"
        for words in product(
            listed(rule, "sourceAddressPrefix"),
            listed(rule, "sourcePortRange"),
            listed(rule, "destinationAddressPrefix"),
            listed(rule, "destinationPortRange"),
        ):
            conditions = [
                f"meta l4proto {protocol}",
                address(words[0], "saddr", tags),
                port(words[1], "sport"),
                address(words[2], "daddr", tags),
                port(words[3], "dport"),
                verdict,
            ]
            lines.append(" ".join(condition for condition in conditions if condition))
    return "\n".join([f"chain {name} {{", *lines, "}"])


def ruleset(groups: dict[str, list[dict[str, Any]]], tags: dict[str, list[str]]) -> str:
    """All groups of a round, each in front of its subnet; a subnet without a group has no chain, and all passes."""
    chains: list[str] = []
    jumps: dict[str, list[str]] = {"outbound": [], "inbound": []}
    for at, (subnet, rules) in enumerate(groups.items()):
        for direction, end in (("outbound", "saddr"), ("inbound", "daddr")):
            chains.append(chain(f"{direction}{at}", rules, direction, tags))
            jumps[direction].append(f"ip {end} {subnet} jump {direction}{at}")
    for direction, hook in (("outbound", "output"), ("inbound", "input")):
        head = [f"type filter hook {hook} priority 0; policy accept;", "ct state established,related accept"]
        # The answers that tell the verdict must arrive: ICMP itself is not judged.
        chains.append("\n".join([f"chain {hook} {{", *head, "meta l4proto icmp accept", *jumps[direction], "}"]))
    return "\n".join(["flush ruleset", "table inet groups {", *chains, "}", ""])


def passes(protocol: str, source: str, source_port: int, target: str, target_port: int) -> bool:
    """Does the kernel let it through? Nobody listens, so what arrives is answered at once: by RST, or by ICMP."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.settimeout(5)
        opened.bind((source, source_port))
        try:
            opened.connect((target, target_port))
            opened.send(b"?")
            opened.recv(1)
        except ConnectionRefusedError:
            return True
        except OSError as stopped:
            if stopped.errno in REFUSED:
                return False
            raise
    raise RuntimeError(f"somebody answered {protocol} {target}:{target_port}")


def prepare(hosts: list[str]) -> None:
    """All hosts of the small world in one namespace: the loopback passes both hooks, the way out and the way in."""
    for arguments in (["link", "set", "lo", "up"], *(["addr", "add", f"{host}/32", "dev", "lo"] for host in hosts)):
        subprocess.run(["ip", *arguments], check=True)
    # Otherwise the kernel sends a thousand refusals a second and swallows the rest.
    Path("/proc/sys/net/ipv4/icmp_ratemask").write_text("0", encoding="ascii")


def main() -> None:
    asked = json.load(sys.stdin)
    if str(Path("/proc/self/ns/net").readlink()) == asked["outside"]:
        raise SystemExit("this is no namespace of its own")
    prepare(asked["hosts"])
    answers = []
    for one in asked["rounds"]:
        rules = ruleset(one["groups"], asked["tags"])
        subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)
        answers.append([passes(*packet) for packet in one["packets"]])
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
