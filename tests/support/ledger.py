"""The ledger as a scripted client has it: reads answered from items that the test gives."""

from collections.abc import Mapping
from typing import Any

from stagegate.approvals.kept import Head
from stagegate.approvals.questions import Question
from stagegate.approvals.records import AuditRecord
from stagegate.ledger import approvals, entries, items
from tests.support.scripted import Answer, Scripted

Item = dict[str, Any]


def kept_items(arn: str, *kept: AuditRecord | Question) -> list[Item]:
    """The records and questions of a subject as they are stored, with what counts now."""
    found: list[Item] = []
    current: Item | None = None
    for entry in kept:
        before = items.values(current) if current else None
        head = Head(number=int(before["number"]), digest=before["head"]) if before else Head()
        item = entries.entry_item(arn, entry, head)
        current = approvals.current_item(arn, before, item)
        found.append(item)
    return [*found, current] if current else []


def reads(*stored: Item) -> dict[str, Answer]:
    """The answers to reads of a ledger in which these items are."""

    def query(request: Mapping[str, Any]) -> Mapping[str, Any]:
        values = request["ExpressionAttributeValues"]
        found = [item for item in stored if item["pk"] == values[":pk"]]
        if ":sk" in values:
            found = [item for item in found if item["sk"] == values[":sk"]]
        return {"Items": sorted(found, key=lambda item: str(item["sk"]["S"]))}

    def batch(request: Mapping[str, Any]) -> Mapping[str, Any]:
        ((table, wanted),) = request["RequestItems"].items()
        keys = [(key["pk"]["S"], key["sk"]["S"]) for key in wanted["Keys"]]
        return {"Responses": {table: [item for item in stored if (item["pk"]["S"], item["sk"]["S"]) in keys]}}

    def get(request: Mapping[str, Any]) -> Mapping[str, Any]:
        found = [item for item in stored if (item["pk"], item["sk"]) == (request["Key"]["pk"], request["Key"]["sk"])]
        return {"Item": found[0]} if found else {}

    return {"Query": query, "BatchGetItem": batch, "GetItem": get}


def recorded_in(dynamodb: Scripted) -> list[dict[str, Any]]:
    """The values of the entries that were put among a subject's approvals, in order."""
    writes = [request["TransactItems"][0]["Put"]["Item"] for request in dynamodb.of("TransactWriteItems")]
    return [items.values(item) for item in writes]
