"""What the firewalls of storage accounts and key vaults say of subnets: rule by rule, and compute by compute."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from mlpreflight.environment import Environment
from mlpreflight.resources.keyvault import KeyVault
from mlpreflight.resources.roles import Part
from mlpreflight.resources.storage import StorageAccount, SubnetRule
from mlpreflight.resources.subjects import ComputeSubnet, WorkspaceStorage, WorkspaceVault
from mlpreflight.values import NotEnoughEvidence, Text, Unknown, Where

F = TypeVar("F", StorageAccount, KeyVault)
P = TypeVar("P", WorkspaceStorage, WorkspaceVault)


def _rules(env: Environment, kind: type[F]) -> Iterator[tuple[F, Unknown | None, SubnetRule]]:
    views, doubt = env.all(kind)
    for view in views:
        try:
            rules = view.subnet_rules
        except NotEnoughEvidence as stopped:
            doubt = doubt or stopped.unknown
            continue
        for rule in rules.every:
            yield view, view.doubt or rule.doubt, rule
        doubt = doubt or rules.more
    if doubt:
        raise NotEnoughEvidence(doubt)


def _pairs(env: Environment, kind: type[P]) -> Iterator[tuple[P, ComputeSubnet]]:
    """Each of a workspace's parts of a kind with each compute that has to reach it."""
    parts, doubt = env.all(kind)
    computes, other_doubt = env.all(ComputeSubnet)
    yield from itertools.product(parts, computes)
    if open_ := doubt or (other_doubt if parts else None):
        raise NotEnoughEvidence(open_)


def _named(owner: Text, reference: Text | Unknown | None) -> Text:
    return owner + " for " + reference.split("/")[-1] if isinstance(reference, Text) else owner


@dataclass(eq=False, repr=False)
class StorageSubnetRule(Part[StorageAccount]):
    """One rule of one storage account."""

    label: ClassVar[str] = "subnet rule of a storage account"
    rule: SubnetRule

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        for account, doubt, rule in _rules(env, StorageAccount):
            yield cls(account, doubt, rule)

    @property
    def name(self) -> Text:
        return _named(self.view.name, self.rule.reference)

    @property
    def where(self) -> Where:
        return self.rule.where


@dataclass(eq=False, repr=False)
class VaultSubnetRule(Part[KeyVault]):
    """One rule of one key vault."""

    label: ClassVar[str] = "subnet rule of a key vault"
    rule: SubnetRule

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        for vault, doubt, rule in _rules(env, KeyVault):
            yield cls(vault, doubt, rule)

    @property
    def name(self) -> Text:
        return _named(self.view.name, self.rule.reference)

    @property
    def where(self) -> Where:
        return self.rule.where


@dataclass(eq=False, repr=False)
class StorageForCompute(Part[StorageAccount]):
    """The storage account of a workspace, and one compute that has to reach it."""

    label: ClassVar[str] = "storage account that a compute needs"
    nodes: ComputeSubnet

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        for part, nodes in _pairs(env, WorkspaceStorage):
            yield cls(part.view, part.doubt or nodes.doubt, nodes)

    @property
    def name(self) -> Text:
        return self.view.name + " from " + self.nodes.name


@dataclass(eq=False, repr=False)
class VaultForCompute(Part[KeyVault]):
    """The key vault of a workspace, and one compute that has to reach it."""

    label: ClassVar[str] = "key vault that a compute needs"
    nodes: ComputeSubnet

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        for part, nodes in _pairs(env, WorkspaceVault):
            yield cls(part.view, part.doubt or nodes.doubt, nodes)

    @property
    def name(self) -> Text:
        return self.view.name + " from " + self.nodes.name
