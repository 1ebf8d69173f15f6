"""How a state fails."""

from __future__ import annotations

QUERY_EVALUATION = "States.QueryEvaluationError"
RUNTIME = "States.Runtime"
TIMEOUT = "States.Timeout"
DATA_LIMIT = "States.DataLimitExceeded"
TASK_FAILED = "States.TaskFailed"
NO_CHOICE = "States.NoChoiceMatched"


class StateError(Exception):
    """An ASL error: `error` is the name that Retry and Catch match, `cause` a text for people."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause

    def output(self) -> dict[str, str]:
        """What `$states.errorOutput` holds."""
        return {"Error": self.error, "Cause": self.cause}


def matches(error: str, names: list[str]) -> bool:
    """Whether a retrier's or catcher's `ErrorEquals` covers `error`.

    `States.ALL` covers neither `States.DataLimitExceeded` nor `States.Runtime`, and `States.TaskFailed`, besides
    those, no timeout:
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    if error in names:
        return True
    if error in (DATA_LIMIT, RUNTIME):
        return False
    return "States.ALL" in names or (TASK_FAILED in names and error != TIMEOUT)


class Halted(BaseException):
    """The execution was stopped or ran out of time: unwinds the interpreter, past every Retry and Catch."""
