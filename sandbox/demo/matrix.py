"""The summary: who could do what at each point of the story, and what the runs have cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sandbox.demo.checks import limit_of
from sandbox.demo.observers import Observer, Table
from sandbox.demo.story import StepResult
from sandbox.demo.terminal import WIDTH, Terminal, wrapped

_WIDEST_COLUMN = 15
_MARGIN = "  "


def access_matrix(results: Sequence[StepResult], terminal: Terminal) -> Iterator[str]:
    """Yield the lines of the matrix: a row for each role in each account, a column for each point that was marked."""
    columns = [(result.step.column, result.observed) for result in results if result.step.column]
    if not columns:
        return
    observers = sorted(columns[0][1])
    label = max(len(_label(observer)) for observer in observers) + 2
    width = min(_WIDEST_COLUMN, (WIDTH - len(_MARGIN) - label) // len(columns))
    headings = [wrapped(_in_words(name), width - 1) for name, _ in columns]
    for row in range(max(map(len, headings))):
        cells = "".join(f"{lines[row] if row < len(lines) else '':<{width}}" for lines in headings)
        yield terminal.style(f"{_MARGIN}{'':<{label}}{cells}".rstrip(), "bold")
    for observer in observers:
        cells = "".join(_cells(observer, columns, width, terminal))
        yield f"{_MARGIN}{_label(observer):<{label}}{cells}".rstrip()


def _cells(observer: Observer, columns: Iterable[tuple[str, Table]], width: int, terminal: Terminal) -> Iterator[str]:
    styles = {"rw": ("green", "bold"), "r": ("green",), "-": ("dim",)}
    for _, table in columns:
        text = str(table[observer])
        yield terminal.style(text, *styles.get(text, ("red", "bold"))) + " " * (width - len(text))


def _label(observer: Observer) -> str:
    return f"{observer.place} {observer.role}"


def _in_words(heading: str) -> str:
    """A status in separate words, so that it can be broken: PendingReview becomes Pending Review."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)


def numbers(results: Sequence[StepResult], recorded: tuple[int, float]) -> Iterator[str]:
    """Yield the most that a run of each kind has cost, beside its limit. Runs that served several events are left out:
    theirs are the sums of several. `recorded` is what `costs.recording` returns.
    """
    most: dict[tuple[str, int], tuple[int, int, int]] = {}
    for cost in (cost for result in results for cost in result.costs):
        limit = limit_of(cost)
        if limit is None or "LetTheBurstGather" in cost.states:
            continue
        key = (limit.kind, limit.most)
        runs, states, calls = most.get(key, (0, 0, 0))
        most[key] = (runs + 1, max(states, cost.transitions), max(calls, cost.calls))
    yield f"{_MARGIN}{'':<32}{'runs':>6}{'states':>10}{'calls':>10}{'limit of both':>17}"
    for (kind, limit_), (runs, states, calls) in sorted(most.items(), key=lambda item: item[0][1]):
        yield f"{_MARGIN}{kind:<32}{runs:>6}{states:>10}{calls:>10}{limit_:>17}"
    times, calls_each = recorded
    yield f"{_MARGIN}{'who changed the card, on record':<32}{times:>6}{'':>10}{calls_each:>10.1f}"
