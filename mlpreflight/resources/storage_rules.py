"""The rules by which a storage account lets subnets in, each with the subnet it names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight.environment import Environment
from mlpreflight.resources.roles import Part
from mlpreflight.resources.storage import StorageAccount, SubnetRule
from mlpreflight.values import NotEnoughEvidence, Text, Unknown, Where


@dataclass(frozen=True, eq=False)
class StorageSubnetRule(Part[StorageAccount]):
    """One rule of one account. Rules of an account that is open to all do nothing and are no subjects."""

    label: ClassVar[str] = "subnet rule of a storage account"
    rule: SubnetRule

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        accounts, doubt = env.all(StorageAccount)
        for account in accounts:
            try:
                rules = account.subnet_rules
            except NotEnoughEvidence as stopped:
                doubt = doubt or stopped.unknown
                continue
            for rule in rules.every:
                yield cls(account, account.doubt or rule.doubt, rule)
            doubt = doubt or rules.more
        if doubt:
            raise NotEnoughEvidence(doubt)

    @property
    def name(self) -> Text:
        known = self.rule.look("subnet")
        reference: Text | None = None if isinstance(known, Unknown) else known.value
        return self.view.name + " for " + reference.split("/")[-1] if reference else self.view.name

    @property
    def where(self) -> Where:
        return self.rule.where
