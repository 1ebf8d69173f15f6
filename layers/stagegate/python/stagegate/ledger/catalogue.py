"""What is on record of the public hub's models: the version that was last seen, and of its document what filters ask.

It is kept for its cost alone: a document takes a call for each model, and is the same as long as the version is.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stagegate.aws.errors import translated
from stagegate.core.errors import ThrottledError
from stagegate.ledger import items
from stagegate.rules.filters.fields import DOCUMENT_KEYS, Value

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestOutputTypeDef, WriteRequestTypeDef

PERMISSIONS = frozenset({"dynamodb:BatchWriteItem", "dynamodb:Query"})

BATCH = 25
"""The most that one request writes (BatchWriteItem in the API reference)."""
_ATTEMPTS = 6

_ASKED = hashlib.sha256("\n".join(sorted(DOCUMENT_KEYS)).encode()).hexdigest()[:8]
"""Stands for what was kept of a document: a release that asks for more reads it anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A model's latest version, when it was first seen, the one seen before it (None for a model that was new), and its
    document's fields (None: not read).
    """

    name: str
    version: str
    seen: datetime
    before: str | None = None
    document: Mapping[str, Value] | None = None


def read(dynamodb: "DynamoDBClient", table: str, region: str) -> dict[str, Entry]:
    """Return the entries of a Region's public hub, by name."""
    found: dict[str, Entry] = {}
    with translated(f"read the catalogue of {region}"):
        for page in dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": items.catalogue_key(region)}},
            ConsistentRead=True,
        ):
            for values in map(items.values, page["Items"]):
                found[values["sk"]] = _entry(values)
    return found


def write(dynamodb: "DynamoDBClient", table: str, region: str, entries: Sequence[Entry]) -> None:
    """Put entries down. Doing it again, or at the same time as somebody else, says the same.

    Raises ThrottledError where DynamoDB doesn't take them all; what it took stays.
    """
    for batch in _batches([_item(region, entry) for entry in entries]):
        left: Sequence[WriteRequestOutputTypeDef | WriteRequestTypeDef] = batch
        for attempt in range(_ATTEMPTS):
            with translated(f"write the catalogue of {region}"):
                answer = dynamodb.batch_write_item(RequestItems={table: left})
            left = answer.get("UnprocessedItems", {}).get(table, [])
            if not left:
                break
            time.sleep(0.1 * 2**attempt)
        else:
            raise ThrottledError(f"write the catalogue of {region}: DynamoDB left {len(left)} entries unwritten")


def _batches(requests: "Sequence[WriteRequestTypeDef]") -> "Iterator[Sequence[WriteRequestTypeDef]]":
    for start in range(0, len(requests), BATCH):
        yield requests[start : start + BATCH]


def _item(region: str, entry: Entry) -> "WriteRequestTypeDef":
    document = None
    if entry.document is not None:
        document = {key: list(v) if isinstance(v, tuple) else v for key, v in entry.document.items()}
    values = {
        "version": entry.version,
        "seen": items.text_of(entry.seen),
        "before": entry.before,
        "document": document,
        "requested": _ASKED if entry.document is not None else None,
    }
    return {"PutRequest": {"Item": items.item(items.catalogue_key(region), entry.name, values)}}


def _entry(found: Mapping[str, Any]) -> Entry:
    document = found.get("document") if found.get("requested") == _ASKED else None
    return Entry(
        name=found["sk"],
        version=found["version"],
        seen=datetime.fromisoformat(found["seen"]),
        before=found.get("before"),
        document=None
        if document is None
        else {key: tuple(value) if isinstance(value, list) else value for key, value in document.items()},
    )
