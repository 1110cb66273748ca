"""Numeric functions.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-numeric
"""

import re
from collections.abc import Callable

from mlpreflight.sources.arm.functions.arguments import BadCall, items, listed, number, text
from mlpreflight.values import Items, Text, Value

_WHOLE = re.compile(r"[-+]?[0-9]{1,19}\Z")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][-+]?[0-9]{1,3})?\Z")

LARGEST = (1 << 31) - 1  # Azure's own limit for start and count together
MAX_RANGE = 10_000  # Azure's own limit for range()


def add(one: Value, other: Value) -> Value:
    return number(one) + number(other)


def sub(one: Value, other: Value) -> Value:
    return number(one) - number(other)


def mul(one: Value, other: Value) -> Value:
    return number(one) * number(other)


def div(one: Value, other: Value) -> Value:
    divisor = number(other)
    if divisor == 0:
        raise BadCall("it divides by zero")
    quotient = abs(number(one)) // abs(divisor)
    return quotient if (number(one) < 0) == (divisor < 0) else -quotient


def mod(one: Value, other: Value) -> Value:
    quotient = number(div(one, other))
    return number(one) - quotient * number(other)


def int_(value: Value) -> Value:
    if isinstance(value, str | Text):
        written = text(value).strip()
        if not _WHOLE.match(written):
            raise BadCall(f"{written[:40]!r} is no whole number")
        return number(int(written))
    return number(value)


def float_(value: Value) -> Value:
    if isinstance(value, float):
        return value
    if not isinstance(value, str | Text):
        return float(number(value))
    written = text(value).strip()
    if not _DECIMAL.match(written):
        raise BadCall(f"{written[:40]!r} is no number")
    return float(written)


def _least(values: tuple[Value, ...], pick: Callable[[list[int]], int]) -> Value:
    given: list[Value] = list(values)
    if len(given) == 1 and isinstance(given[0], Items):
        given = [node.value for node in items(given[0])]
    if not given:
        raise BadCall("at least one number is wanted")
    return pick([number(value) for value in given])


def min_(*values: Value) -> Value:
    return _least(values, min)


def max_(*values: Value) -> Value:
    return _least(values, max)


def range_(start: Value, count: Value) -> Value:
    first, many = number(start), number(count)
    if not 0 <= many <= MAX_RANGE:
        raise BadCall(f"a range holds 0 to {MAX_RANGE:,} numbers, {many:,} are asked for")
    if first + many > LARGEST:
        raise BadCall(f"a range ends at {LARGEST:,}")
    return listed(range(first, first + many))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "add": add,
    "div": div,
    "float": float_,
    "int": int_,
    "max": max_,
    "min": min_,
    "mod": mod,
    "mul": mul,
    "range": range_,
    "sub": sub,
}
