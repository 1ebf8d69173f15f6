"""What a state machine's definition may say. Anything the interpreter doesn't do is refused here, by name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from sandbox.services.stepfunctions.definitions.expressions import is_expression, syntax_error
from sandbox.services.stepfunctions.definitions.resources import UnsupportedResourceError, resource_of

_ANY = frozenset({"Type", "Comment", "QueryLanguage"})
_FLOW = frozenset({"Next", "End"})
_OUT = frozenset({"Assign", "Output"})
_ERRORS = frozenset({"Retry", "Catch"})
_FIELDS: Mapping[str, frozenset[str]] = {
    "Pass": _ANY | _FLOW | _OUT,
    "Task": _ANY | _FLOW | _OUT | _ERRORS | {"Resource", "Arguments", "Credentials", "TimeoutSeconds"},
    "Choice": _ANY | _OUT | {"Choices", "Default"},
    "Wait": _ANY | _FLOW | _OUT | {"Seconds", "Timestamp"},
    "Succeed": _ANY | {"Output"},
    "Fail": _ANY | {"Error", "Cause"},
    "Parallel": _ANY | _FLOW | _OUT | _ERRORS | {"Arguments", "Branches"},
    "Map": _ANY | _FLOW | _OUT | _ERRORS | {"Items", "ItemSelector", "ItemProcessor", "MaxConcurrency"},
}
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Task": ("Resource",),
    "Choice": ("Choices",),
    "Parallel": ("Branches",),
    "Map": ("ItemProcessor",),
}
_MACHINE = frozenset({"Comment", "StartAt", "States", "TimeoutSeconds", "Version", "QueryLanguage"})
_CHOICE = frozenset({"Condition", "Next", "Comment"}) | _OUT
_CATCHER = frozenset({"ErrorEquals", "Next", "Comment"}) | _OUT
_RETRIER = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}
)


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML comes with libyaml


class DefinitionError(ValueError):
    """The definition is wrong, or asks for something the sandbox doesn't do."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A checked definition. `states` are the definition's own JSON, `timeout_s` of the whole execution."""

    start_at: str
    states: Mapping[str, Any]
    timeout_s: float | None


@lru_cache(maxsize=64)
def read(source: str) -> Definition:
    """Check JSON or YAML; DefinitionError lists every problem with the state it is in. The result is shared."""
    try:
        is_json = source.lstrip().startswith("{")
        document = json.loads(source) if is_json else yaml.load(source, Loader=_Loader)  # noqa: S506  a safe one
    except (ValueError, yaml.YAMLError) as error:
        raise DefinitionError(f"not JSON or YAML: {error}") from error
    if not isinstance(document, dict):
        raise DefinitionError("a definition is an object")
    problems = list(_machine_problems(document))
    if problems:
        raise DefinitionError("; ".join(problems))
    return Definition(document["StartAt"], document["States"], document.get("TimeoutSeconds"))


def _machine_problems(document: dict[str, Any]) -> Iterator[str]:
    yield from _unknown("the state machine", document, _MACHINE)
    if document.get("QueryLanguage") != "JSONata":
        yield "QueryLanguage must be JSONata (the sandbox does not evaluate JSONPath)"
    yield from _graph_problems("", document)


def _graph_problems(where: str, graph: Mapping[str, Any]) -> Iterator[str]:
    states = graph.get("States")
    if not isinstance(states, dict) or not states:
        yield f"{where or 'the state machine'}: States is missing"
        return
    reached = {graph.get("StartAt")}
    if graph.get("StartAt") not in states:
        yield f"{where}StartAt names no state: {graph.get('StartAt')}"
    for name, state in states.items():
        at = f"{where}{name}"
        for target in _targets(state):
            reached.add(target)
            if target not in states:
                yield f"{at}: Next names no state: {target}"
        yield from _state_problems(at, state)
    for name in states:
        if name not in reached:
            yield f"{where}{name}: no state leads here"


def _targets(state: Mapping[str, Any]) -> Iterator[str]:
    for holder in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        for key in ("Next", "Default"):
            if key in holder:
                yield holder[key]


def _state_problems(at: str, state: Mapping[str, Any]) -> Iterator[str]:
    kind = state.get("Type", "")
    if kind not in _FIELDS:
        yield f"{at}: unsupported state type {kind!r}"
        return
    yield from _unknown(at, state, _FIELDS[kind])
    for field in _REQUIRED.get(kind, ()):
        if field not in state:
            yield f"{at}: {field} is missing"
    if _FIELDS[kind] >= _FLOW and ("Next" in state) == (state.get("End") is True):
        yield f"{at}: exactly one of Next and End: true"
    if kind == "Wait" and ("Seconds" in state) == ("Timestamp" in state):
        yield f"{at}: exactly one of Seconds and Timestamp"
    yield from _error_problems(at, state)
    yield from _choice_problems(at, state)
    yield from _resource_problems(at, state)
    yield from _nested_problems(at, state)
    yield from _expression_problems(at, {k: v for k, v in state.items() if k not in ("Branches", "ItemProcessor")})


def _error_problems(at: str, state: Mapping[str, Any]) -> Iterator[str]:
    for label, fields in (("Retry", _RETRIER), ("Catch", _CATCHER)):
        for entry in state.get(label, ()):
            yield from _unknown(f"{at}.{label}", entry, fields)
            if not entry.get("ErrorEquals"):
                yield f"{at}.{label}: ErrorEquals is missing"


def _choice_problems(at: str, state: Mapping[str, Any]) -> Iterator[str]:
    for choice in state.get("Choices", ()):
        yield from _unknown(f"{at}.Choices", choice, _CHOICE)
        if not is_expression(choice.get("Condition")) and not isinstance(choice.get("Condition"), bool):
            yield f"{at}.Choices: Condition must be a JSONata expression"


def _resource_problems(at: str, state: Mapping[str, Any]) -> Iterator[str]:
    if "Resource" in state:
        try:
            resource_of(state["Resource"])
        except UnsupportedResourceError as error:
            yield f"{at}: {error}"


def _nested_problems(at: str, state: Mapping[str, Any]) -> Iterator[str]:
    for number, branch in enumerate(state.get("Branches", ())):
        yield from _unknown(f"{at}.Branches[{number}]", branch, frozenset({"StartAt", "States", "Comment"}))
        yield from _graph_problems(f"{at}.Branches[{number}].", branch)
    if "ItemProcessor" in state:
        processor = state["ItemProcessor"]
        yield from _unknown(
            f"{at}.ItemProcessor", processor, frozenset({"StartAt", "States", "Comment", "ProcessorConfig"})
        )
        if processor.get("ProcessorConfig", {"Mode": "INLINE"}) != {"Mode": "INLINE"}:
            yield f"{at}: unsupported ProcessorConfig {processor['ProcessorConfig']} (only Mode INLINE)"
        yield from _graph_problems(f"{at}.ItemProcessor.", processor)


def _expression_problems(at: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _expression_problems(f"{at}.{key}", item)
    elif isinstance(value, list):
        for item in value:
            yield from _expression_problems(at, item)
    elif isinstance(value, str):
        if is_expression(value):
            wrong = syntax_error(value)
            if wrong is not None:
                yield f"{at}: {wrong} in {value!r}"
        elif re.match(r"^\s*\{%|%\}\s*$", value):
            yield f"{at}: an expression has to begin with '{{%' and end with '%}}': {value!r}"


def _unknown(at: str, value: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    for key in value:
        if key not in known:
            yield f"{at}: unsupported field {key!r}"
