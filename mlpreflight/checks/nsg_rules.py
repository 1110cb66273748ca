"""Questions about the rules of a network security group among themselves."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from mlpreflight.finding import Answer, failed, passed
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.network.intervals import Intervals
from mlpreflight.resources.nsg import NetworkSecurityGroup, SecurityRule
from mlpreflight.resources.several import first
from mlpreflight.values import NotEnoughEvidence, Text, Unknown

T = TypeVar("T")
Words = tuple[str, ...]


def has_no_dead_allow_rule(group: NetworkSecurityGroup) -> Answer:
    """Does every Allow rule have traffic left that it can match?"""
    rules = group.rules
    read = [_read(rule) for rule in rules.every]
    doubts: list[Unknown] = [rules.more] if rules.more else []
    for deny in sorted((one for one in read if one.allow is not True), key=lambda one: one.priority or 0):
        answers = [(one, _covers(deny, one)) for one in read if one.allow is not False and one is not deny]
        dead = [one.rule for one, covered in answers if covered]
        if dead:
            names = ", ".join(f"{rule.own_name} ({rule.priority})" for rule in dead)
            return failed(
                f"{deny.rule.own_name} ({deny.priority}) denies all that {names} would allow",
                deny.rule.at("priority"),
                *(rule.at("priority") for rule in dead),
                cause=f"rule {deny.rule.own_name} of {group.name}",
                nsg=group.name,
                rule=deny.rule.own_name,
            )
        doubts += [doubt for one, covered in answers if covered is None for doubt in (*deny.doubts, *one.doubts)]
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    return passed("no Allow rule is covered by a Deny before it", group.at("rules"))


def has_distinct_priorities(group: NetworkSecurityGroup) -> Answer:
    """Does each rule of a direction have a priority of its own, as Azure insists?"""
    seen: dict[tuple[str, int], SecurityRule] = {}
    doubts: list[Unknown] = []
    for rule in group.rules.sure:
        try:
            if rule.priority is None or rule.direction is None:
                continue
            key = rule.direction.known.lower(), rule.priority
        except NotEnoughEvidence as stopped:
            doubts.append(stopped.unknown)
            continue
        if key in seen:
            return failed(
                f"{seen[key].own_name} and {rule.own_name} both have priority {rule.priority}",
                rule.at("priority"),
                seen[key].at("priority"),
                nsg=group.name,
                rule=rule.own_name,
            )
        seen[key] = rule
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    _ = len(group.rules)  # raises where the list may hold others
    return passed("no two rules of a direction share a priority", group.at("rules"))


def leaves_platform_alone(group: NetworkSecurityGroup, *, tag: str) -> Answer:
    """Does no rule deny the platform's own addresses, which only this tag reaches?"""
    found = first(
        group.rules,
        lambda rule: (
            rule.direction == "Outbound"
            and rule.access == "Deny"
            and any(word == tag for word in (*rule.destination, *rule.destinations))
        ),
    )
    if found is None:
        return passed(f"no rule denies {tag}", group.at("rules"))
    return failed(
        f"{found.own_name} ({found.priority}) denies {tag}", found.at("access"), nsg=group.name, rule=found.own_name
    )


class _Reading(NamedTuple):
    """A rule as far as it is known: None stands for what is not, and `doubts` say why.

    Prefixes and tags of a rule that names application security groups too are not known in this sense.
    """

    rule: SecurityRule
    priority: int | None
    direction: str | None
    allow: bool | None
    protocols: frozenset[str] | None
    ports: Intervals | None
    source_ports: Intervals | None
    sources: Words | None
    destinations: Words | None
    doubts: tuple[Unknown, ...]


def _read(rule: SecurityRule) -> _Reading:
    doubts: list[Unknown] = [rule.doubt] if rule.doubt else []

    def known(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except NotEnoughEvidence as stopped:
            doubts.append(stopped.unknown)
            return None

    access = known(lambda: rule.access.known.lower() if rule.access else None)
    protocol = known(lambda: rule.protocol.known if rule.protocol else None)
    return _Reading(
        rule=rule,
        priority=known(lambda: rule.priority),
        direction=known(lambda: rule.direction.known.lower() if rule.direction else None),
        allow=None if access is None or (rule.doubt and access == "deny") else access == "allow",
        protocols=addresses.protocols(protocol) if protocol else None,
        ports=known(lambda: _ports([*rule.port, *rule.ports])),
        source_ports=known(lambda: _ports([*rule.source_port, *rule.source_ports])),
        sources=known(lambda: _words([*rule.source, *rule.sources], bool(rule.source_groups.every))),
        destinations=known(
            lambda: _words([*rule.destination, *rule.destinations], bool(rule.destination_groups.every))
        ),
        doubts=tuple(doubts),
    )


def _covers(deny: _Reading, allow: _Reading) -> bool | None:
    """Does one rule stand before another and match all that it does? None where that is open."""
    answers = (
        _both(deny.priority, allow.priority, lambda one, other: one < other),
        _both(deny.direction, allow.direction, lambda one, other: one == other),
        None if deny.allow is None or allow.allow is None else True,
        _both(deny.protocols, allow.protocols, lambda one, other: other <= one),
        _both(deny.ports, allow.ports, intervals.contains),
        _both(deny.source_ports, allow.source_ports, intervals.contains),
        _words_cover(deny.sources, allow.sources),
        _words_cover(deny.destinations, allow.destinations),
    )
    if False in answers:
        return False
    return None if None in answers else True


def _both(one: T | None, other: T | None, test: Callable[[T, T], bool]) -> bool | None:
    return None if one is None or other is None else test(one, other)


def _ports(written: list[Text]) -> Intervals | None:
    found = [addresses.ports(word.known) for word in written]
    return None if not found or None in found else intervals.merged(pair for one in found for pair in one or ())


def _words(written: list[Text], with_groups: bool) -> Words | None:
    return None if with_groups or not written else tuple(word.known.strip() for word in written)


def _words_cover(outer: Words | None, inner: Words | None) -> bool | None:
    """Is each prefix or tag of one list inside of one of the other? What cannot be told counts as outside."""
    if outer is not None and any(word.lower() in tags.ANY for word in outer):
        return True
    if outer is None or inner is None:
        return None
    return all(any(_word_covers(one, word) for one in outer) for word in inner)


def _word_covers(outer: str, inner: str) -> bool:
    one, other = addresses.prefix(outer), addresses.prefix(inner)
    if one is not None and other is not None:
        return intervals.contains(one, other)
    if other is not None:
        return outer.lower() == "internet" and not intervals.intersection(other, tags.PRIVATE)
    return tags.holds(outer, inner) is tags.Holds.ALL
