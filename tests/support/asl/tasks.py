"""What every task must say about time and failure, and which errors it may name."""

import inspect
from collections.abc import Iterator

from stagegate.core import errors

from .integrations import errors_of
from .machine import Fields, Level

# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
STEP_FUNCTIONS_ERRORS = frozenset(
    f"States.{name}"
    for name in (
        "ALL",
        "DataLimitExceeded",
        "ExceedToleratedFailureThreshold",
        "HeartbeatTimeout",
        "Http.Socket",
        "IntrinsicFailure",
        "ItemReaderFailed",
        "NoChoiceMatched",
        "ParameterPathFailure",
        "Permissions",
        "QueryEvaluationError",
        "ResultPathMatchFailure",
        "ResultWriterFailed",
        "Runtime",
        "TaskFailed",
        "Timeout",
    )
)
LAMBDA_ERRORS = frozenset(
    {
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.SdkClientException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
        "Runtime.ExitError",
        "Sandbox.Timedout",
    }
)

OURS = {
    name: error
    for name, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, errors.StagegateError)
}
RETRYABLE = {
    name for name, error in OURS.items() if issubclass(error, errors.RetryableError) and not error.__subclasses__()
}


def failure_problems(level: Level) -> list[str]:
    """Find tasks without a time limit, without retries, or whose failure nobody catches; and errors nobody raises."""
    return [f"{level.name}.{name}: {problem}" for name, state in level.states.items() for problem in _of(level, state)]


def _of(level: Level, state: Fields) -> Iterator[str]:
    if state["Type"] == "Task":
        if "TimeoutSeconds" not in state:
            yield "no TimeoutSeconds"
        if "Retry" not in state:
            yield "no Retry"
        if "Catch" not in state and not _caught_outside(level):
            yield "no Catch, here or around it"
    for rule in [*state.get("Retry", []), *state.get("Catch", [])]:
        for error in rule["ErrorEquals"]:
            if not _exists(error, state.get("Resource", "")):
                yield f"{error} is no error of Step Functions, of Lambda, of this task's service or of stagegate"
    retried = {error for rule in state.get("Retry", []) for error in rule["ErrorEquals"]}
    if retried & set(OURS) and not retried >= RETRYABLE:  # Step Functions compares names, it knows no subclasses
        yield f"retries some retryable errors and not {', '.join(sorted(RETRYABLE - retried))}"


def _caught_outside(level: Level) -> bool:
    if level.outer is None:
        return False
    around, name = level.outer
    return "Catch" in around.states[name] or _caught_outside(around)


def _exists(error: str, resource: str) -> bool:
    service, _, name = error.partition(".")
    return error in STEP_FUNCTIONS_ERRORS | LAMBDA_ERRORS | set(OURS) or f"{service.lower()}.{name}" in errors_of(
        resource
    )
