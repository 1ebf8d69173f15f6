"""Recording what a run has done, as the holder of the claim and as nobody else."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stagegate.approvals.kept import Head
from stagegate.aws.errors import translated
from stagegate.core.errors import ClaimLostError, PlannedByOlderCardError, ThrottledError
from stagegate.core.own_events import OwnEvent
from stagegate.evidence.chain import VIEW, view_digest_of
from stagegate.ledger import items, links
from stagegate.ledger.chains import head as chain
from stagegate.ledger.claims import claim_was_lost, held_by
from stagegate.plans.grants import Grant
from stagegate.plans.record import Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

PERMISSIONS = links.WRITE_PERMISSIONS | chain.PERMISSIONS | {"dynamodb:ConditionCheckItem", "dynamodb:PutItem"}

_ATTEMPTS = 6
_ENTRY, _HEAD = 1, 2
"""Where they are among the writes of the transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of an execution, and what it has done. `at` is when it was planned. `has_approvals`: the
    subject's kind has any.

    `models` names every model that a hub's round has removed, changed or added: its lines only count them.
    `own_events` are those that the next run puts if this one can't, and `sequence` is the last one's, or the one that
    was on record.
    `after` is where the subject's chain of entries ended when the round was planned, None where nobody has looked, and
    `is_first`: nothing was recorded of the subject by then.
    """

    execution: str
    number: int
    at: datetime
    has_approvals: bool = True
    lines: tuple[str, ...] = ()
    models: Mapping[str, Collection[str]] = field(default_factory=dict)
    own_events: tuple[OwnEvent, ...] = ()
    sequence: int = 0
    after: Head | None = None
    is_first: bool = False


def record(dynamodb: "DynamoDBClient", table: str, found: Record, by: Round) -> None:
    """Record what is open now, what was changed and what was found: all of it or nothing.

    Raises ClaimLostError if this run no longer holds the claim, and PlannedByOlderCardError where a package begins to
    follow a card that was recorded since the package was planned, and ThrottledError while others write to its history
    all the time. Running twice is running once: an entry is put only where there is none, and finds itself there.
    """
    arn, holder = found.subject.arn, by.execution
    said = {
        "status": found.status,
        "version": found.version,
        "content_hash": found.content_hash,
        "outcome": found.outcome.value,
        "grants": [_grant(grant) for grant in found.grants],
        "findings": [{"code": f.code, "severity": f.severity.value, "detail": f.detail} for f in found.findings],
        "execution": holder,
        "at": items.text_of(by.at),
    }
    left = {
        "last_notified_digest": found.last_notified_digest,
        "planner_state": dict(found.planner_state) or None,
        "blind": {place: {"sweeps": b.sweeps, "sweep": b.sweep} for place, b in found.blind.items()} or None,
        "notes": dict(found.notes) or None,
        "records": found.records,
        "by": found.by or None,
        "sequence": by.sequence or None,
        "own_events": [each.as_values() for each in by.own_events] or None,
    }
    # Beside the claim as well: there the release before reads it, if somebody goes back to that one.
    places = [items.subject_key(arn), *([items.view_key(arn)] if by.has_approvals else [])]
    views = [items.item(place, items.VIEW, {**said, **left}) for place in places]
    head = found.head
    done = {
        VIEW: view_digest_of(items.values(views[0])),
        "approvals": {"number": head.number, "digest": head.digest} if head.number else None,
        "changes": list(by.lines),
        "models": {each: list(names) for each, names in by.models.items() if names} or None,
    }
    history = items.item(items.history_key(arn), f"{items.text_of(by.at)}#{holder}#{by.number}", {**said, **done})
    after = by.after
    for _ in range(_ATTEMPTS):
        after = chain.head(dynamodb, table, arn) if after is None else after
        writes: list[TransactWriteItemTypeDef] = [
            held_by(table, arn, holder),
            *chain.writes(table, arn, history, after, begins=by.is_first),
        ]
        writes += [{"Put": {"TableName": table, "Item": view}} for view in views]
        at_first = len(writes)
        writes += links.writes(table, arn, found.linking)
        token = hashlib.sha256(f"{holder}#{by.number}#{after.digest}".encode()).hexdigest()[:36]
        with translated(f"record {arn}"):
            try:
                dynamodb.transact_write_items(TransactItems=writes, ClientRequestToken=token)
            except ClientError as error:
                if chain.is_there(error, history, at=_ENTRY):
                    return
                if claim_was_lost(error):
                    raise ClaimLostError(
                        f"{arn}: the claim is no longer held by {holder}; nothing was recorded"
                    ) from error
                if chain.has_moved(error, at=_HEAD):
                    after = None
                    continue
                if links.a_card_was_recorded(error, after=at_first):
                    raise PlannedByOlderCardError(
                        f"{arn}: a card was recorded since this was planned, and starts no run of it yet; nothing was"
                        " recorded"
                    ) from error
                raise
        return
    raise ThrottledError(f"record {arn}: others write to its history all the time")


def _grant(grant: Grant) -> dict[str, Any]:
    stored = {
        "stage": grant.stage,
        "accounts": list(grant.accounts),
        "write": grant.write,
        "permission": grant.permission,
        "since": items.text_of(grant.since),
        "share_arn": grant.share_arn,
        "approval": grant.approval,
        "approved_by": grant.approved_by or None,
        "target": grant.target or None,
        "digest": grant.digest or None,
        "audience": grant.audience or None,
    }
    return {name: value for name, value in stored.items() if value is not None}
