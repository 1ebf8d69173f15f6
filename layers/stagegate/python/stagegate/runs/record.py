"""Record: what a run has done, once it is verified, and the own events that tell programs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stagegate.approvals.kept import Head
from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.errors import cause_of
from stagegate.aws.json import from_json
from stagegate.aws.sessions import own_session
from stagegate.core.errors import StagegateError, StillOpenError
from stagegate.core.messages.mail import labels_from
from stagegate.core.own_events import OwnEvent, own_event, to_tell_again
from stagegate.ledger import links, write
from stagegate.plans.grants import Grant
from stagegate.plans.record import Outcome, Record
from stagegate.runs.own_events import put
from stagegate.runs.own_events.decide import Said, own_events
from stagegate.subjects.registry import kind_of
from stagegate.targets.closing import Tried, grants_left, still_open

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient

PERMISSIONS = write.PERMISSIONS | links.READ_PERMISSIONS | put.PERMISSIONS


def record(
    dynamodb: "DynamoDBClient",
    environment: Environment,
    request: Mapping[str, Any],
    events: "Callable[[], EventBridgeClient]" = put.client,
) -> dict[str, Any]:
    """Record the outcome of a run, and then put the own events of it. The answer says how many, and which accounts'
    buses took one of them not.

    `request` has `record` (of the plan), `grants` (as verified, or as they were), `lines`, `execution`, `round`,
    `changes`, `results` (of those that were tried, in the same order), `labels` of the message, whether people are
    `told`, `before` (what was recorded, and `unsaid`, the events that the run before may have left) and `at`, when the
    plan was made: a repeated request has to be the same to the letter. It puts the same events again. The answer says
    whether the subject `may_be_followed`, too: False only of one whose word is another, and that nobody follows.

    Raises ClaimLostError if the execution no longer holds the claim; StillOpenError, once it is recorded what is open
    then, where something could not be closed; ThrottledError, RefusedError where all of it is on record, and an event
    of it wasn't put: the next run puts it, and as many of those before as it can (`to_tell_again`).
    """
    planned = from_json(Record, request["record"])
    recording = kind_of(planned.subject).recording()
    found = replace(planned, grants=tuple(from_json(Grant, grant) for grant in request["grants"]))
    lines, changes = tuple(request["lines"]), request.get("changes", ())
    tried = _tried(request)
    before = tuple(from_json(Grant, grant) for grant in request["before"]["grants"])
    left = ""
    if any(each.failure for each in tried):
        lines, changes = tuple(each.line for each in tried if not each.failure), ()
        left = still_open(before, tried)
        found = replace(
            planned,
            outcome=Outcome.STILL_OPEN,
            grants=grants_left(before, planned.grants, tried),
            last_notified_digest="",
            planner_state=request["before"]["planner_state"],
        )
    said = Said(
        execution=request["execution"],
        round=request["round"],
        at=request["at"],
        labels=labels_from(request["labels"]),
        told=request["told"],
        sequence=request["before"]["sequence"],
    )
    news = own_events(before, found, said)
    unsaid = tuple(own_event(each) for each in request["before"]["unsaid"])
    again = to_tell_again(unsaid, news)
    by = write.Round(
        execution=said.execution,
        number=said.round,
        at=datetime.fromisoformat(request["at"]),
        has_approvals=bool(kind_of(planned.subject).calls),
        lines=lines,
        models=recording.names_in(changes) if recording else {},
        own_events=again,
        sequence=said.sequence + len(news),
        after=_after(request["before"]),
        is_first=request["before"].get("is_first", False),
    )
    write.record(dynamodb, environment.table, found, by)
    try:
        refused = put.put(events, environment, found.subject.partition, (*unsaid, *news))
    except StagegateError as error:
        text = f"{error}{_given_up(unsaid, again)}"
        raise (StillOpenError(f"{left} Besides, {text}") if left else type(error)(text)) from error
    if left:
        raise StillOpenError(left)
    return {
        "recorded": found.subject.arn,
        "events": len(unsaid) + len(news),
        "refused_by": list(refused),
        "may_be_followed": _may_be_followed(dynamodb, environment.table, planned),
    }


def _given_up(unsaid: Sequence[OwnEvent], again: Collection[OwnEvent]) -> str:
    """Say which events no run tells any more, "" for none."""
    gone = [each.sequence for each in unsaid if each not in again]
    if not gone:
        return ""
    return f"; too many wait, and no run tells those any more whose sequence is {gone[0]} to {gone[-1]}"


def _may_be_followed(dynamodb: "DynamoDBClient", table: str, record: Record) -> bool:
    """Tell whether anybody may follow a subject whose word is recorded as another now.

    Asked before, this could miss a package: one that begins to follow a card is recorded only while that card's record
    is the one that it was planned by (`ledger.links`). So who comes later knows the word, and who came before is here.
    """
    if not record.linking.starts:
        return True
    try:
        found, _ = links.following(dynamodb, table, record.subject.arn, "", limit=1)
    except StagegateError:
        return True  # to start their runs for nothing changes nothing
    return bool(found)


def _after(before: Mapping[str, Any]) -> Head | None:
    """Return where the chain ended when the run was planned; None where nobody has looked."""
    return from_json(Head, before["chain"]) if before.get("chain") else None


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
    return own_session().client("dynamodb", config=REPEATABLE)
