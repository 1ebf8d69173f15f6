import hashlib
from typing import Any

import pytest

from sandbox.kernel.clock import clock
from sandbox.services.stepfunctions.definitions.expressions import evaluate, render
from sandbox.services.stepfunctions.errors import StateError


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$text", 'he said "no"\n\tüñí ¿ 漢 {% %}'),
        ("$text & '!'", 'he said "no"\n\tüñí ¿ 漢 {% %}!'),
        ("$list[1]", None),
        ("$count($list)", 3),
        ("$missing.deep = 1", False),
        ("$nothing = null", True),
        ("$exists($nothing)", True),
        ("{'a': $nothing}", {"a": None}),
        ("$sum([1, 2, 3]) / 2", 3),
        ("$range(0, 10, 5)", [0, 5, 10]),
        ("$partition([1, 2, 3], 2)", [[1, 2], [3]]),
        ("$parse('{\"a\": [1, null]}').a", [1, None]),
        ("$hash('x', 'SHA-256')", hashlib.sha256(b"x").hexdigest()),
    ],
)
def test_values_survive_the_way_into_and_out_of_an_expression(expression: str, value: Any) -> None:
    variables = {"text": 'he said "no"\n\tüñí ¿ 漢 {% %}', "list": [1, None, 2], "nothing": None}
    assert evaluate("{% " + expression + " %}", variables) == value


def test_time_is_the_sandboxs() -> None:
    before = evaluate("{% $millis() %}", {})
    clock.advance(3600)
    assert 3600_000 <= evaluate("{% $millis() %}", {}) - before < 3700_000
    assert evaluate("{% $now() %}", {}).startswith(clock.datetime().strftime("%Y-%m-%dT%H:"))


def test_two_uuids_differ() -> None:
    assert evaluate("{% $uuid() %}", {}) != evaluate("{% $uuid() %}", {})


@pytest.mark.parametrize(
    "expression", ["$missing", "$states.result", "1 +", "$eval('1')", "$unknown()", "function(){1}"]
)
def test_what_has_no_value_is_a_query_evaluation_error(expression: str) -> None:
    with pytest.raises(StateError) as caught:
        evaluate("{% " + expression + " %}", {"states": {"input": {}}})
    assert caught.value.error == "States.QueryEvaluationError"


def test_only_expressions_are_replaced_in_a_template() -> None:
    template = {"a": ["{% $x %}", "{% is text"], "b": 3}
    assert render(template, {"x": {"y": 1}}) == {"a": [{"y": 1}, "{% is text"], "b": 3}
