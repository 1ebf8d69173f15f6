"""Record: what a run has done, once it is verified."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.errors import cause_of
from stagegate.aws.json import from_json
from stagegate.core.errors import StillOpenError
from stagegate.ledger import write
from stagegate.plans.grants import Grant
from stagegate.plans.record import Outcome, Record
from stagegate.subjects.registry import kind_of
from stagegate.targets.closing import Tried, grants_left, still_open

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = write.PERMISSIONS


def record(dynamodb: "DynamoDBClient", environment: Environment, request: Mapping[str, Any]) -> dict[str, Any]:
    """Record the outcome of a run.

    `request` has `record` (of the plan), `grants` (as verified, or as they were), `lines`, `execution`, `round`,
    `changes`, `results` (of those that were tried, in the same order), `before` (what was on record) and `at`, when the
    plan was made: a repeated request has to be the same to the letter.

    Raises ClaimLostError if the execution no longer holds the claim; StillOpenError, once it is recorded what is open
    then, where something could not be closed.
    """
    planned = from_json(Record, request["record"])
    recording = kind_of(planned.subject).recording()
    found = replace(planned, grants=tuple(from_json(Grant, grant) for grant in request["grants"]))
    lines, changes = tuple(request["lines"]), request.get("changes", ())
    tried = _tried(request)
    left = ""
    if any(each.failure for each in tried):
        before = tuple(from_json(Grant, grant) for grant in request["before"]["grants"])
        lines, changes = tuple(each.line for each in tried if not each.failure), ()
        left = still_open(before, tried)
        found = replace(
            planned,
            outcome=Outcome.STILL_OPEN,
            grants=grants_left(before, planned.grants, tried),
            last_notified_digest="",
            planner_state=request["before"]["planner_state"],
        )
    by = write.Round(
        execution=request["execution"],
        number=request["round"],
        at=datetime.fromisoformat(request["at"]),
        has_approvals=bool(kind_of(planned.subject).calls),
        lines=lines,
        models=recording.names_in(changes) if recording else {},
    )
    write.record(dynamodb, environment.table, found, by)
    if left:
        raise StillOpenError(left)
    return {"recorded": found.subject.arn}


def _tried(request: Mapping[str, Any]) -> tuple[Tried, ...]:
    """Return the closes of a plan, which were tried before anything else, each with how it ended."""
    return tuple(
        Tried(line=line, places=tuple(change["places"]), failure=_failure(result.get("not_closed")))
        for change, line, result in zip(
            request.get("changes", ()), request["lines"], request.get("results", ()), strict=False
        )
        if change["closes"]
    )


def _failure(found: Mapping[str, str] | None) -> str:
    return f"{found['error']}: {cause_of(found['cause'])}" if found else ""


def client() -> "DynamoDBClient":
    """Return the client that writes. A transaction carries a token, so the SDK may repeat it."""
    return boto3.client("dynamodb", config=REPEATABLE)
