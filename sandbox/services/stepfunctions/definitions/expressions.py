"""JSONata as Step Functions evaluates it: `$states`, the workflow's variables, and the functions AWS adds.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from jsonata.functions import Functions
from jsonata.jsonata import Jsonata
from jsonata.utils import Utils

from sandbox.kernel.clock import clock
from sandbox.services.stepfunctions.definitions.programs import compile_expression, program
from sandbox.services.stepfunctions.errors import QUERY_EVALUATION, StateError

# JSON values are `Any` throughout this module: they are whatever the workflow carries.

_EXPRESSION = re.compile(r"^\{%(.*)%\}$", re.DOTALL)
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def is_expression(value: object) -> bool:
    """Whether a string of the definition is a JSONata expression: `{% ... %}`."""
    return isinstance(value, str) and _EXPRESSION.match(value) is not None


def syntax_error(value: str) -> str | None:
    """What is wrong with the text of an expression; None when it compiles."""
    try:
        compile_expression(_text(value))
    except Exception as error:  # noqa: BLE001  the library raises its own and built-in errors alike
        return str(error)
    return None


def render(template: Any, variables: Mapping[str, Any], known: dict[str, Any] | None = None) -> Any:
    """`template` with every expression in it replaced by its value.

    A member whose expression has no value is an error, as in Step Functions, not a missing member. `known` has the
    variables that an expression of the same template has used, as the library takes them.
    """
    known = {} if known is None else known
    if isinstance(template, str):
        return evaluate(template, variables, known) if is_expression(template) else template
    if isinstance(template, list):
        return [render(item, variables, known) for item in template]
    if isinstance(template, dict):
        return {key: render(value, variables, known) for key, value in template.items()}
    return template


def evaluate(expression: str, variables: Mapping[str, Any], known: dict[str, Any] | None = None) -> Any:
    """The JSON value of one `{% ... %}`; StateError `States.QueryEvaluationError` if it fails or has none."""
    text = _text(expression)
    if _PATH.match(text) and (found := _at(text, variables)) is not None:
        return _plain(found, text)
    try:
        used = set(_VARIABLE.findall(text))
        known = {} if known is None else known
        known |= {name: _nullable(variables[name]) for name in used - known.keys() if name in variables}
        bound = {name: known[name] for name in used if name in known}
        with program(text) as compiled:
            value = compiled.evaluate(None, {**_FUNCTIONS, **bound})
    except Exception as error:
        raise StateError(QUERY_EVALUATION, f"The JSONata expression '{text}' failed: {error}") from error
    if value is None:
        raise StateError(QUERY_EVALUATION, f"The JSONata expression '{text}' returned nothing (undefined).")
    return _plain(value, text)


_PATH = re.compile(r"\$[A-Za-z]\w*(\.[A-Za-z]\w*)*$")


def _at(path: str, variables: Mapping[str, Any]) -> Any:
    """The object or scalar that a path of names leads to, past objects only; None where JSONata has to say."""
    found: Any = variables
    for name in path[1:].split("."):
        if type(found) is not dict or name not in found:
            return None
        found = found[name]
    return None if isinstance(found, list) else found


def _text(expression: str) -> str:
    match = _EXPRESSION.match(expression)
    if match is None:
        raise ValueError(f"not an expression: {expression!r}")
    return match.group(1).strip()


def _nullable(value: Any) -> Any:
    """`value` with the library's own null: it takes Python's None for "undefined", which JSON's null is not."""
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, list):
        return [item if type(item) in _SCALARS else _nullable(item) for item in value]
    if isinstance(value, dict):
        return {key: item if type(item) in _SCALARS else _nullable(item) for key, item in value.items()}
    return value


_SCALARS = (str, int, float, bool)


def _plain(value: Any, text: str) -> Any:
    """`value` as JSON's own types; the library answers with list subclasses, a null of its own, and functions."""
    if value is Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise StateError(QUERY_EVALUATION, f"The JSONata expression '{text}' returned a number JSON can't hold.")
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, list | range):
        return [_plain(item, text) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item, text) for key, item in value.items()}
    raise StateError(QUERY_EVALUATION, f"The JSONata expression '{text}' returned an unsupported result type.")


def _now(picture: str | None = None, timezone: str | None = None) -> Any:
    return Functions.datetime_from_millis(_millis(), picture, timezone)


def _millis() -> int:
    return int(clock.now() * 1000)


def _uuid() -> str:
    return str(uuid.uuid4())


def _hash(content: Any, algorithm: str) -> str:
    if algorithm not in _HASHES:
        raise ValueError(f"$hash knows {', '.join(_HASHES)}, not {algorithm!r}")
    content = _plain(content, "$hash")
    text = content if isinstance(content, str) else json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return hashlib.new(_HASHES[algorithm], text.encode()).hexdigest()


def _parse(text: str) -> Any:
    return _nullable(json.loads(text))


def _partition(items: list[Any], size: int) -> list[list[Any]]:
    if size < 1:
        raise ValueError("$partition needs a chunk size of at least 1")
    return [items[start : start + size] for start in range(0, len(items), size)]


def _range(first: int, last: int, step: int) -> list[int]:
    values = list(range(first, last + (1 if step > 0 else -1), step))
    if len(values) > 1000:
        raise ValueError("$range gives at most 1,000 numbers")
    return values


def _random(seed: int | None = None) -> float:
    return random.Random(seed).random()


def _no_eval(*_: Any) -> Any:
    raise ValueError("$eval is not available in Step Functions; use $parse for JSON")


def _function(implementation: Callable[..., Any]) -> Any:
    return Jsonata.JLambda(implementation)


_FUNCTIONS: dict[str, Any] = {
    "now": _function(_now),
    "millis": _function(_millis),
    "uuid": _function(_uuid),
    "hash": _function(_hash),
    "parse": _function(_parse),
    "partition": _function(_partition),
    "range": _function(_range),
    "random": _function(_random),
    "eval": _function(_no_eval),
}
