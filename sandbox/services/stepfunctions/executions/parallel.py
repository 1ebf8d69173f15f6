"""Map and Parallel: lines of execution beside each other, in the order of their definition or items."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Protocol, Self

from sandbox.kernel.activities import Signal
from sandbox.kernel.clock import clock
from sandbox.services.stepfunctions.errors import QUERY_EVALUATION, Halted, StateError
from sandbox.services.stepfunctions.executions.history import Cursor, History
from sandbox.services.stepfunctions.executions.scope import Scope, StateView
from sandbox.services.stepfunctions.executions.timing import Halt

_MOST_AT_ONCE = 40  # an inline Map runs at most 40 iterations at once


class Runner(Protocol):
    """What runs the states of one line: an execution's interpreter."""

    history: History
    halt: Halt

    def child(self) -> Self:
        """The same with a halt of its own, which ends when this one's does."""

    def run(self, states: Mapping[str, Any], start_at: str, value: Any, scope: Scope, cursor: Cursor) -> Any:
        """Follow the states from `start_at`; return the last one's output."""


def branches(run: Runner, state: Mapping[str, Any], view: StateView, cursor: Cursor) -> list[Any]:
    """The outputs of all branches, in their order."""
    value = view.render(state["Arguments"]) if "Arguments" in state else view.input
    run.history.add(cursor, "ParallelStateStarted")

    inner = run.child()

    def line(branch: Mapping[str, Any]) -> Callable[[], Any]:
        own = Cursor(cursor.event_id)
        return lambda: inner.run(branch["States"], branch["StartAt"], value, view.scope.inner(), own)

    try:
        outputs = _beside([line(branch) for branch in state["Branches"]], len(state["Branches"]), inner.halt)
    except StateError:
        run.history.add(cursor, "ParallelStateFailed")
        raise
    run.history.add(cursor, "ParallelStateSucceeded")
    return outputs


def iterations(run: Runner, state: Mapping[str, Any], view: StateView, cursor: Cursor) -> list[Any]:
    """The outputs of all iterations, in the order of the items."""
    name = view.scope.context["State"]["Name"]
    items = view.render(state["Items"]) if "Items" in state else view.input
    if not isinstance(items, list):
        raise StateError(QUERY_EVALUATION, f"Items of {name} must be an array.")
    at_once = view.render(state.get("MaxConcurrency", 0)) or _MOST_AT_ONCE
    run.history.add(cursor, "MapStateStarted", "mapStateStartedEventDetails", length=len(items))
    processor = state["ItemProcessor"]
    beside = run.child()

    def line(index: int, item: Any) -> Callable[[], Any]:
        inner = view.scope.inner({"Map": {"Item": {"Index": index, "Value": item}}})
        value = StateView(inner, view.input).render(state["ItemSelector"]) if "ItemSelector" in state else item

        def iterate() -> Any:
            own = Cursor(cursor.event_id)
            run.history.add(own, "MapIterationStarted", "mapIterationStartedEventDetails", name=name, index=index)
            try:
                output = beside.run(processor["States"], processor["StartAt"], value, inner, own)
            except StateError:
                run.history.add(own, "MapIterationFailed", "mapIterationFailedEventDetails", name=name, index=index)
                raise
            run.history.add(own, "MapIterationSucceeded", "mapIterationSucceededEventDetails", name=name, index=index)
            return output

        return iterate

    try:
        outputs = _beside(
            [line(index, item) for index, item in enumerate(items)], min(at_once, _MOST_AT_ONCE), beside.halt
        )
    except StateError:
        run.history.add(cursor, "MapStateFailed")
        raise
    run.history.add(cursor, "MapStateSucceeded")
    return outputs


def _beside(lines: list[Callable[[], Any]], at_once: int, halt: Halt) -> list[Any]:
    """Run all lines; the first failure ends the others, begun or not, and is raised."""
    if not lines:
        return []
    outputs = [Future[Any]() for _ in lines]
    left = iter(zip(lines, outputs, strict=True))
    at_work, taking, done = min(at_once, len(lines)), threading.Lock(), Signal(clock.activities)

    def work() -> None:
        nonlocal at_work
        while True:
            with taking:
                line, output = next(left, (None, None))
                at_work -= line is None
                is_last = not at_work
            if line is None or output is None:
                break
            _run(line, output, halt)
        if is_last:
            done.give()

    for _ in range(at_work):
        clock.activities.spawn(work, "sandbox-branch")
    done.wait()
    errors = [error for output in outputs if (error := output.exception()) is not None]
    for error in sorted(errors, key=lambda error: isinstance(error, Halted)):  # who was halted hasn't failed first
        raise error
    return [output.result() for output in outputs]


def _run(line: Callable[[], Any], output: Future[Any], halt: Halt) -> None:
    try:
        halt.check()
        output.set_result(line())
    except BaseException as error:  # noqa: BLE001  carried over to the execution's own thread
        halt.set("failed")
        output.set_exception(error)
