"""A state machine definition, and the ways through it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Fields = Mapping[str, Any]  # what the language puts into a state: any JSON

FINAL = frozenset({"Succeed", "Fail"})


@dataclass(frozen=True, slots=True)
class Transition:
    """A way from one state to another, with what is assigned on it."""

    target: str
    assigns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Level:
    """States that can go to each other: the machine itself, an item processor or a branch."""

    name: str
    start: str
    states: Mapping[str, Fields]
    outer: "tuple[Level, str] | None" = field(default=None, repr=False)
    """The level and the state that this one is inside of."""


def levels(path: Path) -> list[Level]:
    """Return the levels of the definition at `path`, each before the ones inside it."""
    return list(_levels(path.name.removesuffix(".asl.yaml"), yaml.safe_load(path.read_text()), None))


def _levels(name: str, definition: Fields, outer: tuple[Level, str] | None) -> Iterator[Level]:
    level = Level(name, definition["StartAt"], definition["States"], outer)
    yield level
    for state, fields in level.states.items():
        inside = [fields["ItemProcessor"]] if "ItemProcessor" in fields else fields.get("Branches", [])
        for number, inner in enumerate(inside):
            yield from _levels(f"{name}.{state}[{number}]", inner, (level, state))


def transitions(state: Fields) -> list[Transition]:
    """Return every way out of a state. A failed state has assigned nothing of its own."""
    own = _assigned(state)
    ways = [Transition(state["Next"], own)] if "Next" in state else []
    ways += [Transition(state["Default"], own)] if "Default" in state else []
    ways += [Transition(rule["Next"], _assigned(rule)) for rule in state.get("Choices", [])]
    ways += [Transition(catcher["Next"], _assigned(catcher)) for catcher in state.get("Catch", [])]
    return ways


def _assigned(fields: Fields) -> frozenset[str]:
    return frozenset(fields.get("Assign", {}))


def graph_problems(level: Level) -> list[str]:
    """Find states that lead nowhere, that nothing leads to, and that neither end nor go on."""
    targets = {(name, way.target) for name, state in level.states.items() for way in transitions(state)}
    problems = [
        f"{level.name}.{name}: goes to {target}, which isn't there"
        for name, target in targets
        if target not in level.states
    ]
    if level.start not in level.states:
        problems.append(f"{level.name}: starts at {level.start}, which isn't there")
    reached, ahead = set(), [level.start]
    while ahead:
        name = ahead.pop()
        if name in level.states and name not in reached:
            reached.add(name)
            ahead += [way.target for way in transitions(level.states[name])]
    problems += [f"{level.name}.{name}: nothing leads here" for name in level.states if name not in reached]
    for name, state in level.states.items():
        ends = [state["Type"] in FINAL, state.get("End", False), "Next" in state, state["Type"] == "Choice"]
        if ends.count(True) != 1:
            problems.append(f"{level.name}.{name}: needs exactly one of Next and End")
    return sorted(problems)
