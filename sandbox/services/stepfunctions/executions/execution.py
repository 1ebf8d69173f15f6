"""One execution: from StartExecution to its end, and what others hear of it."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.authorization.service_roles import RoleNotAssumableError, assume
from sandbox.kernel.clock import Timer, clock
from sandbox.kernel.identity import Principal
from sandbox.kernel.traces import trace_of
from sandbox.services.stepfunctions.definitions.definition import read
from sandbox.services.stepfunctions.errors import RUNTIME, Halted, StateError
from sandbox.services.stepfunctions.executions import monitoring
from sandbox.services.stepfunctions.executions.history import Cursor, History, text
from sandbox.services.stepfunctions.executions.interpreter import Interpreter
from sandbox.services.stepfunctions.executions.record import ExecutionRecord
from sandbox.services.stepfunctions.executions.scope import Scope
from sandbox.services.stepfunctions.executions.timing import Halt

_LOG = logging.getLogger(__name__)
_ENDS = {"SUCCEEDED": "Succeeded", "FAILED": "Failed", "ABORTED": "Aborted", "TIMED_OUT": "TimedOut"}


@dataclass(eq=False)
class Execution(ExecutionRecord):
    """A record that fills itself: it runs, may be stopped, and tells who asks how it stands."""

    def __post_init__(self) -> None:
        self.history = History(lambda event: monitoring.write_log(self, event))
        self.finished = threading.Event()
        self._halt = Halt()
        self._cursor = Cursor()
        self._timer: Timer | None = None

    @property
    def trace(self) -> str:
        """What its requests carry, and those of the functions that it invokes."""
        return trace_of(self.execution_arn, self.start_date.timestamp())

    def start(self) -> None:
        """Begin on a thread of its own."""
        clock.activities.spawn(self._run, f"sandbox-execution-{self.name}")

    def stop(self, error: str | None, cause: str | None) -> datetime:
        """StopExecution; returns when it ended. An execution that has ended stays as it was."""
        if self.status == "RUNNING":
            self.error, self.cause = error, cause
            self._halt.set("ABORTED")
            self.finished.wait(5)
        return self.stop_date or clock.datetime()

    def _run(self) -> None:
        details = {"input": self.execution_input, "roleArn": self.role_arn}
        self.history.add(self._cursor, "ExecutionStarted", "executionStartedEventDetails", **details)
        monitoring.status_changed(self)
        try:
            output = self._interpret()
        except StateError as failure:
            self._end("FAILED", error=failure.error, cause=failure.cause)
        except Halted:
            self._end(self._halt.reason or "ABORTED", error=self.error, cause=self.cause)
        except Exception as failure:  # noqa: BLE001  a fault of the sandbox must end the execution, visibly, not hang it
            _LOG.exception("execution %s broke the sandbox", self.execution_arn)
            self._end("FAILED", error=RUNTIME, cause=f"sandbox: {failure!r}")
        else:
            self.output, self.output_details = text(output), {"included": True}
            self._end("SUCCEEDED", output=self.output)

    def _interpret(self) -> Any:
        definition = read(self.definition)
        if definition.timeout_s is not None:
            self._timer = clock.call_later(definition.timeout_s, lambda: self._halt.set("TIMED_OUT"))
        scope = Scope(self._context())
        run = Interpreter(self.history, self._halt, self._principal, self.region_name, self.trace)
        value = json.loads(self.execution_input)
        return run.run(definition.states, definition.start_at, value, scope, self._cursor)

    def _principal(self) -> Principal:
        try:
            return assume("states.amazonaws.com", self.role_arn, self.state_machine_arn.rsplit(":", 1)[1])
        except RoleNotAssumableError as error:
            raise StateError(RUNTIME, str(error)) from error

    def _context(self) -> dict[str, Any]:
        started = self.start_date.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "Execution": {
                "Id": self.execution_arn,
                "Input": json.loads(self.execution_input),
                "Name": self.name,
                "RoleArn": self.role_arn,
                "StartTime": started,
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": self.state_machine_arn, "Name": self.state_machine_arn.rsplit(":", 1)[1]},
        }

    def _end(self, status: str, **details: str | None) -> None:
        self.error, self.cause = details.get("error"), details.get("cause")
        self.stop_date = clock.datetime()
        if self._timer is not None:
            self._timer.cancel()
        name = f"Execution{_ENDS[status]}"
        self.history.add(self._cursor, name, f"{name[0].lower()}{name[1:]}EventDetails", **details)
        self.status = status
        monitoring.status_changed(self)
        monitoring.count(self)
        self.finished.set()
