"""A template that grows, its values written in one of the many ways of real templates, by lot."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

Json = dict[str, Any]

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/{}.json#"
HERE = "[resourceGroup().location]"
TENANT = "[subscription().tenantId]"


class Ref(NamedTuple):
    """A resource that others name: its symbolic name and its id. Of a loop, what others wait for is the loop's name."""

    key: str
    id: str
    name: str
    loop: str = ""


class Template:
    """A template that grows. Expressions are text in brackets, as in the template itself."""

    def __init__(self, lots: random.Random, is_compiled: bool, is_symbolic: bool) -> None:
        self.lots = lots
        self.is_compiled = is_compiled
        self.is_symbolic = is_symbolic
        self.parameters: Json = {}
        self.given: Json = {}
        self.variables: Json = {}
        self.resources: Json = {}
        self.made: dict[str, Ref] = {}
        self.count: Counter[str] = Counter()

    def inner(self) -> "Template":
        """A template to be deployed by this one. It has names of its own, but none of its resources twice."""
        within = Template(self.lots, self.is_compiled, is_symbolic=False)
        within.count = self.count
        return within

    def chance(self, share: float) -> bool:
        return self.lots.random() < share

    def parameter(self, name: str, value: Any, about: str = "", **more: Any) -> str:
        """A parameter with a default, or with nothing but what a parameter file gives."""
        if name not in self.parameters:
            kind = {str: "string", bool: "bool", int: "int", list: "array", dict: "object"}[type(value)]
            self.parameters[name] = {"type": kind, **more}
            if self.chance(0.8):
                self.parameters[name]["defaultValue"] = value
            else:
                self.given[name] = value
            self.parameters[name]["metadata"] = {"description": about or f"Sets {spoken(name)}."}
        return f"[parameters('{name}')]"

    def variable(self, name: str, value: Any) -> str:
        self.variables.setdefault(name, value)
        return f"[variables('{name}')]"

    def said(self, name: str, *values: Any) -> Any:
        """One of several values, said in one of the ways that people use."""
        value, way = self.lots.choice(values), self.lots.random()
        # Checkov ends with a TypeError where a number or a boolean comes through a variable.
        if way < 0.4 or (way >= 0.65 and isinstance(value, bool | int)):
            return value
        if way < 0.65:
            kind: Json = {"allowedValues": list(values)} if len(values) > 1 and isinstance(value, str) else {}
            return self.parameter(name, value, **kind)
        if way < 0.75:
            return self.variable(f"{name}Value", self.parameter(name, value))
        if way < 0.85 and len(values) > 1:
            stage = self.parameter("stage", "prod", "The stage of this environment.", allowedValues=["dev", "prod"])
            return f"[if(equals({code(stage)}, 'prod'), {code(values[0])}, {code(values[-1])})]"
        if way < 0.95 or not self.is_compiled:
            return self.variable(name, value)
        return f"[coalesce(tryGet({code(self.parameter('overrides', {}))}, '{name}'), {code(value)})]"

    def join(self, *parts: str) -> str:
        """Text of several parts, some of them expressions."""
        if not any(part.startswith("[") for part in parts):
            return "".join(parts)
        if not self.is_compiled:
            return f"[concat({', '.join(map(code, parts))})]"
        holes = [part for part in parts if part.startswith("[")]
        pattern = "".join(f"{{{holes.index(part)}}}" if part in holes else part for part in parts)
        return f"[format('{pattern}', {', '.join(map(code, holes))})]"

    def name(self, base: str, is_global: bool = False) -> str:
        """The name of a resource, as an expression or plain."""
        self.count[base] += 1
        number = self.count[base]
        plain = base if number == 1 else f"{base}{number}"
        unique = self.join(plain, "[uniqueString(resourceGroup().id)]")
        way = self.lots.random()
        if is_global:
            return self.variable(f"{plain}Name", unique) if way < 0.5 else self.parameter(f"{plain}Name", unique)
        if way < 0.3:
            return plain
        if way < 0.6:
            prefix = self.parameter("prefix", "ml", "What the names of all resources begin with.", maxLength=8)
            return self.join(prefix, f"-{plain}")
        return self.parameter(f"{plain}Name", plain, f"The name of {spoken(plain)}.")

    def id(self, kind: str, *names: str) -> str:
        return f"[resourceId('{kind}', {', '.join(map(code, names))})]"

    def add(self, what: str, kind: str, version: str, name: str, after: Sequence[Ref] = (), /, **body: Any) -> Ref:
        """Adds a resource. `name` of a child is that of its parent too, with a slash between."""
        self.count[f"key {what}"] += 1
        key = f"{what}{self.count[f'key {what}']}"
        entry: Json = {"type": kind, "apiVersion": version, "name": name}
        loop = body.get("copy", {}).get("name", "")
        entry |= {"copy": body.pop("copy")} if loop else {}
        if "condition" not in body and not loop and self.chance(0.08):
            entry["condition"] = self.parameter(f"deploy{key[0].upper()}{key[1:]}", True)
        entry |= body
        if after:
            entry["dependsOn"] = [one.key if self.is_symbolic else one.loop or one.id for one in after]
        self.resources[key] = entry
        made = Ref(key, "" if loop else self.id(kind, *self._steps(name)), name, loop)
        self.made.setdefault(what, made)
        return made

    @staticmethod
    def _steps(name: str) -> list[str]:
        """The names of a resource and its parents, out of the one that it has in the template."""
        if not name.startswith("["):
            return name.split("/")
        found = re.fullmatch(r"\[(?:concat\((.+), '/', (.+)\)|format\('\{0\}/\{1\}', (.+), (.+)\))\]", name)
        if found:
            return [f"[{part}]" for part in found.groups() if part]
        found = re.fullmatch(r"\[(?:concat\((.+), '/([^']+)'\)|format\('\{0\}/([^{}]+)', (.+)\))\]", name)
        if found:
            parent, child = (found[1], found[2]) if found[1] else (found[4], found[3])
            return [f"[{parent}]", child]
        return [name]

    def under(self, parent: Ref, name: str) -> str:
        return self.join(parent.name, "/", name) if name.startswith("[") else self.join(parent.name, f"/{name}")

    def body(self) -> Json:
        head: Json = {"$schema": SCHEMA.format("deploymentTemplate")}
        head |= {"languageVersion": "2.0"} if self.is_symbolic else {}
        head["contentVersion"] = "1.0.0.0"
        resources = self.resources if self.is_symbolic else list(self.resources.values())
        outputs = {key: {"type": "string", "value": one.id} for key, one in self.made.items() if one.id}
        return {
            **head,
            "parameters": self.parameters,
            "variables": self.variables,
            "resources": resources,
            "outputs": outputs,
        }


def code(value: Any) -> str:
    """A value as it stands inside of an expression."""
    if isinstance(value, str):
        return value[1:-1] if value.startswith("[") else f"'{value}'"
    if isinstance(value, dict):
        return f"createObject({', '.join(f'{code(key)}, {code(inner)}' for key, inner in value.items())})"
    if isinstance(value, list):
        return f"createArray({', '.join(map(code, value))})"
    return f"{str(value).lower()}()" if isinstance(value, bool) else str(value)


def spoken(name: str) -> str:
    return "the " + re.sub(r"([A-Z])", lambda found: f" {found[1].lower()}", name)
