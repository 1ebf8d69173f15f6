"""Reading all that is on record about one subject, in as few calls as it takes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stagegate.approvals.kept import Head, Kept
from stagegate.approvals.records import AuditRecord
from stagegate.aws.errors import translated
from stagegate.core.errors import ThrottledError
from stagegate.ledger import approvals, items, withdrawal
from stagegate.plans.blindness import Blind
from stagegate.plans.grants import FailedImport, Grant, View

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = withdrawal.READ_PERMISSIONS | {"dynamodb:BatchGetItem", "dynamodb:Query"}

MOST_KEYS = 100
"""What BatchGetItem takes at once (API reference)."""
_ATTEMPTS = 4
_HISTORY_PAGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a subject is read, by the run of `execution`.

    `has_approvals`: its kind has any. `is_whole`: everything is read and compared, whatever the run before has left.
    `notes`: the only targets that it can have notes of beside those that its view names; None where that isn't known
    before. `is_withdrawn`: whether Stagegate is; None where that has to be read.
    """

    execution: str
    has_approvals: bool = True
    is_whole: bool = False
    notes: Collection[str] | None = None
    is_withdrawn: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the ledger has about a subject. `began` is the execution that took the claim first since a run last ended
    well (None where nobody holds it): if that isn't the one that asks, a run has died or failed half-way.

    `flaw` is what doesn't fit in its approvals: then none of them counts, and `kept.head` is the one noted last.
    `is_withdrawn`: somebody has withdrawn Stagegate, and nothing is to be open.
    """

    view: View
    kept: Kept = field(default=Kept())
    began: str | None = None
    flaw: str = ""
    is_withdrawn: bool = False

    @property
    def records(self) -> tuple[AuditRecord, ...]:
        """Who changed it."""
        return self.kept.records


def read(dynamodb: "DynamoDBClient", table: str, arn: str, how: Reading) -> Recorded:
    """Return the view and the approvals of a subject, strongly consistent; empty ones for a new subject.

    An event's run reads what counts now in one call with the view, and goes on from there only if that doesn't say
    everything.
    """
    asked = [withdrawal.key()] if how.is_withdrawn is None else []
    if not how.has_approvals or how.is_whole:
        is_withdrawn = bool(_got(dynamodb, table, asked)) if asked else bool(how.is_withdrawn)
        recorded = replace(_subject(dynamodb, table, arn), is_withdrawn=is_withdrawn)
        return _compared(dynamodb, table, recorded, arn) if how.has_approvals else recorded
    notes = how.notes
    if notes is None or len(notes) + 4 > MOST_KEYS:
        recorded = _subject(dynamodb, table, arn)
        current, is_withdrawn = _now(_got(dynamodb, table, [_current(arn), *asked]), how)
    else:
        keys = [items.key(items.subject_key(arn), sk) for sk in (items.VIEW, items.CLAIM, *_notes(notes))]
        found = _got(dynamodb, table, [_current(arn), *asked, *keys])
        current, is_withdrawn = _now(found, how)
        own = (item for item in found if item["sk"] != items.CURRENT)
        recorded = _recorded(own, takes_its_word=True)
        targets = {grant.target for grant in recorded.view.grants if grant.target}
        if targets - recorded.view.written.keys() or recorded.began not in (None, how.execution):
            recorded = _subject(dynamodb, table, arn)
    recorded = replace(recorded, is_withdrawn=is_withdrawn)
    if recorded.began not in (None, how.execution):
        return _compared(dynamodb, table, recorded, arn)
    kept = approvals.current_of(current)
    return replace(recorded, kept=approvals.read(dynamodb, table, arn).kept if kept is None else kept)


def _now(found: Iterable[dict[str, Any]], how: Reading) -> tuple[dict[str, Any] | None, bool]:
    """Return the item of what counts now of the approvals, None for none, and whether Stagegate is withdrawn."""
    current = {item["pk"]: item for item in found if item["sk"] == items.CURRENT}
    is_withdrawn = current.pop(items.WITHDRAWAL, None) is not None
    return next(iter(current.values()), None), is_withdrawn or bool(how.is_withdrawn)


def _compared(dynamodb: "DynamoDBClient", table: str, recorded: Recorded, arn: str) -> Recorded:
    """Return what is on record with all the approvals, compared with what the history of runs has of them."""
    whole = approvals.read(dynamodb, table, arn, lambda: _noted(dynamodb, table, arn))
    return replace(recorded, kept=whole.kept, flaw=whole.flaw)


def _noted(dynamodb: "DynamoDBClient", table: str, arn: str) -> Head:
    """Return the head of the approvals that the last run with any has noted."""
    with translated(f"read the history of {arn}"):
        for page in dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": items.history_key(arn)}},
            ConsistentRead=True,
            ScanIndexForward=False,
            PaginationConfig={"PageSize": _HISTORY_PAGE},
        ):
            for found in map(items.values, page["Items"]):
                if "approvals" in found:
                    return Head(number=int(found["approvals"]["number"]), digest=found["approvals"]["digest"])
    return Head()


def _subject(dynamodb: "DynamoDBClient", table: str, arn: str) -> Recorded:
    with translated(f"read the record of {arn}"):
        pages = dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": items.subject_key(arn)}},
            ConsistentRead=True,
        )
        return _recorded(found for page in pages for found in map(items.values, page["Items"]))


def _got(dynamodb: "DynamoDBClient", table: str, keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return those of the items that are there. Raises ThrottledError if DynamoDB leaves some unread all the time."""
    left = keys
    read_: list[dict[str, Any]] = []
    with translated("read a subject's record"):
        for _ in range(_ATTEMPTS):
            answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": left, "ConsistentRead": True}})
            read_ += map(items.values, answer["Responses"].get(table, ()))
            unread = answer.get("UnprocessedKeys", {})
            if table not in unread:
                return read_
            left = unread[table]["Keys"]
    raise ThrottledError(f"read a subject's record: DynamoDB left {len(left)} items unread")


def _current(arn: str) -> dict[str, Any]:
    return items.key(items.approvals_key(arn), items.CURRENT)


def _notes(targets: Iterable[str]) -> list[str]:
    return [f"{items.WRITTEN}{target}" for target in sorted(targets)]


def _recorded(found: Iterable[dict[str, Any]], *, takes_its_word: bool = False) -> Recorded:
    """Return what a subject's items say, whatever order they come in.

    With `takes_its_word`, what the view says of its targets stands for their own notes, which weren't read.
    """
    view = View()
    began: str | None = None
    written: dict[str, str] = {}
    noted: dict[str, str] = {}
    failed: dict[str, FailedImport] = {}
    for item in found:
        if item["sk"] == items.VIEW:
            view = _view(item)
            noted = item.get("notes", {}) if takes_its_word else {}
        elif item["sk"] == items.CLAIM:
            began = item.get("began")
        elif item["sk"].startswith(items.WRITTEN):
            written[item["sk"].removeprefix(items.WRITTEN)] = item.get("digest", "")
        elif item["sk"].startswith(items.FAILED):
            failure = FailedImport(digest=item["digest"], approval=item["approval"], detail=item["detail"])
            failed[item["sk"].removeprefix(items.FAILED)] = failure
    return Recorded(view=replace(view, written={**noted, **written}, failed=failed), began=began)


def _view(found: dict[str, Any]) -> View:
    return View(
        status=found.get("status", ""),
        version=int(found["version"]) if found.get("version") is not None else None,
        content_hash=found.get("content_hash"),
        records=int(found["records"]) if "records" in found else None,
        by=found.get("by", ""),
        last_notified_digest=found.get("last_notified_digest", ""),
        planner_state=found.get("planner_state", {}),
        blind={
            place: Blind(sweeps=int(each["sweeps"]), sweep=each["sweep"])
            for place, each in found.get("blind", {}).items()
        },
        grants=tuple(
            Grant(
                stage=grant["stage"],
                accounts=tuple(grant["accounts"]),
                write=grant["write"],
                permission=grant["permission"],
                since=datetime.fromisoformat(grant["since"]),
                share_arn=grant.get("share_arn"),
                approval=grant.get("approval"),
                approved_by=grant.get("approved_by", ""),
                target=grant.get("target", ""),
                digest=grant.get("digest", ""),
            )
            for grant in found.get("grants", [])
        ),
    )
