"""Writes the ARM templates that arm.py measures on: our own, of the kinds that real environments have, always the same.

Real templates say one thing in many ways: plainly, by parameters, variables, conditions, loops. Most of the work of
reading them is there, so each value here takes one of those ways by lot, and the lots are drawn from a fixed seed.
"""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

from made.networks import endpoints, gateway, network, nsg
from made.services import aks, insights, machines, registry, roles, storage, vault, workspace
from made.writing import SCHEMA, Json, Template

Section = Callable[[Template], None]


def nested(section: Section) -> Section:
    """A section in a deployment of its own, evaluated among its own names or among those around it."""

    def make(t: Template) -> None:
        within = t.inner()
        section(within)
        is_inner = t.chance(0.6)
        body = within.body()
        if is_inner:
            passed = {name: {"value": f"[parameters('{name}')]"} for name in within.parameters}
            options: Json = {"expressionEvaluationOptions": {"scope": "inner"}, "parameters": passed}
        else:
            body |= {"parameters": {}, "variables": {}, "outputs": {}}
            options = {}
            t.variables = {**within.variables, **t.variables}
        t.parameters = {**within.parameters, **t.parameters}
        t.given = {**within.given, **t.given}
        properties = {"mode": "Incremental", **options, "template": body}
        t.add(
            "deployment", "Microsoft.Resources/deployments", "2022-09-01", t.name("deployment"), properties=properties
        )

    return make


SCENARIOS: dict[str, tuple[Section, ...]] = {
    "groups": (network, nsg),
    "network": (nsg, nsg, network),
    "private-data": (nsg, network, storage, vault, registry, endpoints),
    "data": (network, vault, storage),
    "registry": (storage, registry),
    "workspace": (storage, vault, insights, roles, workspace),
    "private-workspace": (nsg, network, storage, vault, registry, endpoints, workspace),
    "cluster": (nsg, network, aks),
    "gateway": (machines, network, gateway),
    "machines": (nested(network), storage, machines),
    "landing-zone": (nsg, network, storage, vault, aks, roles, workspace),
    "modules": (nested(storage), nested(vault), workspace, nested(nsg)),
    "one-module": (network, nested(aks)),
}
"""What templates deploy, in the order in which one thing names the other. The last is never left out."""


def write(folder: Path, count: int) -> None:
    """Writes so many templates, and parameter files beside some of them, into folders by what they deploy."""
    lots = random.Random(0)  # noqa: S311 - nothing is secret here, and it must be the same in every run
    for number in range(count):
        scenario = list(SCENARIOS)[number % len(SCENARIOS)]
        t = Template(lots, is_compiled=lots.random() < 0.35, is_symbolic=lots.random() < 0.12)
        *others, last = SCENARIOS[scenario]
        for section in (*(one for one in others if lots.random() < 0.75), last):
            section(t)
        path = folder / scenario / f"{scenario}-{number:04}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(_liberties(json.dumps(t.body(), indent=lots.choice((2, 2, 2, 2, 4))), lots))
        if t.given and lots.random() < 0.7:
            values = {name: {"value": value} for name, value in t.given.items()}
            file = {"$schema": SCHEMA.format("deploymentParameters"), "contentVersion": "1.0.0.0", "parameters": values}
            path.with_suffix(".parameters.json").write_text(json.dumps(file, indent=2), encoding="utf-8")


def _liberties(text: str, lots: random.Random) -> bytes:
    """The file, a few of them with what Azure accepts beyond JSON: comments, trailing commas, a byte order mark."""
    if lots.random() < 0.03:
        text = text.replace('"variables": {', '// What is worked out of the parameters\n  "variables": {', 1)
    if lots.random() < 0.03:
        text = text.replace('"resources": ', '/* Everything below\n     is deployed */ "resources": ', 1)
    if lots.random() < 0.02:
        text = re.sub(r'"\n(\s*)\}', r'",\n\1}', text, count=5)
    if lots.random() < 0.15:
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8-sig" if lots.random() < 0.05 else "utf-8")
