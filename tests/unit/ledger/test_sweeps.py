"""The directory of all subjects, their claims, and the books of a sweep."""

from typing import Any

import pytest

from stagegate.core.errors import ThrottledError
from stagegate.ledger import items, sweeps
from stagegate.ledger.sweeps import Claim, Page
from stagegate.plans.sweep import Drift, Failure
from tests.support.builders import CARD_ARN
from tests.support.table import Table

OTHER = CARD_ARN.replace("churn", "fraud")


def test_the_directory_has_each_subject_once_whatever_else_is_on_record(table: Table) -> None:
    arns = {CARD_ARN.replace("churn", f"card-{number}") for number in range(7)}
    for arn in arns:
        table.knows(arn)
        table.put(items.subject_key(arn), items.VIEW, {"last_notified_digest": "x"})
        table.put(items.history_key(arn), "1", {})
    found: list[str] = []
    last: str | None = None
    while True:
        page, last = sweeps.recorded(table.client, table.name, last, 3)
        assert len(page) <= 3
        found += page
        if last is None:
            break
    assert sorted(found) == sorted(arns)


def test_claims_are_read_as_they_are(table: Table) -> None:
    table.knows(CARD_ARN, wanted=3, holder="me", expires=50)
    table.put(items.subject_key(OTHER), items.CLAIM, {"wanted": 2, "done": 2})
    third = CARD_ARN.replace("churn", "third")
    assert sweeps.claims(table.client, table.name, [CARD_ARN, OTHER, third]) == {
        CARD_ARN: Claim(wanted=3, done=1, expires=50, is_listed=True),
        OTHER: Claim(wanted=2, done=2, expires=None, is_listed=False),
    }


@pytest.mark.parametrize(
    ("wanted", "done", "expires", "left_over"),
    [(1, 1, None, False), (2, 1, None, True), (2, 1, 101, False), (2, 1, 100, False), (2, 1, 99, True)],
)
def test_what_is_left_over(wanted: int, done: int, expires: int | None, *, left_over: bool) -> None:
    assert Claim(wanted=wanted, done=done, expires=expires, is_listed=True).is_left_over(100) is left_over


class HalfRead:
    """A DynamoDB that answers one key at a time, for so many times."""

    def __init__(self, table: Table, times: int) -> None:
        self.table, self.times = table, times

    def batch_get_item(self, RequestItems: dict[str, Any]) -> Any:  # noqa: N803  boto3's own spelling
        first, *rest = RequestItems[self.table.name]["Keys"]
        keys = {"Keys": [first], "ConsistentRead": True}
        if not self.times:
            return {"Responses": {}, "UnprocessedKeys": RequestItems}
        self.times -= 1
        answer = self.table.client.batch_get_item(RequestItems={self.table.name: keys})  # type: ignore[dict-item]
        return {**answer, "UnprocessedKeys": {self.table.name: {"Keys": rest}} if rest else {}}


def test_what_dynamodb_leaves_unread_is_asked_for_again(table: Table) -> None:
    table.knows(CARD_ARN)
    table.knows(OTHER)
    found = sweeps.claims(HalfRead(table, 2), table.name, [CARD_ARN, OTHER])  # type: ignore[arg-type]
    assert set(found) == {CARD_ARN, OTHER}
    with pytest.raises(ThrottledError, match="left 1 unread"):
        sweeps.claims(HalfRead(table, 1), table.name, [CARD_ARN, OTHER])  # type: ignore[arg-type]


def test_pages_come_back_in_their_order_and_in_part(table: Table) -> None:
    drift, failure = Drift(subject=CARD_ARN, closes=1), Failure(subject=OTHER, error="E", cause="why")
    pages = [Page(number=number, drifting=(drift,), failed=(failure,)) for number in (2, 10, 3)]
    for page in [*pages, pages[0]]:
        sweeps.put_page(table.client, table.name, "one", page)
    sweeps.put_page(table.client, table.name, "two", Page(number=1, drifting=(), failed=(failure,)))

    def numbers(**which: Any) -> list[int]:
        return [page.number for page in sweeps.pages(table.client, table.name, "one", **which)]

    assert numbers() == [2, 3, 10]
    assert numbers(after=2) == [3, 10]
    assert numbers(limit=2) == [2, 3]
    assert numbers(after=10, limit=2) == []
    assert next(sweeps.pages(table.client, table.name, "one")) == pages[0]
