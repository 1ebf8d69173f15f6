"""Reading all that is on record about one subject, in as few calls as it takes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stagegate.approvals.kept import Head, Kept
from stagegate.approvals.records import AuditRecord
from stagegate.approvals.tags.record import TagRecord
from stagegate.aws.errors import translated
from stagegate.core.errors import ThrottledError
from stagegate.core.own_events import own_events_in, with_own_events_of
from stagegate.ledger import approvals, items, units, withdrawal
from stagegate.ledger.chains import head
from stagegate.plans.blindness import Blind
from stagegate.plans.grants import FailedImport, Grant, View

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = withdrawal.READ_PERMISSIONS | {"dynamodb:BatchGetItem", "dynamodb:Query"}

MOST_KEYS = 100
"""What BatchGetItem takes at once (API reference)."""
_ATTEMPTS = 4
_HISTORY_PAGE = 10
_BESIDE = (items.VIEW, items.CURRENT, items.CARDS, items.HEAD, items.OUTSIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a subject is read, by the run of `execution`.

    `has_approvals`: its kind has any. `is_whole`: everything is read and compared, whatever the run before has left.
    `notes`: the only targets that it can have notes of beside those that its view names; None where that isn't known
    before. `is_withdrawn`: whether Stagegate is; None where that has to be read, with who isn't in the organization.
    `is_linked`: cards may name it.
    """

    execution: str
    has_approvals: bool = True
    is_whole: bool = False
    notes: Collection[str] | None = None
    is_withdrawn: bool | None = None
    is_linked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the ledger has about a subject. `began` is the execution that took the claim first since a run last ended
    well (None where nobody holds it): if that isn't the one that asks, a run has died or failed half-way.

    `flaw` is what doesn't fit in its approvals: then none of them counts, and `kept.head` is the one noted last.
    `chain` is where its history ends, None where that wasn't asked: runs ask, and looks of a sweep don't. `is_known`: a
    run of it was recorded. `is_withdrawn`: somebody has withdrawn Stagegate, and nothing is to be open. `named_by` are
    the ARNs of the cards that name it. `outsiders`: the accounts that aren't in the organization, where that was read.
    """

    view: View
    kept: Kept = field(default=Kept())
    began: str | None = None
    flaw: str = ""
    chain: Head | None = None
    is_known: bool = False
    is_withdrawn: bool = False
    named_by: tuple[str, ...] = ()
    outsiders: frozenset[str] = frozenset()

    @property
    def records(self) -> tuple[AuditRecord, ...]:
        """Who changed it."""
        return self.kept.records


def read(dynamodb: "DynamoDBClient", table: str, arn: str, how: Reading) -> Recorded:
    """Return the view and the approvals of a subject, strongly consistent; empty ones for a new subject.

    An event's run reads what counts now in one call with the view, and more only if that doesn't say everything.
    """
    asked = [withdrawal.key(), head.key(arn), units.outsiders_key()] if how.is_withdrawn is None else []
    asked += [items.key(items.naming_key(arn), items.CARDS)] if how.is_linked else []
    if not how.has_approvals:
        beside = got(dynamodb, table, asked) if asked else []
        with translated(f"read the record of {arn}"):
            recorded = _recorded(_partition(dynamodb, table, items.subject_key(arn)))
        return _beside(recorded, beside, how)
    if how.is_whole:
        found = got(dynamodb, table, [_view_of(arn), *asked])
        recorded = _beside(_subject(dynamodb, table, arn, found), found, how)
        return _compared(dynamodb, table, recorded, arn)
    notes = how.notes
    if notes is None or len(notes) + 7 > MOST_KEYS:
        found = got(dynamodb, table, [_current(arn), _view_of(arn), *asked])
        recorded = _subject(dynamodb, table, arn, found)
    else:
        keys = [items.key(items.subject_key(arn), sk) for sk in (items.VIEW, items.CLAIM, *_notes(notes))]
        found = got(dynamodb, table, [_current(arn), _view_of(arn), *asked, *keys])
        recorded = _recorded(_own(dynamodb, table, arn, found), takes_its_word=True)
        targets = {grant.target for grant in recorded.view.grants if grant.target}
        if targets - recorded.view.written.keys() or recorded.began not in (None, how.execution):
            recorded = _subject(dynamodb, table, arn, found)
    recorded = _beside(recorded, found, how)
    if recorded.began not in (None, how.execution):
        return _compared(dynamodb, table, recorded, arn)
    kept = approvals.current_of(next((item for item in found if item["pk"] == items.approvals_key(arn)), None))
    return replace(recorded, kept=approvals.read(dynamodb, table, arn).kept if kept is None else kept)


def _beside(recorded: Recorded, found: Collection[Mapping[str, Any]], how: Reading) -> Recorded:
    """Return what is recorded of a subject with what was read beside its own items."""
    is_withdrawn = bool(how.is_withdrawn) or any(item["pk"] == items.WITHDRAWAL for item in found)
    chain = head.head_in(found) if how.is_withdrawn is None else None
    outsiders = units.outsiders_of(next((item for item in found if item["sk"] == items.OUTSIDE), None)).accounts
    return replace(recorded, is_withdrawn=is_withdrawn, named_by=_named_by(found), chain=chain, outsiders=outsiders)


def read_view(dynamodb: "DynamoDBClient", table: str, arn: str) -> View:
    """Return what is on record of another subject that somebody approves, and nothing of its approvals."""
    found = got(dynamodb, table, [_view_of(arn), items.key(items.subject_key(arn), items.VIEW)])
    return _recorded(_own(dynamodb, table, arn, found)).view


def read_view_at(
    dynamodb: "DynamoDBClient", table: str, arn: str, *, tagged: bool = False
) -> tuple[View, str, tuple[TagRecord, ...]]:
    """Return the same, when `record` wrote it where it alone does ("" for never), and if `tagged`, who tagged it."""
    more = [_current(arn)] if tagged else []
    found = got(dynamodb, table, [_view_of(arn), items.key(items.subject_key(arn), items.VIEW), *more])
    at = next((_time(item) for item in found if item["pk"] == items.view_key(arn)), "")
    kept = approvals.current_of(next((item for item in found if item["sk"] == items.CURRENT), None))
    kept = approvals.read(dynamodb, table, arn).kept if kept is None else kept
    return _recorded(_own(dynamodb, table, arn, found)).view, at, kept.tags


def _named_by(found: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted(card for item in found if item["sk"] == items.CARDS for card in item.get("cards", ())))


def _own(dynamodb: "DynamoDBClient", table: str, arn: str, found: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Return a subject's own items among these, with one view.

    The view that an earlier release writes lies beside the claim, where others may write, too. It counts where it is
    newer than ours, or there is none of ours, and only if the history of runs has the same: what isn't the history's
    keeps nothing open. What ours says of own events counts on, and what that one says of them doesn't.
    """
    views = [item for item in found if item["sk"] == items.VIEW]
    rest = [item for item in found if item["sk"] not in _BESIDE]
    ours = next((item for item in views if item["pk"] == items.view_key(arn)), None)
    earlier = next((item for item in views if item["pk"] != items.view_key(arn)), None)
    if earlier and (ours is None or _time(earlier) > _time(ours)) and _is_in_history(dynamodb, table, arn, earlier):
        return [*rest, with_own_events_of(ours, earlier)]
    return [*rest, ours] if ours else rest


def _time(view: Mapping[str, Any]) -> str:
    """Return when a view was recorded, in the ledger's own form, whose order is that of time."""
    return str(view.get("at", ""))


def _is_in_history(dynamodb: "DynamoDBClient", table: str, arn: str, view: Mapping[str, Any]) -> bool:
    said = ("execution", "at", "status", "grants")
    with translated(f"read the history of {arn}"):
        return any(
            "grants" in found and all(found.get(name) == view.get(name) for name in said)
            for found in _partition(dynamodb, table, items.history_key(arn))
        )


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


def _subject(dynamodb: "DynamoDBClient", table: str, arn: str, beside: Iterable[dict[str, Any]]) -> Recorded:
    """Return all that is on record of a subject, with the view that was read `beside` it."""
    views = [item for item in beside if item["pk"] == items.view_key(arn)]
    with translated(f"read the record of {arn}"):
        found = list(_partition(dynamodb, table, items.subject_key(arn)))
    return _recorded(_own(dynamodb, table, arn, [*views, *found]))


def _partition(dynamodb: "DynamoDBClient", table: str, pk: str) -> Iterable[dict[str, Any]]:
    for page in dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
        ConsistentRead=True,
    ):
        yield from map(items.values, page["Items"])


def got(dynamodb: "DynamoDBClient", table: str, keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return those of up to `MOST_KEYS` items that are there. Raises ThrottledError if some are left unread again."""
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


def _view_of(arn: str) -> dict[str, Any]:
    return items.key(items.view_key(arn), items.VIEW)


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
    is_known = False
    for item in found:
        if item["sk"] == items.VIEW:
            view, is_known = _view(item), True
            noted = item.get("notes", {}) if takes_its_word else {}
        elif item["sk"] == items.CLAIM:
            began = item.get("began")
        elif item["sk"].startswith(items.WRITTEN):
            written[item["sk"].removeprefix(items.WRITTEN)] = item.get("digest", "")
        elif item["sk"].startswith(items.FAILED):
            failure = FailedImport(digest=item["digest"], approval=item["approval"], detail=item["detail"])
            failed[item["sk"].removeprefix(items.FAILED)] = failure
    view = replace(view, written={**noted, **written}, failed=failed)
    return Recorded(view=view, began=began, is_known=is_known)


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
        grants=grants_of(found),
        sequence=int(found.get("sequence", 0)),
        own_events=own_events_in(found.get("own_events", ())),
    )


def grants_of(found: Mapping[str, Any]) -> tuple[Grant, ...]:
    """Return the grants that a view or an entry of the history has."""
    return tuple(
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
            audience=grant.get("audience", ""),
        )
        for grant in found.get("grants", [])
    )
