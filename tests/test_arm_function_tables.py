"""Every function that the documentation of templates lists, against cases from its page; and laws that they obey.

The tables stand in `arm_functions/`, a file for each page. Beside a call they say what it `gives` (written as `shown`
writes it), or a part of the reason why it is `refused` by Azure or `unknown` here. The scope of a call has the
parameter `p`, of which nothing is known, and the storage account `st`, which the template deploys. A table, or a case,
can add `parameters` and `variables`; a case `loops` that it stands in (the innermost last), the scope that it is
deployed `at`, and the name of its `deployment`.
"""

import ipaddress
import json
import pkgutil
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpreflight.environment import Resource
from mlpreflight.sources.arm import functions, lambdas, lazy
from mlpreflight.sources.arm.evaluate import evaluate_text
from mlpreflight.sources.arm.functions import references
from mlpreflight.sources.arm.nodes import node_of
from mlpreflight.sources.arm.scope import Scope, Target, other_scope
from mlpreflight.values import Node, Text, Unknown, Value, lift
from tests.test_arm_functions import NOWHERE, SUBSCRIPTION, scope, shown, value_of

FOLDER = Path(__file__).parent / "arm_functions"
PAGES = "https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-"

DOCUMENTED = {
    "array": """array concat contains createArray empty first flatten indexFromEnd indexOf intersection last lastIndexOf
        length max min objectKeys range skip take tryGet tryIndexFromEnd union""",
    "cidr": "cidrHost cidrSubnet parseCidr",
    "comparison": "coalesce equals greater greaterOrEquals less lessOrEquals",
    "date": "dateTimeAdd dateTimeFromEpoch dateTimeToEpoch utcNow",
    "deployment": "deployer deployment environment parameters variables",
    "lambda": "filter groupBy map mapValues reduce sort toObject lambda lambdaVariables",
    "logical": "and bool false if not or true",
    "numeric": "add copyIndex div float int max min mod mul sub",
    "object": """contains createObject empty intersection items json length null objectKeys shallowMerge tryGet
        union""",
    "resource": """extensionResourceId listKeys list* pickZones providers reference references resourceId resourceInfo
        subscriptionResourceId managementGroupResourceId tenantResourceId toLogicalZone toLogicalZones toPhysicalZone
        toPhysicalZones""",
    "scope": "managementGroup resourceGroup subscription tenant",
    "string": """base64 base64ToJson base64ToString concat contains dataUri dataUriToString empty endsWith first format
        guid indexOf join json last lastIndexOf length newGuid padLeft replace skip split startsWith string substring
        take toLower toUpper trim uniqueString uri uriComponent uriComponentToString""",
}

UNSAID = Unknown("the parameter `p` has no value", "parameter `p`", key="p", shown="parameters('p')")

ANSWERS = {"gives", "refused", "unknown"}
SURROUNDINGS = {"parameters", "variables", "loops", "at", "deployment"}


class Case(NamedTuple):
    """One call of a table, with what it is called among."""

    page: str
    function: str
    given: dict[str, Any]

    @property
    def id(self) -> str:
        told = [
            self.given["call"],
            *(f"{key}={self.given[key]}" for key in ("at", "deployment", "loops") if key in self.given),
        ]
        return f"{self.page}-{' '.join(told)[:90]}"


def table(page: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{page}.yaml").read_text(encoding="utf-8"))


TABLES = {path.stem: table(path.stem) for path in sorted(FOLDER.glob("*.yaml"))}


def cases() -> Iterator[Case]:
    for page, whole in TABLES.items():
        shared = {key: whole[key] for key in ("parameters", "variables") if key in whole}
        for function, listed in whole["functions"].items():
            yield from (Case(page, function, shared | case) for case in listed)


CASES = list(cases())
by_id = pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])


def deployed_at(level: str, here: Target) -> Target:
    """The target of a template that is deployed above resource groups."""
    match level:
        case "subscription":
            return here._replace(group=None)
        case "managementGroup":
            group = other_scope(here, Text(("/providers/Microsoft.Management/managementGroups/mg",)))
            return group._replace(location=here.location)
        case "tenant":
            return other_scope(here, Text(("/",)))._replace(location=here.location)
    raise ValueError(level)


def account() -> Resource:
    """The storage account that the template declares."""
    kind = "Microsoft.Storage/storageAccounts"
    raw = {"type": kind, "name": "st", "location": "westus", "properties": {"accessTier": "Hot"}}
    id = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/{kind}/st"
    return Resource(kind, Text(("st",)), Text((id,)), lift(raw, NOWHERE))


def scope_of(given: dict[str, Any]) -> Scope:
    """What the call of a case sees."""
    parameters: dict[str, Node] = {"p": Node(NOWHERE, UNSAID)}
    variables: dict[str, Node] = {}
    whole = scope()._replace(parameters=parameters, variables=variables)
    whole.siblings.add(account(), "account", deployed=True)
    if "at" in given:
        whole = whole._replace(target=deployed_at(given["at"], whole.target))
    if "deployment" in given:
        whole = whole._replace(deployment=Text((given["deployment"],)))
    for key, nodes in (("parameters", parameters), ("variables", variables)):
        nodes.update({name.lower(): node_of(raw, NOWHERE, whole) for name, raw in given.get(key, {}).items()})
    for name, index in given.get("loops", {}).items():
        whole = whole.inside(name, index)
    return whole


def answer(case: Case) -> Value:
    return evaluate_text(f"[{case.given['call']}]", scope_of(case.given), NOWHERE)[0]


def told(value: object) -> str:
    """A value in a spelling that tells 1 from true and 1.0, and knows no order of properties."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


@by_id
def test_a_call_is_answered_as_its_page_says(case: Case) -> None:
    value = answer(case)
    if "gives" in case.given:
        why = f", as {value.reason}" if isinstance(value, Unknown) else ""
        assert told(shown(value)) == told(case.given["gives"]), f"{shown(value)!r}{why}"
        return
    reason = case.given["refused"] if "refused" in case.given else case.given["unknown"]
    assert isinstance(value, Unknown), f"it gives {shown(value)!r}"
    assert reason in value.reason
    if "unknown" in case.given:
        assert not re.match("`[^`]*`: ", value.reason), f"the call is refused: {value.reason}"


@by_id
def test_a_case_is_well_formed_and_calls_its_function(case: Case) -> None:
    keys = set(case.given)
    assert len(keys & ANSWERS) == 1
    assert keys <= {"call"} | ANSWERS | SURROUNDINGS
    name = re.escape(case.function).replace(r"\*", r"\w*")
    assert re.search(rf"(?<!\w){name}\(", case.given["call"])


def test_a_table_stands_for_every_page() -> None:
    assert set(TABLES) == set(DOCUMENTED)
    assert all(whole["page"] == PAGES + page for page, whole in TABLES.items())
    assert all(whole["reviewed"].isoformat() >= "2026-11-21" for whole in TABLES.values())
    assert [name for name, count in Counter(case.id for case in CASES).items() if count > 1] == []


@pytest.mark.parametrize("page", DOCUMENTED)
def test_every_documented_function_has_its_cases(page: str) -> None:
    listed_here = table(page)["functions"]
    assert set(listed_here) == set(DOCUMENTED[page].split())
    short = {name for name, listed in listed_here.items() if len(listed) < 3}
    assert not short, f"fewer than three cases: {', '.join(sorted(short))}"
    safe = {name for name, listed in listed_here.items() if not any(is_doubtful(case) for case in listed)}
    assert not safe, f"nothing is unknown or refused: {', '.join(sorted(safe))}"


def is_doubtful(case: dict[str, Any]) -> bool:
    """Does a case ask of something unknown, or what Azure refuses?"""
    return "gives" not in case or "parameters('p')" in case["call"]


def test_every_function_of_the_evaluator_stands_in_a_table() -> None:
    own = [import_module(f"{functions.__name__}.{module.name}") for module in pkgutil.iter_modules(functions.__path__)]
    known = {name for module in (*own, lambdas, lazy) for name in getattr(module, "FUNCTIONS", {})}
    known |= references.RUN_TIME | references.EACH_TIME
    assert {"add", "map", "if", "deployer", "utcnow"} <= known
    missing = known - {case.function.lower() for case in CASES} - {"externalinputs"}  # Bicep writes it, no page has it
    assert not missing, f"no table has {', '.join(sorted(missing))}"


def written(value: object) -> str:
    """Plain data as an expression that gives it."""
    match value:
        case bool():
            return f"{value}()".lower()
        case None:
            return "null()"
        case int():
            return str(value)
        case str():
            quoted = value.replace("'", "''")
            return f"'{quoted}'"
        case dict():
            pairs = (part for name, inner in value.items() for part in (written(name), written(inner)))
            return f"createObject({', '.join(pairs)})"
        case list():
            return f"createArray({', '.join(written(inner) for inner in value)})"
    raise TypeError(value)


def call(name: str, *arguments: object) -> Any:
    """What a function gives for plain data."""
    return shown(value_of(f"{name}({', '.join(written(argument) for argument in arguments)})"))


quick = settings(deadline=None)
LARGE = 2**40
numbers_ = st.integers(-LARGE, LARGE)
texts = st.text(max_size=12)
lists = st.lists(st.one_of(st.integers(-3, 3), st.sampled_from("abAB"), st.booleans()), max_size=8)
deep = st.recursive(st.integers(0, 2), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3))


@quick
@given(st.lists(st.text("ab ,é", max_size=4), min_size=1, max_size=6), st.sampled_from([";", "--", "|"]))
def test_split_and_join_are_each_others_inverse(pieces: list[str], mark: str) -> None:
    joined = call("join", pieces, mark)
    assert joined == mark.join(pieces)
    assert call("split", joined, mark) == pieces


@quick
@given(st.one_of(texts, lists), st.integers(-2, 14))
def test_take_and_skip_make_the_whole(whole: str | list[object], many: int) -> None:
    head, tail = call("take", whole, many), call("skip", whole, many)
    assert told(head + tail) == told(whole)
    assert len(head) == min(max(many, 0), len(whole))


@quick
@given(texts)
def test_codings_are_undone(text: str) -> None:
    assert call("base64ToString", call("base64", text)) == text
    assert call("dataUriToString", call("dataUri", text)) == text
    assert call("uriComponentToString", call("uriComponent", text)) == text


@quick
@given(deep)
def test_json_in_base64_is_undone(value: object) -> None:
    assert shown(value_of(f"base64ToJson(base64(string(json({written(json.dumps(value))}))))")) == value


@quick
@given(st.integers(-62_135_596_800, 253_402_300_799))
def test_epochs_are_undone(seconds: int) -> None:
    assert call("dateTimeToEpoch", call("dateTimeFromEpoch", seconds)) == seconds


@quick
@given(st.integers(0, 2**31), st.integers(0, 999), st.sampled_from(["S", "M", "H"]))
def test_a_duration_that_is_added_and_taken_away_leaves_nothing(seconds: int, many: int, unit: str) -> None:
    form = "yyyy-MM-ddTHH:mm:ssZ"
    start = call("dateTimeFromEpoch", seconds)
    later = call("dateTimeAdd", start, f"PT{many}{unit}", form)
    assert call("dateTimeToEpoch", later) == seconds + many * {"S": 1, "M": 60, "H": 3600}[unit]
    assert call("dateTimeAdd", later, f"-PT{many}{unit}", form) == start


@st.composite
def ranges(draw: st.DrawFn) -> tuple[Any, int, int]:
    """An address range, a longer prefix, and the index of a subnet."""
    bits, kind = draw(st.sampled_from([(32, ipaddress.IPv4Network), (128, ipaddress.IPv6Network)]))
    prefix = draw(st.integers(0, bits))
    start = draw(st.integers(0, 2**prefix - 1)) << bits - prefix
    longer = draw(st.integers(prefix, min(bits, prefix + 40)))
    return kind((start, prefix)), longer, draw(st.integers(0, 2 ** (longer - prefix) - 1))


@quick
@given(ranges())
def test_subnets_lie_in_their_range_and_apart(drawn: tuple[Any, int, int]) -> None:
    network, prefix, index = drawn
    subnet = ipaddress.ip_network(call("cidrSubnet", str(network), prefix, index))
    assert subnet.subnet_of(network)
    assert subnet.prefixlen == prefix
    assert int(subnet[0]) - int(network[0]) == index * subnet.num_addresses
    if index:
        assert not subnet.overlaps(ipaddress.ip_network(call("cidrSubnet", str(network), prefix, index - 1)))
    many = 2 ** (prefix - network.prefixlen)
    assert isinstance(value_of(f"cidrSubnet('{network}', {prefix}, {many})"), Unknown)


@quick
@given(ranges(), st.integers(0, 2**16))
def test_hosts_lie_in_their_range(drawn: tuple[Any, int, int], index: int) -> None:
    network = drawn[0]
    parsed = call("parseCidr", str(network))
    assert parsed["network"] == str(network.network_address)
    assert parsed["netmask"] == str(network.netmask)
    assert parsed["cidr"] == network.prefixlen
    first, last = (ipaddress.ip_address(parsed[name]) for name in ("firstUsable", "lastUsable"))
    assert first in network
    assert last in network
    host = value_of(f"cidrHost('{network}', {index})")
    if isinstance(host, str):
        address = ipaddress.ip_address(host)
        assert int(address) == int(network.network_address) + index + 1
        assert first <= address <= last


@quick
@given(st.lists(numbers_, min_size=1, max_size=6))
def test_least_greatest_and_order_are_pythons(values: list[int]) -> None:
    assert call("min", values) == call("min", *values) == min(values)
    assert call("max", values) == call("max", *values) == max(values)
    rising = "lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b')))"
    assert shown(value_of(f"sort({written(values)}, {rising})")) == sorted(values)


@quick
@given(numbers_, numbers_)
def test_numbers_are_reckoned_as_in_any_language_but_python(one: int, other: int) -> None:
    assert call("sub", call("add", one, other), other) == one
    if other:
        quotient, rest = call("div", one, other), call("mod", one, other)
        assert quotient * other + rest == one
        assert abs(rest) < abs(other)
        assert rest == 0 or (rest < 0) == (one < 0)  # the sign is that of what is divided
    assert (call("less", one, other), call("greater", one, other)) == (one < other, one > other)
    assert (call("lessOrEquals", one, other), call("greaterOrEquals", one, other)) == (one <= other, one >= other)


@quick
@given(lists, lists)
def test_unions_and_intersections_are_those_of_sets(one: list[object], other: list[object]) -> None:
    together, shared = call("union", one, other), call("intersection", one, other)
    assert told(call("union", together, together)) == told(together)
    assert told(call("union", together, one)) == told(together)
    assert [told(value) for value in together] == list(dict.fromkeys(told(value) for value in [*one, *other]))
    known = {told(value) for value in other}
    assert {told(value) for value in shared} == {told(value) for value in one} & known
    assert all(call("contains", one, value) and call("contains", other, value) for value in shared)


@quick
@given(st.dictionaries(st.sampled_from("abcd"), deep), st.dictionaries(st.sampled_from("abcd"), deep))
def test_objects_laid_over_each_other(one: dict[str, object], other: dict[str, object]) -> None:
    def over(below: object, above: object) -> object:
        if isinstance(below, dict) and isinstance(above, dict):
            return {key: over(below.get(key, above.get(key)), above.get(key, below.get(key))) for key in below | above}
        return above

    assert call("union", one, other) == over(one, other)
    assert call("union", one, one) == one
    assert call("shallowMerge", [one, other]) == one | other
    assert call("intersection", one, other) == {key: one[key] for key in one if key in other and one[key] == other[key]}


@quick
@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), st.integers(), max_size=4))
def test_items_and_to_object_are_each_others_inverse(value: dict[str, int]) -> None:
    pairs = call("items", value)
    assert [pair["key"] for pair in pairs] == call("objectKeys", value) == sorted(value)
    name, inner = (f"lambda('one', lambdaVariables('one').{part})" for part in ("key", "value"))
    assert shown(value_of(f"toObject({written(pairs)}, {name}, {inner})")) == value


@quick
@given(lists.filter(bool))
def test_ends_and_indices_agree(values: list[object]) -> None:
    whole = written(values)
    assert told(call("first", values)) == told(shown(value_of(f"{whole}[0]"))) == told(values[0])
    last = shown(value_of(f"{whole}[sub(length({whole}), 1)]"))
    assert told(call("last", values)) == told(call("indexFromEnd", values, 1)) == told(last) == told(values[-1])
    for at, value in enumerate(values):
        assert told(call("tryGet", values, at)) == told(value)
        assert told(call("tryIndexFromEnd", values, len(values) - at)) == told(value)
        first, final = call("indexOf", values, value), call("lastIndexOf", values, value)
        assert first <= at <= final
        assert told(values[first]) == told(values[final]) == told(value)


@quick
@given(texts.filter(bool))
def test_ends_of_texts_are_characters(text: str) -> None:
    assert (call("first", text), call("last", text)) == (text[0], text[-1])
    assert call("startsWith", text, text[0])
    assert call("endsWith", text, text[-1])
    assert call("contains", text, text[-1])


@quick
@given(st.text(st.characters(max_codepoint=0x17F), max_size=12))
def test_cases_and_blanks_change_once(text: str) -> None:
    for name in ("toLower", "toUpper", "trim"):
        once = call(name, text)
        assert call(name, once) == once


@quick
@given(st.lists(texts, min_size=1, max_size=3))
def test_hashes_have_their_shape_and_are_the_same_each_time(words: list[str]) -> None:
    made = call("guid", *words)
    assert uuid.UUID(made).version == 5
    assert str(uuid.UUID(made)) == made
    assert uuid.UUID(made).variant == uuid.RFC_4122
    assert call("guid", "-".join(words)) == made == call("guid", *words)
    assert re.fullmatch("[a-z2-7]{13}", call("uniqueString", *words))


@quick
@given(st.integers(-5, 5), st.integers(0, 20))
def test_ranges_are_pythons(start: int, many: int) -> None:
    assert call("range", start, many) == list(range(start, start + many))
    twice = f"map(range({start}, {many}), lambda('i', mul(2, lambdaVariables('i'))))"
    assert shown(value_of(twice)) == [2 * number for number in range(start, start + many)]
    adding = "lambda('sum', 'i', add(lambdaVariables('sum'), lambdaVariables('i')))"
    assert shown(value_of(f"reduce(range({start}, {many}), 0, {adding})")) == sum(range(start, start + many))


@quick
@given(st.lists(lists, max_size=4))
def test_flattening_is_one_after_the_other(parts: list[list[object]]) -> None:
    assert told(call("flatten", parts)) == told([value for part in parts for value in part])
    if parts:
        assert told(call("concat", *parts)) == told(call("flatten", parts))


@quick
@given(lists)
def test_groups_hold_every_element_once(values: list[object]) -> None:
    words = [str(value) for value in values]
    groups = shown(value_of(f"groupBy({written(words)}, lambda('x', lambdaVariables('x')))"))
    assert groups == {word: [word] * words.count(word) for word in words}
    chosen = shown(value_of(f"filter({written(words)}, lambda('x', equals(lambdaVariables('x'), 'a')))"))
    assert chosen == [word for word in words if word == "a"]
