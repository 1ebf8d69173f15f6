"""Errors that the product can't tell apart: what follows from one of them at a call follows from the others, too.

A function's code sees of an error whether the SDK tries again by itself, whether it passes (`stagegate.aws.errors`),
and its code, if that stands anywhere in the sources. A state machine sees the names in its lists of errors.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from botocore.exceptions import ClientError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from sandbox.kernel.wire.models import service_model
from sandbox.services.stepfunctions.definitions.resources import resource_of

ROOT = Path(__file__).parents[2]
_CODES: frozenset[str] = frozenset(
    {
        *vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"],
        *vars(TransientRetryableChecker)["_TRANSIENT_ERROR_CODES"],
    }
)
_STATUSES: frozenset[int] = frozenset(vars(TransientRetryableChecker)["_TRANSIENT_STATUS_CODES"])

Alike = tuple[str, ...]
"""What of an error can be seen. Errors of one call for which this is the same are alike."""


def seen_by_a_function(service: str, operation: str, code: str, status: int) -> Alike:
    """What a function of the product can see of an error."""
    from stagegate.aws.errors import is_passing  # the product is imported by the simulation, with its clock

    answer = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    passes = is_passing(ClientError(answer, operation))  # type: ignore[arg-type]  # it has what is looked at
    again = code in _CODES or status in _STATUSES or code in _retried_by_its_model(service, operation)
    return (
        "the SDK tries again" if again else "the SDK raises it",
        "passes" if passes else "stays",
        code if code in words_of_the_functions() else "",
    )


def seen_by_a_state_machine(service: str, operation: str, code: str) -> Alike:
    """What a state machine of the product can see of an error: by each of the ways in which it makes that call."""
    text = _definitions()
    names = [
        resource.error_name(code)
        for resource in map(resource_of, sorted(set(re.findall(r"arn:aws:states:::[\w:-]+", text))))
        if (resource.service, resource.operation) == (service, operation)
    ]
    return ("a state machine", *(name if re.search(rf"\b{re.escape(name)}\b", text) else "" for name in names))


@cache
def words_of_the_functions() -> frozenset[str]:
    """Every word in the product's Python sources."""
    paths = [*(ROOT / "layers" / "stagegate").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    return frozenset(word for path in paths for word in re.findall(r"\w+", path.read_text()))


@cache
def _definitions() -> str:
    paths = (ROOT / "statemachines").glob("*.yaml")
    return "\n".join(path.read_text() for path in paths).replace("${Partition}", "aws")


@cache
def _retried_by_its_model(service: str, operation: str) -> frozenset[str]:
    shapes = service_model(service).operation_model(operation).error_shapes
    return frozenset(
        shape.metadata.get("error", {}).get("code") or shape.name for shape in shapes if shape.metadata.get("retryable")
    )
