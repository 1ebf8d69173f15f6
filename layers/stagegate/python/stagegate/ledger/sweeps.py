"""The subjects that are on record, and what a sweep has found, page by page."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stagegate.aws.errors import translated
from stagegate.core.errors import ThrottledError
from stagegate.ledger import items
from stagegate.plans.sweep import Drift, Failure

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import ScanInputTypeDef

PERMISSIONS = frozenset({"dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"})

INDEX = "subjects"
"""Has the keys of the claims and of nothing else: a claim alone has a `subject` (template.yaml)."""

MOST_KEYS = 100
"""What BatchGetItem takes at once (API reference)."""
_ATTEMPTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is asked of a subject's runs and what is done; `expires` (epoch seconds) where somebody holds it.

    `is_listed` says whether the index has it.
    """

    wanted: int
    done: int
    expires: int | None
    is_listed: bool

    def is_left_over(self, now: int) -> bool:
        """Tell whether something was asked that nobody has done and nobody is doing."""
        return self.wanted > self.done and (self.expires is None or self.expires < now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a sweep has found on one page of subjects."""

    number: int
    drifting: tuple[Drift, ...]
    failed: tuple[Failure, ...]


def recorded(
    dynamodb: "DynamoDBClient", table: str, after: str | None, limit: int
) -> tuple[tuple[str, ...], str | None]:
    """Return the ARNs of up to `limit` subjects that a run was ever about, and the last one if there are more.

    Eventually consistent, as every index: what has come this second is seen by the run that it came with.
    """
    request: ScanInputTypeDef = {"TableName": table, "IndexName": INDEX, "Limit": limit}
    if after is not None:
        request["ExclusiveStartKey"] = {"subject": {"S": after}, **items.key(items.subject_key(after), items.CLAIM)}
    with translated("list the subjects on record"):
        page = dynamodb.scan(**request)
    arns = tuple(items.values(found)["subject"] for found in page["Items"])
    last = page.get("LastEvaluatedKey")
    return arns, str(items.values(last)["subject"]) if last else None


def claims(dynamodb: "DynamoDBClient", table: str, arns: Collection[str]) -> dict[str, Claim]:
    """Return the claims of those subjects (at most `MOST_KEYS`) that have one, strongly consistent.

    Raises ThrottledError if DynamoDB leaves some unread again and again.
    """
    left: Sequence[Mapping[str, Any]] = [items.key(items.subject_key(arn), items.CLAIM) for arn in arns]
    read: dict[str, Claim] = {}
    with translated("read the claims of a page of subjects"):
        for _ in range(_ATTEMPTS):
            if not left:
                return read
            answer = dynamodb.batch_get_item(RequestItems={table: {"Keys": left, "ConsistentRead": True}})
            for found in map(items.values, answer["Responses"].get(table, ())):
                read[found["pk"].removeprefix(items.subject_key(""))] = _claim(found)
            unread = answer.get("UnprocessedKeys", {})
            left = unread[table]["Keys"] if table in unread else ()
    if left:
        raise ThrottledError(f"read the claims of a page of subjects: DynamoDB left {len(left)} unread")
    return read


def _claim(found: Mapping[str, Any]) -> Claim:
    return Claim(
        wanted=int(found.get("wanted", 0)),
        done=int(found.get("done", 0)),
        expires=int(found["expires"]) if "holder" in found else None,
        is_listed="subject" in found,
    )


def put_page(dynamodb: "DynamoDBClient", table: str, sweep: str, page: Page) -> None:
    """Record what a sweep has found on a page. Doing it twice is doing it once."""
    values = {
        "drifting": [
            {"subject": d.subject, "closes": d.closes, "opens": d.opens, "asked": d.asked} for d in page.drifting
        ],
        "failed": [{"subject": f.subject, "error": f.error, "cause": f.cause} for f in page.failed],
    }
    item = items.item(items.sweep_key(sweep), _page_key(page.number), values)
    with translated(f"record page {page.number} of sweep {sweep}"):
        dynamodb.put_item(TableName=table, Item=item)


def pages(
    dynamodb: "DynamoDBClient", table: str, sweep: str, *, after: int = 0, limit: int | None = None
) -> Iterator[Page]:
    """Yield the pages that a sweep has recorded after that number, strongly consistent; `limit` of them at most."""
    with translated(f"read what sweep {sweep} has found"):
        for answer in dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk AND sk > :after",
            ExpressionAttributeValues={":pk": {"S": items.sweep_key(sweep)}, ":after": {"S": _page_key(after)}},
            ConsistentRead=True,
            PaginationConfig={"PageSize": limit, "MaxItems": limit} if limit else {},
        ):
            yield from map(page_of, answer["Items"])


def page_of(item: Mapping[str, Any]) -> Page:
    """Return a page as it was recorded."""
    found = items.values(item)
    return Page(
        number=int(found["sk"].removeprefix(items.PAGE)),
        drifting=tuple(
            Drift(
                subject=each["subject"],
                closes=int(each["closes"]),
                opens=int(each["opens"]),
                asked=each.get("asked", False),
            )
            for each in found["drifting"]
        ),
        failed=tuple(Failure(**each) for each in found["failed"]),
    )


def _page_key(number: int) -> str:
    return f"{items.PAGE}{number:06}"
