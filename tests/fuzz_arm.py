"""Fuzzing of the reader of templates: `python -m tests.fuzz_arm -runs=200000` (needs the extra `fuzz`).

Half of the inputs are expressions that the documentation's grammar allows, made of all functions; a quarter are the
fuzzer's own bytes as an expression; a quarter are templates. Whatever comes in, a value, an Unknown or a DocumentError
comes out, in bounded time and memory (libFuzzer's options -timeout and -rss_limit_mb).
"""

import json
import sys
from typing import Any

import atheris

with atheris.instrument_imports(include=["mlpreflight.sources.arm", "mlpreflight.text", "mlpreflight.documents"]):
    from mlpreflight.documents import DocumentError, from_text
    from mlpreflight.sources.arm import lambdas, lazy
    from mlpreflight.sources.arm.evaluate import evaluate_text
    from mlpreflight.sources.arm.functions import _PURE, _SCOPED, references
    from mlpreflight.sources.arm.functions.arguments import MAX_HOLES, MAX_TEXT
    from mlpreflight.sources.arm.nodes import node_of
    from mlpreflight.sources.arm.scope import Budget, Scope, target
    from mlpreflight.sources.arm.siblings import Siblings
    from mlpreflight.sources.arm.template import Deployed, deploy, place_of
    from mlpreflight.values import Fields, Items, Text, Unknown, Value, Where

FUNCTIONS = sorted({*_PURE, *_SCOPED, *lazy.FUNCTIONS, *lambdas.FUNCTIONS, *references.RUN_TIME, "listkeys", "o.f"})
WORDS = ["", "a", "vnet/snet", "Microsoft.A/b", "10.0.0.0/16", "2020-01-01", "P1D", "{0}-{1:D4}", "[", "{}", "[1,2]"]
NUMBERS = ["0", "1", "-1", "7", "800", "99999", "9223372036854775807", "1.5"]
BUDGET = 5_000


def scope() -> Scope:
    """What the expressions see: known and unknown parameters and variables, a loop, a function, a lambda's variable."""
    known = Scope(target("AzureCloud", None, "rg", "eastus"), "fuzz", Budget(BUDGET), Siblings())
    where = Where(None)
    parameters = {"p": node_of("[newGuid()]", where, known), "l": node_of([1, "a", {"b": None}], where, known)}
    variables = {"v": node_of("[concat('x', parameters('p'))]", where, known._replace(parameters=parameters))}
    scope = known._replace(parameters=parameters, variables=variables, lambdas={"x": 1, "y": "b"})
    return scope.inside("loop", 3)


def expression(data: Any, depth: int) -> str:
    """An expression of the grammar, as deep as asked for."""
    kind = data.ConsumeIntInRange(0, 9)
    if depth <= 0 or kind < 3:
        return str(data.PickValueInList([f"'{word}'" for word in WORDS] + NUMBERS))
    if kind == 3:
        return str(data.PickValueInList(["parameters('p')", "parameters('l')", "variables('v')", "copyIndex()"]))
    if kind == 4:
        names = ", ".join(f"'{name}'" for name in ("x", "y")[: data.ConsumeIntInRange(1, 2)])
        return f"lambda({names}, {expression(data, depth - 1)})"
    if kind == 5:
        return f"lambdaVariables('{data.PickValueInList(['x', 'y', 'z'])}')"
    if kind == 6:
        step = data.PickValueInList([".a", ".?a", "[0]", "[?0]", ".a.b"])
        return f"{expression(data, depth - 1)}{step}"
    arguments = (expression(data, depth - 1) for _ in range(data.ConsumeIntInRange(0, 4)))
    return f"{data.PickValueInList(FUNCTIONS)}({', '.join(arguments)})"


def raw(data: Any, depth: int) -> Any:
    """A part of a template: any JSON, its texts often expressions."""
    kind = data.ConsumeIntInRange(0, 7)
    if depth <= 0 or kind < 4:
        return data.PickValueInList([None, True, 3, "a", f"[{expression(data, 2)}]", {}, []])
    if kind < 6:
        return [raw(data, depth - 1) for _ in range(data.ConsumeIntInRange(0, 3))]
    keys = ["name", "type", "copy", "count", "input", "value", "condition", "properties", "resources", "template"]
    keys += ["dependsOn", "scope", "existing", "defaultValue", "output", "members", "$ref", f"[{expression(data, 1)}]"]
    return {str(data.PickValueInList(keys)): raw(data, depth - 1) for _ in range(data.ConsumeIntInRange(0, 4))}


def template(data: Any) -> dict[str, Any]:
    plain = {"type": "A.B/c", "name": "x"}
    nested = {"type": "Microsoft.Resources/deployments", "name": "d", "properties": raw(data, 3)}
    inner = {"properties": {"template": raw(data, 4), "parameters": raw(data, 2)}}
    return {
        "resources": data.PickValueInList([raw(data, 4), [nested], [{**nested, **inner}, plain]]),
        "parameters": {"p": raw(data, 2), "q": {"type": "int", "allowedValues": raw(data, 1)}},
        "variables": raw(data, 3),
        "functions": [{"namespace": "o", "members": {"f": {"parameters": [], "output": {"value": raw(data, 2)}}}}],
        "outputs": raw(data, 3),
        "definitions": raw(data, 2),
    }


def walk(value: Value, left: list[int]) -> None:
    """Reads a value to its end, as far as a bounded number of steps leads."""
    left[0] -= 1
    if left[0] < 0:
        return
    match value:
        case Text():
            assert len(value.holes) <= MAX_HOLES
            assert len(value.written) <= MAX_TEXT + MAX_HOLES * 100
        case Unknown():
            assert value.reason
            assert value.cause
        case str():
            assert len(value) <= MAX_TEXT
        case Fields():
            for node in value.nodes.values():
                walk(node.value, left)
        case Items():
            assert 0 <= value.head <= len(value.nodes)
            for node in value.nodes:
                walk(node.value, left)


def one(raw_bytes: bytes) -> None:
    """One input."""
    data = atheris.FuzzedDataProvider(raw_bytes)
    kind = data.ConsumeIntInRange(0, 3)
    if kind == 3:
        written = json.dumps(template(data))
        document = from_text(written, "fuzz.json", yaml=False)
        into = Deployed()
        try:
            place = place_of(document, None, scope()._replace(siblings=Siblings()))
            walk(deploy(document.value, Where(document), place, {}, into).value, [2_000])
            for resource in into.resources:
                walk(resource.node.value, [2_000])
        except DocumentError:
            pass
        return
    text = data.ConsumeUnicodeNoSurrogates(200) if kind == 2 else expression(data, 5)
    walk(evaluate_text(f"[{text}]", scope(), Where(None))[0], [2_000])


if __name__ == "__main__":
    sys.setrecursionlimit(1_000)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
