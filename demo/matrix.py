"""The summary: who could do what at each point of the story, and what the runs have cost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from demo.judge.limits import Limit, limit_of
from demo.observers import Access, Observer, Table
from demo.story import StepResult
from demo.terminal import WIDTH, Terminal, wrapped

_WIDEST_COLUMN = 15
_MARGIN = "  "


def access_matrix(results: Sequence[StepResult], terminal: Terminal) -> Iterator[str]:
    """Yield the lines of the matrix: a row for each role in each account, a column for each point that was marked.
    What is too wide for a terminal goes on below.
    """
    columns = [(result.step.column, result.observed) for result in results if result.step.column]
    if not columns:
        return
    observers = sorted(columns[0][1])
    label = max(len(_label(observer)) for observer in observers) + 2
    room = WIDTH - len(_MARGIN) - label
    widest = max(len(str(table[observer])) for _, table in columns for observer in observers)
    many = max(1, min(len(columns), room // (widest + 1)))
    width = min(_WIDEST_COLUMN, room // many)
    for first in range(0, len(columns), many):
        yield from _block(columns[first : first + many], observers, label, width, terminal)


def _block(
    columns: Sequence[tuple[str, Table]], observers: Sequence[Observer], label: int, width: int, terminal: Terminal
) -> Iterator[str]:
    headings = [wrapped(_in_words(name), width - 1) for name, _ in columns]
    for row in range(max(map(len, headings))):
        cells = "".join(f"{lines[row] if row < len(lines) else '':<{width}}" for lines in headings)
        yield terminal.style(f"{_MARGIN}{'':<{label}}{cells}".rstrip(), "bold")
    for observer in observers:
        cells = "".join(_cell(table[observer], width, terminal) for _, table in columns)
        yield f"{_MARGIN}{_label(observer):<{label}}{cells}".rstrip()


def _cell(access: Access, width: int, terminal: Terminal) -> str:
    return terminal.style(str(access), *access.style) + " " * (width - len(str(access)))


def _label(observer: Observer) -> str:
    return f"{observer.stages} {observer.role}"


def _in_words(heading: str) -> str:
    """A status in separate words, so that it can be broken: PendingReview becomes Pending Review."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)


def numbers(results: Sequence[StepResult], what: str, recorded: tuple[int, float]) -> Iterator[str]:
    """Yield the most that a run of each kind has cost, beside its limit; nothing if no run has one. Runs that served
    several events are left out: theirs are the sums of several. `what` the story is about; `recorded` is what
    `costs.recording` returns.
    """
    most: dict[Limit, tuple[int, int, int]] = {}
    for cost in (cost for result in results for cost in result.costs):
        limit = limit_of(cost)
        if limit is None or {"LetTheBurstGather", "Mark"} & set(cost.states):
            continue
        runs, states, calls = most.get(limit, (0, 0, 0))
        most[limit] = (runs + 1, max(states, cost.transitions), max(calls, cost.calls))
    if not most:
        return
    yield f"{_MARGIN}{'':<40}{'runs':>6}{'states':>10}{'calls':>10}{'limit of both':>17}"
    for limit, (runs, states, calls) in sorted(most.items(), key=lambda item: item[0].states):
        yield f"{_MARGIN}{limit.kind:<40}{runs:>6}{states:>10}{calls:>10}{limit!s:>17}"
    times, calls_each = recorded
    yield f"{_MARGIN}{f'who changed the {what}, on record':<40}{times:>6}{'':>10}{calls_each:>10.1f}"
