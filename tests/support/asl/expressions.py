"""The JSONata in a state machine: that it compiles, and that its variables are there."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonata

from .machine import Fields, Level, transitions

# Step Functions has its own functions beside JSONata's, and refuses $eval.
# https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
FUNCTIONS = ({*jsonata.Jsonata.static_frame.bindings} - {"eval"}) | {
    "partition",
    "range",
    "hash",
    "random",
    "uuid",
    "parse",
}

_EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)
_SUBSTITUTION = re.compile(r"\$\{(\w+)\}")
_NOT_CODE = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`""", re.DOTALL)
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_BOUND = re.compile(r"\$([A-Za-z_]\w*)\s*:=")
_PARAMETERS = re.compile(r"(?:function|λ)\s*\(([^)]*)\)")
_ASKED_FOR = re.compile(r"\$exists\(\s*\$([A-Za-z_]\w*)")
_STATES = re.compile(r"\$states\.(\w+)")

# Where Step Functions fills which part of $states.
_ALWAYS = {"input", "context"}
_CATCHER = {*_ALWAYS, "errorOutput"}
_RESULT = {*_ALWAYS, "result"}
_INSIDE = ("ItemProcessor", "Branches")


def substitutions(text: str) -> set[str]:
    """Return the names that CloudFormation is to fill in."""
    return set(_SUBSTITUTION.findall(text))


def expression_problems(level: Level, known: Mapping[str, frozenset[str]]) -> list[str]:
    """Find text that isn't JSONata, unknown functions, and variables that aren't set on every way to a state.

    `known` has the variables that are surely set when a state is entered, see `variables`. A state that nothing leads
    to isn't in it, and isn't looked at.
    """
    return [
        f"{level.name}.{name}.{environment}: {problem}"
        for name, state in level.states.items()
        if name in known
        for environment, text, parts in _texts(state)
        for problem in _problems(text, parts, known[name])
    ]


def variables(level: Level, outside: frozenset[str] = frozenset()) -> dict[str, frozenset[str]]:
    """Return for each state that can be reached the variables that are set on every way to it."""
    known = {level.start: outside}
    changed = [level.start]
    while changed:
        name = changed.pop()
        for way in transitions(level.states.get(name, {"Type": "Fail"})):
            there = known[name] | way.assigns
            there = there & known[way.target] if way.target in known else there
            if known.get(way.target) != there:
                known[way.target] = there
                changed.append(way.target)
    return known


def _problems(text: str, parts: set[str], known: frozenset[str]) -> Iterator[str]:
    if "{%" not in text and "%}" not in text:
        return
    whole = _EXPRESSION.fullmatch(text)
    if whole is None:
        yield "is text to Step Functions: an expression starts with {% and ends with %}"
        return
    code = _SUBSTITUTION.sub("x", whole[1])
    try:
        jsonata.Jsonata(code)
    except jsonata.JException as error:
        yield f"isn't JSONata: {error}"
        return
    code = _NOT_CODE.sub(" ", code)
    here = set(_BOUND.findall(code)) | set(_ASKED_FOR.findall(code)) | {"states"}
    here |= {name for group in _PARAMETERS.findall(code) for name in _VARIABLE.findall(group)}
    for name in sorted(set(_VARIABLE.findall(code)) - here - known - FUNCTIONS):
        yield f"${name} isn't set on every way here, and no function either"
    for part in sorted(set(_STATES.findall(code)) - parts):
        yield f"$states.{part} isn't there"


def _texts(state: Fields) -> Iterator[tuple[str, str, set[str]]]:
    """Yield each text of a state with its place and the parts of $states that it may use."""
    after = _RESULT if state["Type"] in ("Task", "Map", "Parallel") else _ALWAYS
    for key, value in state.items():
        if key in _INSIDE:
            continue
        parts = _CATCHER if key == "Catch" else after if key in ("Assign", "Output") else _ALWAYS
        for environment, text in _strings(key, value):
            yield environment, text, parts


def _strings(environment: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield environment, value
        case dict():
            for key, below in value.items():
                yield from _strings(f"{environment}.{key}", below)
        case list():
            for number, below in enumerate(value):
                yield from _strings(f"{environment}[{number}]", below)
