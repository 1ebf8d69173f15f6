"""Approvals: what is recorded once, by `record_approval` alone, and what counts now. Nothing here is ever changed.

The role of that function is the only one that may put an item into `APPROVALS#<arn>`, and no role may update or delete
one (template.yaml, `dynamodb:LeadingKeys`). A subject's list has one item of what counts now, which has all entries, or
none of them where they are too many for it.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from stagegate.approvals.kept import Head, Kept
from stagegate.aws.errors import code_of, translated
from stagegate.core.errors import ThrottledError
from stagegate.ledger import entries, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

READ_PERMISSIONS = frozenset({"dynamodb:Query"})
PERMISSIONS = READ_PERMISSIONS | {"dynamodb:PutItem"}

MOST_TEXT = 100_000
"""Characters of entries that the item of what counts now takes: a quarter of what DynamoDB does. Beyond it, a run reads
the entries themselves."""
_ATTEMPTS = 6
_LOOKS = 3
_REFUSED = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A subject's approvals as all of its partition says. `flaw` is what doesn't fit in it; then nothing counts."""

    kept: Kept
    flaw: str = ""


def current_of(found: entries.Values | None) -> Kept | None:
    """Return what counts now by the item that says so, nothing for no item; None where it has no room for it."""
    if found is None:
        return Kept()
    if "entries" not in found:
        return None
    return entries.kept_of(found["entries"], Head(number=int(found["number"]), digest=found["head"]))


def read(dynamodb: "DynamoDBClient", table: str, arn: str, noted_by: Callable[[], Head] = Head) -> Read:
    """Return all that is kept of a subject, strongly consistent, and compared with itself and with the head that the
    last run has noted, for which `noted_by` is asked where there is anything.

    A write may come between two pages: what doesn't fit is read again before it is said.
    """
    flaw, noted = "", None
    for _ in range(_LOOKS):
        with translated(f"read the approvals of {arn}"):
            found = list(_partition(dynamodb, table, arn))
        if not found:
            return Read(kept=Kept())
        noted = noted or noted_by()
        current = next((item for item in found if item["sk"] == items.CURRENT), None)
        listed = [item for item in found if item["sk"] != items.CURRENT]
        flaw = entries.flaw_in(listed, current, noted)
        if not flaw:
            head = Head(number=int(current["number"]), digest=current["head"]) if current else Head()
            return Read(kept=entries.kept_of(listed, head))
    return Read(kept=Kept(head=noted or Head()), flaw=flaw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The item of what counts now, as it was read; None for none."""

    item: entries.Values | None


def current(dynamodb: "DynamoDBClient", table: str, arn: str) -> Current:
    """Return the item of what counts now, strongly consistent."""
    with translated(f"read what counts of {arn}"):
        return Current(item=next(_partition(dynamodb, table, arn, only=items.CURRENT), None))


def kept_in(dynamodb: "DynamoDBClient", table: str, arn: str, found: Current) -> Kept:
    """Return what counts now by its item, and where that has no room for it by the entries."""
    kept = current_of(found.item)
    return read(dynamodb, table, arn).kept if kept is None else kept


def put(dynamodb: "DynamoDBClient", table: str, arn: str, entry: entries.Entry, after: Current | None = None) -> bool:
    """Put an entry down unless it is there already, and have it count; tell whether it was new.

    Both or neither: an entry that doesn't count now, or counts without an entry, is found by `read`. Who comes at the
    same time begins again behind the other. `after` is what counted a moment ago. Raises ThrottledError.
    """
    for _ in range(_ATTEMPTS):
        found = (after or current(dynamodb, table, arn)).item
        after = None
        head = Head(number=int(found["number"]), digest=found["head"]) if found else Head()
        item = entries.entry_item(arn, entry, head)
        writes: list[TransactWriteItemTypeDef] = [
            {"Put": {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}},
            {"Put": _unless_moved(table, found, current_item(arn, found, item))},
        ]
        with translated(f"record a change of {arn}"):
            try:
                dynamodb.transact_write_items(TransactItems=writes)
            except ClientError as error:
                reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
                if code_of(error) != "TransactionCanceledException" or _REFUSED not in reasons:
                    raise
                if reasons[0] == _REFUSED:
                    return False
                continue
        return True
    raise ThrottledError(f"record a change of {arn}: others write there all the time")


def current_item(arn: str, before: entries.Values | None, item: dict[str, Any]) -> dict[str, Any]:
    """Return the item of what counts once an entry is there. What it had is taken on as it is."""
    values = items.values(item)
    entry = {name: value for name, value in values.items() if name not in ("pk", "sk")}
    all_of_them = [entry] if before is None else [*before["entries"], entry] if "entries" in before else None
    if all_of_them is not None and len(json.dumps(all_of_them, default=str)) > MOST_TEXT:
        all_of_them = None
    said = {"number": values["number"], "head": values["digest"], "entries": all_of_them}
    return items.item(items.approvals_key(arn), items.CURRENT, said)


def _unless_moved(table: str, before: entries.Values | None, new: dict[str, Any]) -> "PutTypeDef":
    if before is None:
        return {"TableName": table, "Item": new, "ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "TableName": table,
        "Item": new,
        "ConditionExpression": "#head = :head",
        "ExpressionAttributeNames": {"#head": "head"},
        "ExpressionAttributeValues": {":head": {"S": before["head"]}},
    }


def _partition(dynamodb: "DynamoDBClient", table: str, arn: str, *, only: str = "") -> Iterator[dict[str, Any]]:
    """Yield what lies in a subject's partition, or the `only` item that is asked for."""
    condition, values = "pk = :pk", {":pk": {"S": items.approvals_key(arn)}}
    if only:
        condition, values = f"{condition} AND sk = :sk", {**values, ":sk": {"S": only}}
    for page in dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression=condition,
        ExpressionAttributeValues=values,
        ConsistentRead=True,
    ):
        yield from map(items.values, page["Items"])
