"""Executions of the stack's state machines: starting one, and following it to its end."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stagegate.aws.errors import cause_of
from stagegate_cli.connection import Connection, calling, no_stack
from stagegate_cli.problems import Problem

ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
_FIRST_WAIT_S = 0.3
_LONGEST_WAIT_S = 2.0

STEPS = {
    "ReadInput": "reading the input",
    "Take": "taking the claim",
    "Mark": "another run holds the claim",
    "Plan": "planning",
    "Close": "closing",
    "Open": "opening",
    "Verify": "verifying",
    "Notify": "notifying",
    "Record": "recording",
    "Release": "giving the claim back",
    "LetTheBurstGather": "waiting for what came in meanwhile",
    "LetItPass": "waiting until AWS has time",
    "NotifyFailure": "notifying that it failed",
    "Look": "looking at the subjects",
    "Ask": "asking the approvers",
    "StartEach": "starting runs",
    "LetThemRun": "letting the runs begin",
}
"""States that people may wait in, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution. `output` is empty unless it succeeded, `error` and `cause` unless it didn't."""

    arn: str
    status: str
    started: datetime
    stopped: datetime | None
    input: Mapping[str, Any]
    output: Mapping[str, Any]
    error: str = ""
    cause: str = ""

    @property
    def seconds(self) -> float:
        """How long it took, 0 while it goes on."""
        return (self.stopped - self.started).total_seconds() if self.stopped else 0.0


def start(connection: Connection, machine: str, given: Mapping[str, Any]) -> str:
    """Start an execution and return its ARN. It has a name, so that a call whose answer was lost starts no second one
    ("StartExecution", API reference of Step Functions).
    """
    with calling(f"start {machine}", no_stack(connection)):
        started = connection.client("stepfunctions").start_execution(
            stateMachineArn=connection.machine(machine),
            name=f"stagegate-command-{uuid.uuid4()}",
            input=json.dumps(given),
        )
    return str(started["executionArn"])


def follow(connection: Connection, arn: str, tell: Callable[[str], None] | None) -> Execution:
    """Return an execution once it has ended; `tell` hears in words which step it is at, if there is anybody to hear."""
    wait = _FIRST_WAIT_S
    while True:
        found = describe(connection, arn)
        if found.status in ENDED:
            return found
        if tell:
            tell(step(connection, arn))
        time.sleep(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT_S)


def describe(connection: Connection, arn: str) -> Execution:
    """Return an execution as it is now."""
    with calling("look at the execution", f"there is no execution {arn} any more"):
        found = connection.client("stepfunctions").describe_execution(executionArn=arn)
    return Execution(
        arn=found["executionArn"],
        status=found["status"],
        started=found["startDate"],
        stopped=found.get("stopDate"),
        input=_object(found.get("input")),
        output=_object(found.get("output")),
        error=found.get("error") or "",
        cause=cause_of(found.get("cause") or ""),
    )


def step(connection: Connection, arn: str) -> str:
    """Return in words which step an execution is at, as far as the caller may know: nothing hangs on it."""
    try:
        with calling("look at the execution's steps"):
            page = connection.client("stepfunctions").get_execution_history(
                executionArn=arn, reverseOrder=True, maxResults=25
            )
    except Problem:
        return "under way"
    entered = (event["stateEnteredEventDetails"]["name"] for event in page["events"] if _is_entered(event))
    name = next((name for name in entered if name in STEPS), "")
    return STEPS.get(name, "under way")


def _is_entered(event: Mapping[str, Any]) -> bool:
    return "stateEnteredEventDetails" in event


def _object(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
