"""Record: what a run has done, once it is verified."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.json import from_json
from stagegate.ledger import write
from stagegate.plans.grants import Grant
from stagegate.plans.plan import Plan
from stagegate.subjects.hubs.messages import models_in
from stagegate.surfaces.hub_contents.changes import SetReferences

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = write.PERMISSIONS


def record(dynamodb: "DynamoDBClient", environment: Environment, request: Mapping[str, Any]) -> dict[str, Any]:
    """Put down the outcome of a run.

    `request` has `record` (the plan), `grants` (as verified, or as they were), `lines`, `execution`, `round`, `changes`
    and `at`, when the plan was made: a repeated request has to be the same to the letter.
    Raises ClaimLostError if the execution no longer holds the claim.
    """
    write.record(
        dynamodb,
        environment.table,
        from_json(Plan, request["record"]),
        [from_json(Grant, grant) for grant in request["grants"]],
        lines=request["lines"],
        models=models_in(_references(request.get("changes", ()))),
        holder=request["execution"],
        round_=request["round"],
        now=datetime.fromisoformat(request["at"]),
    )
    return {"recorded": request["record"]["subject"]["arn"]}


def _references(changes: Iterable[Mapping[str, Any]]) -> Iterator[SetReferences]:
    return (from_json(SetReferences, found["change"]) for found in changes if found["kind"] == SetReferences.__name__)


def client() -> "DynamoDBClient":
    """Return the client that writes. A transaction carries a token, so the SDK may repeat it."""
    return boto3.client("dynamodb", config=REPEATABLE)
