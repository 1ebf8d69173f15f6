"""AWS's refusals, in our words."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from stagegate.core.errors import RefusedError, ThrottledError
from stagegate.core.untrusted import reason

_FAULTS = 500
_PASSING_STATUSES = frozenset({408, 429})
_PASSING = frozenset(
    {
        "BandwidthLimitExceeded",
        "ConcurrentAccess",
        "ConcurrentModification",
        "ConcurrentModificationException",
        "ConditionalRequestConflict",
        "ConflictException",
        "KMSThrottling",
        "KMSThrottlingException",
        "KmsThrottled",
        "KmsThrottlingException",
        "OperationAborted",
        "OverLimit",
        "PolicyChangesInProgressException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServerException",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""What passes though its status may be 400 or 409: too many calls, and others who write at the same time. What has a
status of its own (5xx, 429) needs no name. `tests/contract/test_passing_errors.py` compares this with botocore's models
of every operation that the code calls: no model is loaded here."""

_PASSING_REASONS = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})
"""Why DynamoDB cancels a transaction that may succeed a little later ("TransactWriteItems", API reference). A conflict
is ordinary here: every event about a subject writes the claim that the subject's run checks."""

_CUT = re.compile(r'^\s*\{.*?"errorMessage"\s*:\s*"((?:[^"\\]|\\.)*)', re.DOTALL)
"""The words within what is left of a Lambda function's cause."""

_GONE = ("ResourceNotFound", "ResourceNotFoundException")
# DescribeModelPackage and DescribeModelPackageGroup have no error shapes of their own in botocore's model; of what
# isn't there they say this.
_NO_SUCH = "does not exist"


def code_of(error: ClientError) -> str:
    """Return AWS's error code, such as `AccessDeniedException`."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise AWS's errors from the block as ours, naming what was being done.

    Throttling, faults of AWS and lost connections become ThrottledError, which is tried again (`is_passing`);
    everything else that the caller didn't expect becomes RefusedError, which is not.
    """
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        message = error.response.get("Error", {}).get("Message", "")
        kind = ThrottledError if is_passing(error) else RefusedError
        raise kind(f"{doing}: {error.operation_name} was refused: {code}: {reason(message)}") from error
    except ParamValidationError as error:
        raise RefusedError(f"{doing}: {reason(error)}") from error
    except BotoCoreError as error:
        raise ThrottledError(f"{doing}: {reason(error)}") from error


def is_passing(error: ClientError) -> bool:
    """Tell whether the same call may succeed a little later, by AWS's status and code."""
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return status >= _FAULTS or status in _PASSING_STATUSES or code_of(error) in _PASSING or _is_conflict(error)


def _is_conflict(error: ClientError) -> bool:
    """Tell whether a transaction was cancelled for nothing but reasons that pass."""
    codes = {str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])} - {"None"}
    return bool(codes) and codes <= _PASSING_REASONS


def is_gone(error: ClientError) -> bool:
    """Tell whether SageMaker means that there is no such package, or no such group."""
    message = str(error.response.get("Error", {}).get("Message", ""))
    return code_of(error) in _GONE or (code_of(error) == "ValidationException" and _NO_SUCH in message)


def cause_of(found: str) -> str:
    """Return what went wrong in words. Lambda's cause is a JSON object around them, which somebody may have cut: its
    stack trace is longer than the words.
    """
    try:
        return str(json.loads(found)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        pass
    message = _CUT.search(found)
    if message is None:
        return found
    try:
        return str(json.loads(f'"{message[1]}"'))
    except ValueError:  # cut within an escaped character
        return message[1]
