"""Where all chains end, to be kept elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stagegate.approvals.kept import Head
from stagegate.aws.errors import translated
from stagegate.core.errors import ThrottledError
from stagegate.evidence.model import Heads, List
from stagegate.ledger import items
from stagegate.ledger.sweeps import recorded

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = frozenset({"dynamodb:BatchGetItem", "dynamodb:Scan"})

_PAGE = 50
"""Subjects at once: two keys of each, and BatchGetItem takes a hundred (API reference)."""
_ATTEMPTS = 4


def ends(dynamodb: "DynamoDBClient", table: str, at: datetime) -> Heads:
    """Return where the chains of all subjects end that a run was ever about; each end strongly consistent.

    Raises ThrottledError if DynamoDB leaves some unread again and again.
    """
    found: dict[str, dict[List, Head]] = {}
    after: str | None = None
    while True:
        subjects, after = recorded(dynamodb, table, after, _PAGE)
        for subject, name, head in _ends_of(dynamodb, table, subjects):
            found.setdefault(subject, {})[name] = head
        if after is None:
            return Heads(at=at, heads=found)


def _ends_of(dynamodb: "DynamoDBClient", table: str, subjects: Sequence[str]) -> Iterator[tuple[str, List, Head]]:
    left: Sequence[Mapping[str, Any]] = [
        items.key(pk, sk)
        for subject in subjects
        for pk, sk in ((items.chain_key(subject), items.HEAD), (items.approvals_key(subject), items.CURRENT))
    ]
    for _ in range(_ATTEMPTS):
        if not left:
            return
        with translated("read where histories end"):
            answer = dynamodb.batch_get_item(
                RequestItems={
                    table: {
                        "Keys": left,
                        "ConsistentRead": True,
                        "ProjectionExpression": "pk, sk, #number, #digest, #head",
                        "ExpressionAttributeNames": {"#number": "number", "#digest": "digest", "#head": "head"},
                    }
                }
            )
        yield from (_end(items.values(raw)) for raw in answer["Responses"].get(table, ()))
        unread = answer.get("UnprocessedKeys", {})
        left = unread[table]["Keys"] if table in unread else ()
    if left:
        raise ThrottledError(f"read where histories end: DynamoDB left {len(left)} items unread")


def _end(found: Mapping[str, Any]) -> tuple[str, List, Head]:
    part, _, subject = found["pk"].partition("#")
    name, digest = (List.HISTORY, "digest") if f"{part}#" == items.chain_key("") else (List.APPROVALS, "head")
    return subject, name, Head(number=int(found["number"]), digest=found[digest])
