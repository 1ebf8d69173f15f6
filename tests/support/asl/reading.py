"""Whether a definition can be read from top to bottom: short lines, few of them, states in the order of a run."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from .machine import Level, transitions

MOST_LINES = 600
MOST_COLUMNS = 120


def text_problems(path: Path) -> list[str]:
    """Find what is too long, and anchors and aliases: Step Functions has refused a definition that has them."""
    return [f"{path.name.removesuffix('.asl.yaml')}: {problem}" for problem in _in_text(path.read_text())]


def reading_problems(level: Level) -> list[str]:
    """Find states that don't say what they are for, and those that stand above all states that lead to them."""
    problems = [
        f"{level.name}.{name}: no Comment says what it is for"
        for name, state in level.states.items()
        if not state.get("Comment")
    ]
    before: set[str] = set()
    leads = {name: {way.target for way in transitions(state)} for name, state in level.states.items()}
    for name in level.states:
        comes_from = {other for other, targets in leads.items() if name in targets}
        if name == level.start and before:
            problems.append(f"{level.name}.{name}: is the start, and stands below {', '.join(sorted(before))}")
        elif name != level.start and comes_from and not comes_from & before:
            problems.append(
                f"{level.name}.{name}: stands above {', '.join(sorted(comes_from))}, and is entered from nowhere else"
            )
        before.add(name)
    return problems


def _in_text(text: str) -> Iterator[str]:
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        yield f"{len(lines)} lines; allowed: {MOST_LINES}"
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_COLUMNS:
            yield f"line {number} has {len(line)} columns; allowed: {MOST_COLUMNS}"
    for token in yaml.scan(text):
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
            kind = "anchor" if isinstance(token, yaml.AnchorToken) else "alias"
            yield f"line {token.start_mark.line + 1} has the {kind} {token.value}; allowed: none"
