"""Runs the states of one execution."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import delays
from sandbox.kernel.identity import Principal
from sandbox.kernel.traces import belongs_to
from sandbox.services.stepfunctions.definitions.resources import Resource, resource_of
from sandbox.services.stepfunctions.errors import DATA_LIMIT, NO_CHOICE, QUERY_EVALUATION, TIMEOUT, StateError, matches
from sandbox.services.stepfunctions.executions import parallel
from sandbox.services.stepfunctions.executions.history import Cursor, History, text
from sandbox.services.stepfunctions.executions.holds import holds
from sandbox.services.stepfunctions.executions.scope import Scope, StateView
from sandbox.services.stepfunctions.executions.tasks import perform
from sandbox.services.stepfunctions.executions.timing import Halt, call

# States, inputs and outputs are `Any`: they are the definition's and the workflow's JSON.
State = Mapping[str, Any]

MAX_BYTES = 256 * 1024
"""Input or output of a state: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


@dataclass(slots=True)
class Interpreter:
    """One execution's moving parts, shared by its branches."""

    history: History
    halt: Halt
    role: Callable[[], Principal]
    region: str
    trace: str

    def child(self) -> Interpreter:
        """The same with a halt of its own, which ends when this one's does."""
        return replace(self, halt=self.halt.child())

    def run(self, states: Mapping[str, State], start_at: str, value: Any, scope: Scope, cursor: Cursor) -> Any:
        """Follow the states from `start_at`; return the last one's output, or raise the StateError that ended it."""
        name: str | None = start_at
        while name is not None:
            self.halt.check()
            name, value = self._state(name, states[name], value, scope, cursor)
        return value

    def _state(self, name: str, state: State, value: Any, scope: Scope, cursor: Cursor) -> tuple[str | None, Any]:
        kind = state["Type"]
        holds.pass_by(scope.context, name)
        self.halt.check()
        entered = clock.datetime().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        scope.context["State"] = {"Name": name, "EnteredTime": entered, "RetryCount": 0}
        self.history.add(cursor, f"{kind}StateEntered", "stateEnteredEventDetails", name=name, input=text(value))
        view = StateView(scope, value)
        try:
            after, output = self._evaluate(kind, state, view, cursor)
            _check_size(output)
        except StateError as error:
            if error.error == QUERY_EVALUATION and not state.get("Catch"):
                self._evaluation_failed(name, error, cursor)
            raise
        self.history.add(cursor, f"{kind}StateExited", "stateExitedEventDetails", name=name, output=text(output))
        return after, output

    def _evaluate(self, kind: str, state: State, view: StateView, cursor: Cursor) -> tuple[str | None, Any]:
        after = state.get("Next")
        if kind in ("Task", "Parallel", "Map"):
            return self._attempt(state, view, cursor)
        if kind == "Choice":
            return _choose(state, view)
        if kind == "Fail":
            raise StateError(view.render(state.get("Error", "")), view.render(state.get("Cause", "")))
        if kind == "Wait":
            self.halt.sleep(_wait_s(state, view) * delays.wait_factor)
        return after, view.leave(state, view.input)

    def _attempt(self, state: State, view: StateView, cursor: Cursor) -> tuple[str | None, Any]:
        """A state that can fail: try, retry, catch."""
        used: dict[int, int] = {}
        while True:
            try:
                view.result = self._once(state, view, cursor)
                return state.get("Next"), view.leave(state, view.result)
            except StateError as error:
                pause = _retry_pause(state, error, used)
                if pause is None:
                    return _catch(state, view, error)
                view.scope.context["State"]["RetryCount"] += 1
                self.halt.sleep(pause * delays.wait_factor)

    def _once(self, state: State, view: StateView, cursor: Cursor) -> Any:
        if state["Type"] == "Task":
            return self._task(state, view, cursor)
        if state["Type"] == "Parallel":
            return parallel.branches(self, state, view, cursor)
        return parallel.iterations(self, state, view, cursor)

    def _task(self, state: State, view: StateView, cursor: Cursor) -> Any:
        resource = resource_of(state["Resource"])
        arguments = view.render(state.get("Arguments", {}))
        role_arn = view.render(state["Credentials"])["RoleArn"] if "Credentials" in state else None
        timeout_s = view.render(state.get("TimeoutSeconds"))
        where = {"resourceType": resource.resource_type, "resource": resource.action}
        self.history.add(
            cursor,
            "TaskScheduled",
            "taskScheduledEventDetails",
            **where,
            region=self.region,
            parameters=text(arguments),
            timeoutInSeconds=timeout_s,
            taskCredentials={"roleArn": role_arn} if role_arn else None,
        )
        self.history.add(cursor, "TaskStarted", "taskStartedEventDetails", **where)
        try:
            result = call(lambda: self._performed(resource, arguments, role_arn), self.halt, timeout_s)
            _check_size(result)
        except StateError as error:
            kind = "TimedOut" if error.error == TIMEOUT else "Failed"
            details = {"error": error.error, "cause": error.cause}
            self.history.add(cursor, f"Task{kind}", f"task{kind}EventDetails", **where, **details)
            raise
        self.history.add(cursor, "TaskSucceeded", "taskSucceededEventDetails", **where, output=text(result))
        return result

    def _performed(self, resource: Resource, arguments: Any, role_arn: str | None) -> Any:
        with belongs_to(self.trace):
            return perform(resource, arguments, self.role(), role_arn, self.region)

    def _evaluation_failed(self, name: str, error: StateError, cursor: Cursor) -> None:
        details = {"error": error.error, "cause": error.cause, "state": name}
        self.history.add(cursor, "EvaluationFailed", "evaluationFailedEventDetails", **details)


def _choose(state: State, view: StateView) -> tuple[str, Any]:
    for choice in state["Choices"]:
        chosen = view.render(choice["Condition"])
        if not isinstance(chosen, bool):
            raise StateError(QUERY_EVALUATION, f"The Condition {choice['Condition']!r} returned no boolean.")
        if chosen:
            return choice["Next"], view.leave(choice, view.input)
    if "Default" not in state:
        raise StateError(NO_CHOICE, "No choice matched and there is no Default.")
    return state["Default"], view.leave(state, view.input)


def _catch(state: State, view: StateView, error: StateError) -> tuple[str, Any]:
    for catcher in state.get("Catch", ()):
        if matches(error.error, catcher["ErrorEquals"]):
            view.error_output = error.output()
            return catcher["Next"], view.leave(catcher, view.error_output)
    raise error


def _retry_pause(state: State, error: StateError, used: dict[int, int]) -> float | None:
    """Seconds until the next attempt; None when no retrier covers the error or its attempts are used up."""
    for number, retrier in enumerate(state.get("Retry", ())):
        if not matches(error.error, retrier["ErrorEquals"]):
            continue
        attempt = used.get(number, 0)
        if attempt >= retrier.get("MaxAttempts", 3):
            return None
        used[number] = attempt + 1
        pause = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** attempt
        pause = min(pause, retrier.get("MaxDelaySeconds", pause))
        return random.uniform(0, pause) if retrier.get("JitterStrategy") == "FULL" else float(pause)
    return None


def _wait_s(state: State, view: StateView) -> float:
    if "Seconds" in state:
        return float(view.render(state["Seconds"]))
    until = datetime.fromisoformat(view.render(state["Timestamp"]))
    return max(0.0, until.astimezone(UTC).timestamp() - clock.now())


def _check_size(value: Any) -> None:
    if len(text(value).encode()) > MAX_BYTES:
        raise StateError(DATA_LIMIT, "The state returned a result larger than 256 KiB.")
