"""Questions about the rules of a network security group among themselves."""

from mlpreflight.finding import Answer, failed, passed
from mlpreflight.network import addresses, intervals, tags
from mlpreflight.resources.nsg import NetworkSecurityGroup, SecurityRule
from mlpreflight.values import Known, NotEnoughEvidence, Text


def has_no_dead_allow_rule(group: NetworkSecurityGroup) -> Answer:
    """Does every Allow rule have traffic left that it can match?"""
    rules = group.rules
    denies = [rule for rule in rules.sure if _is(rule, "Deny")]
    for deny in sorted(denies, key=_priority):
        dead = [rule for rule in rules.sure if _is(rule, "Allow") and _covers(deny, rule)]
        if dead:
            names = ", ".join(f"{rule.own_name} ({rule.priority})" for rule in dead)
            return failed(
                f"{deny.own_name} ({deny.priority}) denies all that {names} would allow",
                deny.at("priority"),
                *(rule.at("priority") for rule in dead),
                cause=f"rule {deny.own_name} of {group.name}",
                nsg=group.name,
                rule=deny.own_name,
            )
    _ = [(rule.priority, rule.access, rule.direction) for rule in rules]  # raises where one of them is not known
    return passed("no Allow rule is covered by a Deny before it", group.at("rules"))


def has_distinct_priorities(group: NetworkSecurityGroup) -> Answer:
    """Does each rule of a direction have a priority of its own, as Azure insists?"""
    seen: dict[tuple[str, int], SecurityRule] = {}
    for rule in group.rules:
        if rule.priority is None or rule.direction is None:
            continue
        key = rule.direction.known.lower(), rule.priority
        if key in seen:
            return failed(
                f"{seen[key].own_name} and {rule.own_name} both have priority {rule.priority}",
                rule.at("priority"),
                seen[key].at("priority"),
                nsg=group.name,
                rule=rule.own_name,
            )
        seen[key] = rule
    return passed("no two rules of a direction share a priority", group.at("rules"))


def _is(rule: SecurityRule, access: str) -> bool:
    known = rule.look("access")
    value = known.value if isinstance(known, Known) else None
    return isinstance(value, Text) and not value.holes and value == access


def _priority(rule: SecurityRule) -> int:
    known = rule.look("priority")
    value = known.value if isinstance(known, Known) else None
    return value if isinstance(value, int) else 1 << 16


def _covers(deny: SecurityRule, allow: SecurityRule) -> bool:
    """Does one rule stand before another and match all that the other does? Only what is certain counts."""
    try:
        if deny.priority is None or allow.priority is None or deny.priority >= allow.priority:
            return False
        if deny.direction is None or allow.direction is None or deny.direction != allow.direction:
            return False
        if deny.source_groups.every or deny.destination_groups.every:
            return False
        sets = [(addresses.protocols(rule.protocol.known) if rule.protocol else None) for rule in (deny, allow)]
        if sets[0] is None or sets[1] is None or not sets[1] <= sets[0]:
            return False
        return (
            _ports_cover([*deny.port, *deny.ports], [*allow.port, *allow.ports])
            and _ports_cover([*deny.source_port, *deny.source_ports], [*allow.source_port, *allow.source_ports])
            and _words_cover([*deny.source, *deny.sources], [*allow.source, *allow.sources])
            and _words_cover([*deny.destination, *deny.destinations], [*allow.destination, *allow.destinations])
        )
    except NotEnoughEvidence:
        return False


def _ports_cover(outer: list[Text], inner: list[Text]) -> bool:
    sets = [[addresses.ports(word.known) for word in words] for words in (outer, inner)]
    if not sets[1] or any(one is None for words in sets for one in words):
        return False
    whole = [intervals.merged(pair for one in words for pair in one or ()) for words in sets]
    return intervals.contains(whole[0], whole[1])


def _words_cover(outer: list[Text], inner: list[Text]) -> bool:
    """Is each prefix or tag of one list inside of one of the other? A list of groups alone covers nothing."""
    if any(word.known.strip().lower() in tags.ANY for word in outer):
        return True
    return bool(inner) and all(any(_word_covers(one.known, word.known) for one in outer) for word in inner)


def _word_covers(outer: str, inner: str) -> bool:
    one, other = addresses.prefix(outer), addresses.prefix(inner)
    if one is not None and other is not None:
        return intervals.contains(one, other)
    if other is not None:
        return outer.strip().lower() == "internet" and not intervals.intersection(other, tags.PRIVATE)
    return tags.holds(outer, inner) is tags.Holds.ALL
