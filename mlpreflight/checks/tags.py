"""Questions about the service tags in rules: are they such, of this cloud, the right way round, narrow enough?"""

from typing import NamedTuple

from mlpreflight.environment import Environment
from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.network import tag_names
from mlpreflight.network.tag_names import Spelling, Standing
from mlpreflight.resources.nsg import NetworkSecurityGroup, SecurityRule
from mlpreflight.text import compare
from mlpreflight.values import Known, NotEnoughEvidence, Text, Unknown

FAR_ENDS = {"inbound": "source", "outbound": "destination"}
"""The end of a rule, by its direction, that is not in the virtual network."""

SHOWN = 3


class _Word(NamedTuple):
    """A prefix, a tag or an expression in a rule, and the attribute that it stands in."""

    rule: SecurityRule
    end: str
    attribute: str
    text: Text

    @property
    def family(self) -> str | None:
        """What stands before the dot; None where that is not known."""
        first = self.text.parts[0] if self.text.parts else ""
        if isinstance(first, str) and (not self.text.holes or "." in first):
            return first.split(".")[0]
        return None


class _Words(NamedTuple):
    """All words in the rules of a group, and why there may be others."""

    every: tuple[_Word, ...]
    doubts: tuple[Unknown, ...]


def are_spelt_right(group: NetworkSecurityGroup, env: Environment) -> Answer:
    """Is every word in the place of an address an address, or a service tag that there is?"""
    wrong, any_tag = _of_standing(group, env, Standing.MISSPELT)
    if wrong:
        told = [
            f"{word.rule.own_name} names {word.text}, which {why.told}"
            + (f"; {why.meant} is what was meant" if why.meant else "")
            for word, why in wrong
        ]
        word, why = wrong[0]
        return failed(
            _listed(told),
            *(word.rule.at(word.attribute) for word, _ in wrong),
            nsg=group.name,
            rule=word.rule.own_name,
            end=word.end,
            meant=why.meant,
        )
    if not any_tag:
        return not_applicable("no rule names a service tag", group.at("rules"))
    return passed("every service tag is spelt as Azure spells it", group.at("rules"))


def are_of_this_cloud(group: NetworkSecurityGroup, env: Environment) -> Answer:
    """Does the cloud that is deployed to have every service tag that the rules name?"""
    wrong, any_tag = _of_standing(group, env, Standing.ABSENT)
    if wrong and env.tags is None and _is_only_assumed(env):
        word, why = wrong[0]
        raise NotEnoughEvidence.because(
            f"{word.rule.own_name} names {word.text}, which {why.told}; but nothing says that this is the cloud",
            "the cloud (--cloud)",
        )
    if wrong:
        return failed(
            _listed([f"{word.rule.own_name} names {word.text}, which {why.told}" for word, why in wrong]),
            *(word.rule.at(word.attribute) for word, _ in wrong),
            nsg=group.name,
            rule=wrong[0][0].rule.own_name,
            tag=wrong[0][0].text,
        )
    if not any_tag:
        return not_applicable("no rule names a service tag", group.at("rules"))
    return passed(f"every service tag is one of {env.cloud}", group.at("rules"))


def follow_their_direction(group: NetworkSecurityGroup) -> Answer:
    """Does no Allow rule use a tag against the one direction that Azure documents for it?"""
    words = _words(group)
    doubts = list(words.doubts)
    wrong: list[_Word] = []
    any_tag = False
    for word in words.every:
        family = word.family
        only = tag_names.direction(family) if family is not None else None
        any_tag = any_tag or only is not None
        way = "inbound" if word.end == "source" else "outbound"
        if family is None or only not in (None, way):
            hole = word.text.holes[0] if family is None else None
            if _allows(word.rule, way, doubts, hole):
                wrong.append(word)
    if wrong:
        told = [
            f"{word.rule.own_name} allows {word.text} as its {word.end}, and Azure documents it for "
            f"{'inbound' if word.end == 'destination' else 'outbound'} rules only"
            for word in wrong
        ]
        return failed(
            _listed(told),
            *(word.rule.at(word.attribute) for word in wrong),
            nsg=group.name,
            rule=wrong[0].rule.own_name,
            tag=wrong[0].text,
        )
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    if not any_tag:
        return not_applicable("no rule names a service tag that is meant for one direction", group.at("rules"))
    return passed("every service tag is used in its direction", group.at("rules"))


def name_a_region(group: NetworkSecurityGroup, *, tag: str, direction: str) -> Answer:
    """Does every Allow rule of a direction that names this tag name a region too?"""
    words = _words(group)
    doubts = list(words.doubts)
    wrong: list[_Word] = []
    any_tag = False
    for word in words.every:
        if word.end != FAR_ENDS[direction]:
            continue
        any_tag = any_tag or (word.family or "").lower() == tag.lower()
        same = compare(word.text, Text((tag,)))
        if same is not False and _allows(word.rule, direction, doubts, None if same else word.text.holes[0]):
            wrong.append(word)
    if wrong:
        names = " and ".join(dict.fromkeys(word.rule.own_name.written for word in wrong))
        return failed(
            f"{names} {'allows' if len(wrong) == 1 else 'allow'} {tag} of every region",
            *(word.rule.at(word.attribute) for word in wrong),
            nsg=group.name,
            rule=wrong[0].rule.own_name,
            tag=tag,
        )
    if doubts:
        raise NotEnoughEvidence.of_all(doubts)
    if not any_tag:
        return not_applicable(f"no {direction} rule names {tag}", group.at("rules"))
    return passed(f"what is allowed of {tag} is in a region", group.at("rules"))


def _of_standing(
    group: NetworkSecurityGroup, env: Environment, standing: Standing
) -> tuple[list[tuple[_Word, Spelling]], bool]:
    """The words of a group that are of a standing, and whether any word is a tag at all.

    Raises NotEnoughEvidence where there is none, and one may be.
    """
    words = _words(group)
    doubts = list(words.doubts)
    found: list[tuple[_Word, Spelling]] = []
    any_tag = False
    for word in words.every:
        known = _spelling(word, env)
        if isinstance(known, Unknown):
            doubts.append(known)
            continue
        any_tag = any_tag or known.standing is not Standing.NO_TAG
        if known.standing is standing and word.rule.doubt:
            doubts.append(word.rule.doubt)
        elif known.standing is standing:
            found.append((word, known))
        elif known.standing is Standing.UNSURE:
            near = f" ({known.meant} is)" if known.meant and known.meant.lower() != word.text.known.lower() else ""
            told = (
                f"{word.rule.own_name} names {word.text}, which {known.told}{near}: --service-tags takes a newer list"
            )
            doubts.append(Unknown.because(told, "the list of service tags"))
    if doubts and not found:
        raise NotEnoughEvidence.of_all(doubts)
    return found, any_tag


def _spelling(word: _Word, env: Environment) -> Spelling | Unknown:
    """What a word is; why that is not known where an expression leaves it open."""
    if not word.text.holes:
        if env.tags is None:
            return tag_names.spelling(word.text.known, env.cloud)
        return tag_names.exactly(word.text.known, env.cloud, env.tags, str(env.tags))
    family = word.family
    if family is not None and (env.tags is None or family not in env.tags):
        known = tag_names.of_family(family, env.cloud)
        if known.standing is Standing.MISSPELT:
            return known._replace(meant=f"{known.meant}.<region>")
        if known.standing is Standing.ABSENT:
            return known
    return word.text.holes[0].told_of(f"an address of {word.rule.own_name}")


def _allows(rule: SecurityRule, direction: str, doubts: list[Unknown], hole: Unknown | None) -> bool:
    """Is this certainly an Allow rule of a direction, and no hole left? What is only possible becomes a doubt."""
    opened: list[Unknown] = []
    for attribute, wanted in (("direction", direction), ("access", "Allow")):
        value = rule.look(attribute)
        same = compare(value.value, Text((wanted,))) if isinstance(value, Known) and value.value is not None else None
        if same is False:
            return False
        if same is None:
            opened.append(_why(value, attribute))
    opened += [rule.doubt] if rule.doubt else []
    opened += [hole.told_of(f"an address of {rule.own_name}")] if hole else []
    doubts += opened
    return not opened


def _why(value: Known | Unknown, attribute: str) -> Unknown:
    if isinstance(value, Unknown):
        return value
    if value.value is None:
        return Unknown.because(f"the {attribute} of a rule is not written", attribute)
    hole: Unknown = value.value.holes[0]
    return hole.told_of(attribute)


def _words(group: NetworkSecurityGroup) -> _Words:
    return group.once("words of the rules", lambda: _read(group))


def _read(group: NetworkSecurityGroup) -> _Words:
    words: list[_Word] = []
    doubts: list[Unknown] = []
    for rule in group.rules.every:
        for end in FAR_ENDS.values():
            for attribute in (end, f"{end}s"):
                value = rule.look(attribute)
                if isinstance(value, Unknown):
                    doubts.append(value)
                    continue
                words += [_Word(rule, end, attribute, text) for text in value.value.every]
                doubts += [value.value.more] if value.value.more else []
    if group.rules.more:
        doubts.append(group.rules.more)
    return _Words(tuple(words), tuple(doubts))


def _is_only_assumed(env: Environment) -> bool:
    """Did nobody say which cloud it is?"""
    return any(sentence.startswith("cloud ") for sentence in env.assumed)


def _listed(told: list[str]) -> str:
    more = f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return "; ".join(told[:SHOWN]) + more
