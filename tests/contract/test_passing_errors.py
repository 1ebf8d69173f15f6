"""What passes is tried again: each error of each operation that the code calls, by AWS's own models.

The operations are those that the roles' permissions name, so that a new call brings its errors here by itself.
"""

import re
import runpy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from stagegate.aws.errors import is_passing, translated
from stagegate.core.errors import RefusedError, ThrottledError
from tests.support.scripted import refusal

ROOT = Path(__file__).parents[2]

SERVICES = {"states": "stepfunctions"}
"""botocore's names of services whose actions have another prefix."""
NAMED_OTHERWISE: dict[str, tuple[str, ...]] = {
    "bedrock:InvokeModel": ("bedrock-runtime:InvokeModel",),
    "dynamodb:ConditionCheckItem": ("dynamodb:TransactWriteItems",),
    "s3:GetBucketPublicAccessBlock": ("s3:GetPublicAccessBlock",),
    "s3:GetEncryptionConfiguration": ("s3:GetBucketEncryption",),
    "s3:GetObject": ("s3:GetObject", "s3:HeadObject"),
    "s3:GetObjectVersion": ("s3:GetObject", "s3:HeadObject"),
    "s3:ListAllMyBuckets": ("s3:ListBuckets",),
    "s3:ListBucket": ("s3:ListObjectsV2", "s3:HeadBucket"),
    "s3:ListBucketVersions": ("s3:ListObjectVersions",),
}
"""The operations behind actions that are no operation's name (service authorization reference)."""
NO_CALLS = {
    "iam:PassRole": "a right to name a role in another call",
    "sagemaker:DeleteResourcePolicy": "RAM does it, in the name of whoever shares",
    "sagemaker:GetResourcePolicy": "RAM does it, in the name of whoever shares",
    "sagemaker:PutResourcePolicy": "RAM does it, in the name of whoever shares",
}
"""Actions without an operation of their own."""

PASSING = {
    "cloudwatch:ConflictException": "two writers of one thing",
    "bedrock:ConflictException": "a conflict with what is in progress",
    "iam:ConcurrentModification": "two writers; its own text says to try again",
    "kms:ConflictException": "a conflict with what is in progress",
    "organizations:ConcurrentModificationException": "two writers; its own text says to try again",
    "organizations:PolicyChangesInProgressException": "its own text says to try again later",
    "organizations:ConflictException": "two writers of one thing",
    "sagemaker:ConflictException": "two writers of one thing",
    "stepfunctions:ConflictException": "two writers of one thing",
    "dynamodb:TransactionConflictException": "another transaction has the item",
    "dynamodb:TransactionInProgressException": "the same transaction, not over yet",
}
"""What passes though no model says so: it has a name that may mean either, and somebody has read what it means."""
TERMINAL = {
    "bedrock:ResourceInUseException": "what is deleted is in use, until somebody stops that",
    "bedrock:ServiceQuotaExceededException": "a quota",
    "bedrock:TooManyTagsException": "a quota",
    "dynamodb:ConditionalCheckFailedException": "an answer: the condition doesn't hold",
    "dynamodb:ItemCollectionSizeLimitExceededException": "a limit of size",
    "ecr:LimitExceededException": "a quota",
    "iam:DeleteConflict": "what is deleted has things in it, until somebody takes them out",
    "iam:LimitExceeded": "a quota",
    "kms:KMSInvalidStateException": "a key that is disabled or about to be deleted",
    "kms:LimitExceededException": "a quota",
    "organizations:AWSOrganizationsNotInUseException": "there is no organization",
    "organizations:PolicyInUseException": "what is deleted is attached, until somebody detaches it",
    "ram:InvalidStateTransitionException": "whoever calls says what is in the way (`surfaces/shares/write.py`)",
    "ram:PermissionLimitExceededException": "a quota",
    "ram:ResourceShareLimitExceededException": "a quota",
    "ram:TagLimitExceededException": "a quota",
    "s3:InvalidObjectState": "an archived object, until somebody restores it",
    "sagemaker:ResourceInUse": "whoever calls says what is in the way",
    "sagemaker:ResourceLimitExceeded": "a quota",
    "sns:InvalidState": "a topic's message archive",
    "sns:KMSInvalidState": "a key that is disabled or about to be deleted",
    "stepfunctions:StateMachineDeleting": "what is to be run is about to be gone",
    "sqs:KmsInvalidState": "a key that is disabled or about to be deleted",
    "stepfunctions:ExecutionLimitExceeded": "a quota of a million running executions",
    "stepfunctions:KmsInvalidStateException": "a key that is disabled or about to be deleted",
}
"""What doesn't pass by itself, whatever its name may suggest."""
MAY_MEAN_EITHER = re.compile(
    "Again|Busy|Concurrent|Conflict|Deleting|Exceeded|Fault|InProgress|InUse|Internal|Limit|NotReady|InvalidState|ObjectState|Timeout"
)
THROTTLING = re.compile("Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|ThroughputExceeded|OverLimit")


@dataclass(frozen=True)
class Modelled:
    """An error of an operation: its code, and what its model says of it."""

    service: str
    operation: str
    code: str
    status: int | None
    passes: bool

    @property
    def name(self) -> str:
        return f"{self.service}:{self.code}"

    def raised(self) -> ClientError:
        """As botocore raises it. A model that gives no status is one of a protocol in which refusals have 400."""
        status = self.status or 400
        return refusal(self.code, ResponseMetadata={"HTTPStatusCode": status})


@cache
def model_of(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def called() -> set[str]:
    """Every operation that a function may call, as `service:Operation`."""
    declared: set[str] = set()
    for path in (ROOT / "functions").glob("*/needs.py"):
        found = runpy.run_path(str(path))
        declared |= found["PERMISSIONS"].union(*found.get("MEMBER_PERMISSIONS", {}).values())
    operations = {each for action in declared - NO_CALLS.keys() for each in NAMED_OTHERWISE.get(action, (action,))}
    named = (each.partition(":") for each in operations)
    return {f"{SERVICES.get(service, service)}:{operation}" for service, _, operation in named}


CALLED = sorted(called())


def is_an_operation(named: str) -> bool:
    service, _, operation = named.partition(":")
    return operation in model_of(service).operation_names


def modelled(operations: list[str]) -> Iterator[Modelled]:
    for each in operations:
        service, _, operation = each.partition(":")
        for shape in model_of(service).operation_model(operation).error_shapes:
            # botocore's shapes leave `fault` out: AWS's own word for a 5xx where the protocol gives no status.
            raw: dict[str, Any] = vars(shape)["_shape_model"]
            error = raw.get("error", {})
            status = error.get("httpStatusCode") or (500 if raw.get("fault") else None)
            code = error.get("code") or shape.name
            passes = bool(raw.get("retryable")) or (status or 0) >= 500 or status in (408, 429)
            yield Modelled(service, operation, code, status, passes or bool(THROTTLING.search(code)))


ERRORS = list(modelled([each for each in CALLED if is_an_operation(each)]))


@pytest.mark.parametrize("operation", CALLED)
def test_each_operation_is_one_of_aws(operation: str) -> None:
    """Otherwise its errors would be missed: an action that is no operation belongs into NAMED_OTHERWISE."""
    assert is_an_operation(operation)


@pytest.mark.parametrize("operation", CALLED)
def test_what_passes_is_tried_again_and_nothing_else(operation: str) -> None:
    wrong = {
        error.name: "is refused" if expected else "is tried again"
        for error in ERRORS
        if f"{error.service}:{error.operation}" == operation
        for expected in [error.passes or error.name in PASSING]
        if is_passing(error.raised()) != expected
    }
    assert wrong == {}


def test_what_may_mean_either_was_decided_by_somebody() -> None:
    unclear = {error.name for error in ERRORS if not error.passes and MAY_MEAN_EITHER.search(error.code)}
    assert unclear - PASSING.keys() - TERMINAL.keys() == set()


def test_the_examples_that_were_lost_once_are_called_and_pass() -> None:
    passing = {error.name for error in ERRORS if is_passing(error.raised())}
    assert passing >= {
        "bedrock:InternalServerException",
        "dynamodb:ReplicatedWriteConflictException",
        "iam:ConcurrentModification",
        "iam:ServiceFailure",
        "kms:KMSInternalException",
        "organizations:PolicyChangesInProgressException",
        "organizations:ServiceException",
        "stepfunctions:KmsThrottlingException",
    }


@pytest.mark.parametrize("code", ["KMSThrottling", "KmsThrottlingException", "KmsThrottled", "OverLimit"])
def test_too_much_of_what_a_service_itself_calls_passes(code: str) -> None:
    assert is_passing(refusal(code, ResponseMetadata={"HTTPStatusCode": 400}))


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 599, 408, 429])
def test_a_status_that_passes_passes_whatever_the_code(status: int) -> None:
    with pytest.raises(ThrottledError), translated("read"):
        raise refusal("Whatever", ResponseMetadata={"HTTPStatusCode": status})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 413])
def test_a_refusal_stays_one(status: int) -> None:
    with pytest.raises(RefusedError), translated("read"):
        raise refusal("Whatever", ResponseMetadata={"HTTPStatusCode": status})


def test_what_botocore_tries_again_for_every_service_is_tried_again_here() -> None:
    codes: set[str] = {
        *vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"],
        *vars(TransientRetryableChecker)["_TRANSIENT_ERROR_CODES"],
    }
    # The first is a quota for the services that are called here; the second comes of Lambda's VPCs, with 502.
    lost = {code for code in codes if not is_passing(refusal(code))}
    assert lost == {"LimitExceededException", "EC2ThrottledException"}
