"""Record: what a run has done, once it is verified."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.json import from_json
from stagegate.ledger import write
from stagegate.plans.grants import Grant
from stagegate.plans.record import Record
from stagegate.subjects.registry import kind_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = write.PERMISSIONS


def record(dynamodb: "DynamoDBClient", environment: Environment, request: Mapping[str, Any]) -> dict[str, Any]:
    """Record the outcome of a run.

    `request` has `record` (of the plan), `grants` (as verified, or as they were), `lines`, `execution`, `round`,
    `changes` and `at`, when the plan was made: a repeated request has to be the same to the letter.
    Raises ClaimLostError if the execution no longer holds the claim.
    """
    planned = from_json(Record, request["record"])
    recording = kind_of(planned.subject).recording()
    found = replace(planned, grants=tuple(from_json(Grant, grant) for grant in request["grants"]))
    by = write.Round(
        execution=request["execution"],
        number=request["round"],
        at=datetime.fromisoformat(request["at"]),
        lines=tuple(request["lines"]),
        models=recording.names_in(request.get("changes", ())) if recording else {},
    )
    write.record(dynamodb, environment.table, found, by)
    return {"recorded": found.subject.arn}


def client() -> "DynamoDBClient":
    """Return the client that writes. A transaction carries a token, so the SDK may repeat it."""
    return boto3.client("dynamodb", config=REPEATABLE)
