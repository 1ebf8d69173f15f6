"""What Step Functions tells the rest of the account: status events, metrics and log events."""

from __future__ import annotations

import json
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.services import events
from sandbox.services.cloudwatch.alarms import put_metric
from sandbox.services.logs.streams import write
from sandbox.services.stepfunctions.executions.record import ExecutionRecord

_METRICS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "ABORTED": "ExecutionsAborted",
    "TIMED_OUT": "ExecutionsTimedOut",
}
_FAILURES = ("Failed", "Aborted", "TimedOut")


def status_changed(execution: ExecutionRecord) -> None:
    """The "Step Functions Execution Status Change" event on the account's default bus.

    https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """
    detail = {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": _millis(execution.start_date.timestamp()),
        "stopDate": _millis(execution.stop_date.timestamp()) if execution.stop_date else None,
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "output": execution.output,
        "outputDetails": execution.output_details,
        "error": execution.error,
        "cause": execution.cause,
    }
    events.emit(
        execution.account_id,
        execution.region_name,
        "aws.states",
        "Step Functions Execution Status Change",
        detail,
        [execution.execution_arn],
    )


def count(execution: ExecutionRecord) -> None:
    """The metric of how an execution ended."""
    put_metric(
        execution.account_id,
        execution.region_name,
        "AWS/States",
        _METRICS[execution.status],
        {"StateMachineArn": execution.state_machine_arn},
        1.0,
    )


def write_log(execution: ExecutionRecord, event: dict[str, Any]) -> None:
    """The event in the state machine's log group, as its logging level and `includeExecutionData` say."""
    configuration = execution.logging_configuration
    level = configuration.get("level", "OFF")
    kind: str = event["type"]
    failed = kind.endswith(_FAILURES)
    fatal = failed and kind.startswith("Execution")
    if level == "OFF" or (level == "ERROR" and not failed) or (level == "FATAL" and not fatal):
        return
    details: dict[str, Any] = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
    if not configuration.get("includeExecutionData"):
        details = {key: value for key, value in details.items() if key not in ("input", "output", "parameters")}
    line = {
        "id": str(event["id"]),
        "type": kind,
        "details": details,
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": str(_millis(clock.now())),
        "execution_arn": execution.execution_arn,
    }
    for destination in configuration.get("destinations", ()):
        group = destination["cloudWatchLogsLogGroup"]["logGroupArn"].split(":")[6]
        machine = execution.state_machine_arn.rsplit(":", 1)[1]
        stream = f"states/{machine}/{execution.name}"
        write(execution.account_id, execution.region_name, group, stream, [json.dumps(line, ensure_ascii=False)])


def _millis(seconds: float) -> int:
    return int(seconds * 1000)
