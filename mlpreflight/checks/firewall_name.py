"""Questions about the names of hosts that rules of an Azure Firewall allow."""

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.firewall_names import FirewallRules, Foreign, anybodys, foreign, serves
from mlpreflight.resources.several import first, some
from mlpreflight.values import NotEnoughEvidence, Unknown


def names_services_of_this_cloud(rules: FirewallRules, env: Environment) -> Answer:
    """Do the rules call the services of Azure as the environment's own cloud does?"""
    allowed = rules.allowed
    doubts: list[Unknown] = []
    for one in allowed.sure:
        other = foreign(one.word, env.cloud) if one.is_host else None
        if other is None:
            continue
        if any(line.startswith("cloud ") for line in env.assumed):
            told = f"{one.word} is a name of {other.cloud}, and nobody said which cloud this is"
            raise NotEnoughEvidence.because(told, "the cloud")
        try:
            if _is_named(other, env):
                continue
        except NotEnoughEvidence as stopped:
            doubts.append(stopped.unknown)
            continue
        suffix = other.own[0]
        return failed(
            f"{one.word} is a name of {other.cloud}; {env.cloud} has *.{suffix}, which no rule allows",
            one.at(),
            host=one.word,
            suffix=suffix,
            rule=one.rule.own_name,
        )
    if allowed.doubt:
        doubts.append(allowed.doubt)
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    if not any(one.is_host for one in allowed.sure):
        return not_applicable("its rules name no hosts")
    return passed(f"they name none that only another cloud than {env.cloud} has", rules.view.at())


def lets_in_no_strangers(rules: FirewallRules) -> Answer:
    """Are wildcards kept to domains in which not everybody gets a name?"""
    allowed = rules.allowed
    wide = first(allowed, lambda one: one.is_host and anybodys(one.word) != "")
    if wide is not None:
        return failed(f"{wide.word} is {anybodys(wide.word)}", wide.at(), host=wide.word, rule=wide.rule.own_name)
    if not any(one.is_host for one in allowed):
        return not_applicable("its rules name no hosts")
    return passed("no wildcard is for a domain in which everybody gets names", rules.view.at())


def _is_named(other: Foreign, env: Environment) -> bool:
    """Does any rule among the inputs allow what a service is called in this cloud?"""
    parts, doubt = env.all(FirewallRules)

    def names(part: FirewallRules) -> bool:
        found = some(part.allowed, lambda one: serves(one, other))
        if found and part.doubt:
            raise NotEnoughEvidence(part.doubt)
        return found

    found = some(parts, names)
    if not found and doubt:
        raise NotEnoughEvidence(doubt)
    return found
