"""AWS's refusals, in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from stagegate.core.errors import RefusedError, ThrottledError

_PASSING = frozenset(
    {
        "ConcurrentModificationException",
        "ConflictException",
        "DependencyTimeoutException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "KMSInternalException",
        "OperationAborted",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServerException",
        "ServerInternalException",
        "ServiceException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

_PASSING_REASONS = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})
"""Why DynamoDB cancels a transaction that may succeed a little later ("TransactWriteItems", API reference). A conflict
is ordinary here: every event about a subject writes the claim that the subject's run checks."""


def code_of(error: ClientError) -> str:
    """Return AWS's error code, such as `AccessDeniedException`."""
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise AWS's errors from the block as ours, naming what was being done.

    Throttling, faults of AWS and lost connections become ThrottledError, which is tried again; everything else that
    the caller didn't expect becomes RefusedError, which is not.
    """
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        message = error.response.get("Error", {}).get("Message", "")
        kind = ThrottledError if code in _PASSING or _is_conflict(error) else RefusedError
        raise kind(f"{doing}: {error.operation_name} was refused: {code}: {message}") from error
    except BotoCoreError as error:
        raise ThrottledError(f"{doing}: {error}") from error


def _is_conflict(error: ClientError) -> bool:
    """Tell whether a transaction was cancelled for nothing but reasons that pass."""
    codes = {str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])} - {"None"}
    return bool(codes) and codes <= _PASSING_REASONS
