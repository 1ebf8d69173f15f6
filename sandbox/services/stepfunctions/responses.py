"""Step Functions' API where moto's answers are wrong or incomplete."""

from __future__ import annotations

import base64

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.responses import StepFunctionResponse

_DATA = ("input", "output", "parameters")


class SandboxStepFunctionResponse(StepFunctionResponse):
    """Executions as AWS describes them."""

    def describe_execution(self) -> ActionResult:
        """With `stopDate` for every way to end, and no member that the execution doesn't have."""
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        response = {
            "executionArn": execution.execution_arn,
            "stateMachineArn": execution.state_machine_arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": execution.start_date,
            "stopDate": execution.stop_date,
            "input": execution.execution_input,
            "inputDetails": {"included": True},
            "output": execution.output,
            "outputDetails": execution.output_details,
            "error": execution.error,
            "cause": execution.cause,
            "redriveCount": 0,
            "redriveStatus": "NOT_REDRIVABLE",
        }
        return ActionResult({key: value for key, value in response.items() if value is not None})

    def list_executions(self) -> ActionResult:
        """Newest first, with `stopDate` for every way to end."""
        results, next_token = self.stepfunction_backend.list_executions(
            self._get_param("stateMachineArn"),
            status_filter=self._get_param("statusFilter"),
            max_results=self._get_int_param("maxResults"),
            next_token=self._get_param("nextToken"),
        )
        executions = [
            {
                "executionArn": execution.execution_arn,
                "stateMachineArn": execution.state_machine_arn,
                "name": execution.name,
                "status": execution.status,
                "startDate": execution.start_date,
                **({"stopDate": execution.stop_date} if execution.stop_date else {}),
            }
            for execution in results
        ]
        return ActionResult({"executions": executions, **({"nextToken": next_token} if next_token else {})})

    def get_execution_history(self) -> ActionResult:
        """In pages of `maxResults` (at most 1,000), `reverseOrder` and `includeExecutionData` honoured."""
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        events = execution.history.events()
        if self._get_bool_param("reverseOrder"):
            events.reverse()
        if self._get_bool_param("includeExecutionData") is False:
            events = [_without_data(event) for event in events]
        start = _start_of(self._get_param("nextToken"))
        end = start + min(self._get_int_param("maxResults") or 100, 1000)
        response: dict[str, object] = {"events": events[start:end]}
        if end < len(events):
            response["nextToken"] = base64.b64encode(str(end).encode()).decode()
        return ActionResult(response)

    def stop_execution(self) -> ActionResult:
        """With the caller's error and cause."""
        execution = self.stepfunction_backend.halt_execution(
            self._get_param("executionArn"), self._get_param("error"), self._get_param("cause")
        )
        return ActionResult({"stopDate": execution.stop_date})


def _without_data(event: dict[str, object]) -> dict[str, object]:
    return {
        key: {name: item for name, item in value.items() if name not in _DATA} if isinstance(value, dict) else value
        for key, value in event.items()
    }


def _start_of(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.b64decode(token))
    except ValueError as error:
        raise InvalidToken(f"'{token}'") from error
