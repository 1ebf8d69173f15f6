"""What an execution has cost: states entered, API requests made, and how often it looked whether AWS had settled.

A request of the state machine's own integrations is one `TaskScheduled` of its history. A request of a function is one
in the call log that carries the execution's trace, whatever other executions did meanwhile. Not counted: Lambda
invocations, STS and logs.

A settle poll is a read of a share's associations by the task that has just changed that share. RAM answers a change
before it is in force, and the task reads associations for nothing else than to wait for that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.kernel.calls import ApiCall
    from sandbox.services.stepfunctions.executions.execution import Execution
    from sandbox.stagegate.organization import Organization

_NOT_COUNTED = frozenset({"sts", "logs"})
_RECORDER = "-record-approval"
_SETTLING = "GetResourceShareAssociations"
_TARGETS = {
    "group-policy": "group",
    "bucket-policy": "bucket",
    "key-grants": "key",
    "repository-policy": "repository",
    "import-role": "role",
    "model-import": "import",
    "hub-content": "hub",
}
_ENDS = ("TaskSucceeded", "TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed")


@dataclass(frozen=True, slots=True)
class Window:
    """A task that ran a function, from and to (epoch seconds)."""

    function: str
    start: float
    end: float


@dataclass(frozen=True)
class Cost:
    """One execution's. `subject` is what it planned for, empty if it never came to that; `states` the states that it
    entered, in order; `changes` the kinds of change that it applied, `opened` the stages that it opened, with whether
    they may write, and `targets` what else it changed: (kind, what). `asked`: whether it asked the approvers.
    """

    execution: Execution
    subject: str
    states: tuple[str, ...]
    calls: int
    settle_polls: int
    changes: tuple[str, ...]
    opened: Mapping[str, bool]
    targets: tuple[tuple[str, str], ...]
    asked: bool

    @property
    def transitions(self) -> int:
        """How many states were entered, those of a Map's iterations included."""
        return len(self.states)

    @cached_property
    def output(self) -> dict[str, Any]:
        """What the execution put out; empty while it runs or when it has failed."""
        return json.loads(self.execution.output) if self.execution.output else {}

    @property
    def is_full_read(self) -> bool:
        """Whether a person or a sweep started it, and no event."""
        asked = json.loads(self.execution.execution_input)
        return set(asked) <= {"subject", "mode"} or asked.get("trigger") == "sweep"

    @property
    def packages_started(self) -> int | None:
        """How many runs of packages it has started for their card; None where it did something else."""
        asked = json.loads(self.execution.execution_input)
        return self.states.count("StartGovern") if set(asked) == {"card"} else None

    @property
    def error(self) -> str | None:
        """The error and the cause of an execution that hasn't succeeded."""
        execution = self.execution
        if execution.status == "SUCCEEDED":
            return None
        return f"{execution.status} {execution.error or ''}: {(execution.cause or '').splitlines()[0][:300]}"


def cost_of(organization: Organization, execution: Execution, calls: Sequence[ApiCall]) -> Cost:
    """Return an execution's cost. `calls` has to contain those that were made while it ran."""
    history = organization.history(execution.execution_arn)
    tasks = [event["taskScheduledEventDetails"] for event in history if event["type"] == "TaskScheduled"]
    own = sum(1 for task in tasks if task["resourceType"] not in {"lambda", *_NOT_COUNTED})
    own_calls = [call for call in calls if call.trace == execution.trace]
    made = polls = 0
    for window in _windows(history):
        requests = list(_requests(window, own_calls))
        waited = _settle_polls(requests)
        polls += waited
        made += len(requests) - waited
    states = tuple(
        event["stateEnteredEventDetails"]["name"] for event in history if event["type"].endswith("StateEntered")
    )
    invoked = [json.loads(task["parameters"])["Payload"] for task in tasks if task["resourceType"] == "lambda"]
    payloads = [payload.get("request", payload) for payload in invoked]
    changes = [payload for payload in payloads if "kind" in payload]
    grants = {grant["stage"]: grant["write"] for payload in payloads for grant in payload.get("grants", ())}
    opened = [change["change"]["stage"] for change in changes if change["kind"] == "OpenShare"]
    return Cost(
        execution,
        next((str(payload["subject"]) for payload in payloads if "subject" in payload), ""),
        states,
        own + made,
        polls,
        tuple(change["kind"] for change in changes),
        {stage: grants[stage] for stage in opened if stage in grants},
        tuple(
            (each["kind"], _TARGETS[each["change"]["target"]["type"]]) for each in changes if "target" in each["change"]
        ),
        any("approvals" in payload for payload in payloads),
    )


def recording(calls: Iterable[ApiCall]) -> tuple[int, float]:
    """How often `record_approval` has put a change down, and how many calls it made each time, on average.

    It belongs to no execution: a rule invokes it, and it starts one when it is done.
    """
    made = [call for call in calls if call.principal_arn.endswith(_RECORDER) and call.service not in _NOT_COUNTED]
    times = sum(1 for call in made if call.operation == "StartExecution")
    return times, len(made) / max(times, 1)


def _windows(history: Sequence[dict[str, Any]]) -> Iterator[Window]:
    """Each task that ran a function. Tasks of one execution follow one another: the Map runs one at a time."""
    function, start = "", 0.0
    for event in history:
        if event["type"] == "TaskScheduled":
            details = event["taskScheduledEventDetails"]
            name = (
                json.loads(details["parameters"]).get("FunctionName", "") if details["resourceType"] == "lambda" else ""
            )
            function, start = name.rsplit(":", 1)[-1], event["timestamp"].timestamp()
        elif event["type"] in _ENDS and function:
            yield Window(function, start, event["timestamp"].timestamp())
            function = ""


def _requests(window: Window, calls: Iterable[ApiCall]) -> Iterator[ApiCall]:
    """The requests of a function in that time. In a member account the session still carries the function's name."""
    for call in calls:
        by_function = call.principal_arn.endswith(f"/{window.function}")
        if by_function and window.start <= call.at <= window.end and call.service not in _NOT_COUNTED:
            yield call


def _settle_polls(requests: Sequence[ApiCall]) -> int:
    """How many of a task's requests wait for RAM: its reads of associations after its first write there."""
    ram = [call.operation for call in requests if call.service == "ram"]
    first_write = next((at for at, operation in enumerate(ram) if not operation.startswith("Get")), len(ram))
    return ram[first_write:].count(_SETTLING)
