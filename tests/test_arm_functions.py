"""Functions of the template language beyond their tables: what stays known, what is refused, what is bounded."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpreflight.sources.arm.evaluate import evaluate_text
from mlpreflight.sources.arm.functions.arguments import MAX_HOLES, MAX_TEXT, plain
from mlpreflight.sources.arm.nodes import node_of
from mlpreflight.sources.arm.scope import Budget, Scope, target
from mlpreflight.sources.arm.siblings import Siblings
from mlpreflight.values import Text, Unknown, Value, Where
from tests.templates import shown

NOWHERE = Where(None)
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


def scope(variables: dict[str, Any] | None = None) -> Scope:
    known = Scope(target("AzureCloud", SUBSCRIPTION, "rg", "eastus"), "test", Budget(), Siblings())
    unknown = {"p": node_of("[missing()]", NOWHERE, known)}
    nodes = {name: node_of(value, NOWHERE, known) for name, value in (variables or {}).items()}
    return known._replace(parameters=unknown, variables=nodes)


def value_of(expression: str, variables: dict[str, Any] | None = None) -> Value:
    return evaluate_text(f"[{expression}]", scope(variables), NOWHERE)[0]


PARTLY = [
    ("concat('st', parameters('p'), '-x')", "st{missing()}-x"),
    ("toLower(concat('ST', parameters('p')))", "st{missing()}"),
    ("concat(createArray(1), parameters('p'))", [1, "..."]),
    ("if(parameters('p'), 'same', 'same')", "same"),
    ("if(parameters('p'), createObject('a', 1, 'b', 2), createObject('a', 1, 'b', 3))", {"a": 1, "...": True}),
    ("and(parameters('p'), false())", False),
    ("or(parameters('p'), true())", True),
    ("contains(concat('abc', parameters('p')), 'b')", True),
    ("contains(createArray('a', parameters('p')), 'a')", True),
    ("startsWith(concat('abc', parameters('p')), 'ab')", True),
    ("startsWith(concat('abc', parameters('p')), 'x')", False),
    ("substring(concat('abcdef', parameters('p')), 1, 2)", "bc"),
    ("empty(concat('a', parameters('p')))", False),
    ("union(createObject('a', 1), parameters('p'))", {"a": "{missing()}", "...": True}),
    ("createObject('a', parameters('p'), 'b', 2).b", 2),
    ("first(createArray(1, parameters('p')))", 1),
    ("equals(concat('a', parameters('p')), 'bcd')", False),
    ("equals(parameters('p'), parameters('p'))", True),
    ("equals(guid(parameters('p')), guid(parameters('p')))", True),
    ("resourceGroup().tags", "{resourceGroup().tags}"),
    ("format('{0}/{1}', 'a', parameters('p'))", "a/{missing()}"),
]


@pytest.mark.parametrize(("expression", "expected"), PARTLY, ids=[expression[:60] for expression, _ in PARTLY])
def test_what_is_known_of_unknown_arguments_stays_known(expression: str, expected: object) -> None:
    assert shown(value_of(expression)) == expected


OPEN = [
    ("parameters('p')", "`missing()`"),
    ("if(parameters('p'), 'a', 'b')", "`missing()`"),
    ("and(parameters('p'), true())", "`missing()`"),
    ("contains(concat('a', parameters('p')), 'x')", "`missing()`"),
    ("equals(newGuid(), newGuid())", "`newGuid()`"),
    ("length(concat('a', parameters('p')))", "`missing()`"),
    ("parameters('nowhere')", "parameter `nowhere`"),
    ("variables('nowhere')", "variable `nowhere`"),
    ("reference('x').y", "`reference(x)`"),
    ("listKeys('x', '2023-01-01').keys[0].value", "`listKeys()`"),
    ("utcNow()", "`utcNow()`"),
    ("format('{0:yyyy}', 7)", "the format `yyyy`"),
    ("format(parameters('p'))", "`missing()`"),
]


@pytest.mark.parametrize(("expression", "cause"), OPEN, ids=[expression for expression, _ in OPEN])
def test_what_only_azure_can_tell_is_unknown_with_its_cause(expression: str, cause: str) -> None:
    value = value_of(expression)
    assert isinstance(value, Unknown)
    assert value.cause == cause
    assert value.reason


REFUSED = [
    ("div(1, 0)", "divides by zero"),
    ("substring('abc', 2, 5)", "the text has 3 characters, 7 are asked for"),
    ("substring('abc', -1, 2)", "not negative"),
    ("add('a', 1)", "text is given, a whole number wanted"),
    ("concat()  x", "is no expression"),
    ("concat('a'", "is no expression"),
    ("concat('a", "is no expression"),
    ("if(true(), 1)", "three arguments"),
    ("length()", "0 arguments are given, 1 wanted"),
    ("first(1, 2)", "2 arguments are given, 1 wanted"),
    ("createObject('a')", "each name wants a value"),
    ("int('1_0')", "no whole number"),
    ("int('٣')", "no whole number"),
    ("json('{')", "no JSON"),
    ("base64ToString('%')", "no base64"),
    ("range(0, 100000)", "a range holds 0 to"),
    ("format('{5}', 1)", "{5} has no argument"),
    ("resourceId('Microsoft.Network/virtualNetworks/subnets', 'v')", "does not take 1 names"),
    ("copyIndex()", "no such loop"),
    ("createArray(1)[5]", "asks for 5, which is not there"),
    ("resourceGroup().nope.deeper", "only Azure can evaluate"),
    ("bool('maybe')", "true or false wanted"),
    ("mul(mul(99999999999, 99999999999), 1)", "the number is too large"),
]


@pytest.mark.parametrize(("expression", "reason"), REFUSED, ids=[expression for expression, _ in REFUSED])
def test_what_azure_would_refuse_is_unknown_with_the_reason(expression: str, reason: str) -> None:
    value = value_of(expression)
    assert isinstance(value, Unknown)
    assert reason in value.reason


BOMBS = {
    "mul(X, X)": 123456789,
    "concat(X, X)": "aaaaaaaaaa",
    "concat(X, parameters('p'), X)": "a",
    "concat(X, createArray(X))": [1],
    "string(createArray(X, X))": "a",
    "createArray(X, X)": "[parameters('p')]",
    "createObject('a', X, 'b', X)": 1,
    "guid(X, X)": "[parameters('p')]",
    "union(X, createArray(X, X))": [1],
    "replace(X, 'a', 'aaaaaaaa')": "a",
    "if(parameters('p'), createArray(X), createArray(X, X))": 1,
}


@pytest.mark.parametrize("expression", BOMBS)
def test_values_that_grow_at_every_step_are_stopped(expression: str) -> None:
    variables: dict[str, Any] = {"v0": BOMBS[expression]}
    for at in range(1, 45):
        variables[f"v{at}"] = f"[{expression.replace('X', f'variables({chr(39)}v{at - 1}{chr(39)})')}]"
    nodes: dict[str, Any] = {}
    grown = scope()._replace(variables=nodes)
    nodes.update({name: node_of(value, NOWHERE, grown) for name, value in variables.items()})
    for question in ("string(variables('v44'))", "equals(variables('v44'), variables('v43'))", "variables('v44')"):
        value = evaluate_text(f"[{question}]", grown, NOWHERE)[0]
        size = len(str(shown(value))) if isinstance(value, str | Text | Unknown) else 0
        assert size <= MAX_TEXT + MAX_HOLES * 70


def test_names_that_refer_to_each_other_end() -> None:
    nodes: dict[str, Any] = {}
    ring = scope()._replace(variables=nodes)
    nodes["a"] = node_of("[variables('b')]", NOWHERE, ring)
    nodes["b"] = node_of("[concat('x', variables('a'))]", NOWHERE, ring)
    value = nodes["a"].value
    assert isinstance(value, Unknown | Text)
    holes = value.holes if isinstance(value, Text) else (value,)
    assert holes[0].cause == "a circular reference"


def test_a_budget_that_is_spent_leaves_the_rest_unknown() -> None:
    poor = scope()._replace(budget=Budget(3))
    values = [evaluate_text("[concat('a')]", poor, NOWHERE)[0] for _ in range(5)]
    assert values[:3] == ["a", "a", "a"]
    assert all(isinstance(value, Unknown) and "a million values" in value.reason for value in values[3:])


JSON_VALUES = st.recursive(
    st.booleans() | st.integers(-99, 99) | st.text(st.characters(codec="ascii", exclude_characters="'[]"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(JSON_VALUES)
def test_json_and_string_are_each_others_inverse(value: object) -> None:
    if isinstance(value, str | bool | int):
        return
    text = json.dumps(value).replace("'", "''")
    back = value_of(f"json(string(json('{text}')))")
    assert plain(back) == value


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "concat",
                "(",
                ")",
                ",",
                "'a'",
                "'",
                "[",
                "]",
                ".",
                "?",
                "1",
                "-",
                "parameters",
                "p",
                " ",
                "if",
                "createArray",
                "\x00",
            ]
        ),
        max_size=24,
    ).map("".join)
)
def test_no_text_in_brackets_breaks_the_evaluator(text: str) -> None:
    shown(value_of(text))
