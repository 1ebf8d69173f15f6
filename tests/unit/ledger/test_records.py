"""What is on record about a subject is read as it was written, and written once."""

from dataclasses import replace

import pytest

from stagegate.core.errors import ClaimLostError, RefusedError, ThrottledError
from stagegate.core.findings import blocked
from stagegate.ledger import items, write
from stagegate.plans.grants import View
from stagegate.plans.plan import Plan
from tests.support.builders import (
    CARD_ARN,
    DEV,
    a_grant,
    a_plan,
    at,
    entitled_to,
    some_rules,
    writes,
)
from tests.support.scripted import Scripted, refusal
from tests.support.table import Table

ME = "arn:aws:states:us-east-1:111122223333:execution:stagegate-govern:one"
GRANT = replace(a_grant("dev", DEV, write=True, approval="event-1"), approved_by="somebody, some time")
PLAN = a_plan(some_rules(), replace(entitled_to(writes("dev")), findings=(blocked("FourEyes", "Somebody else."),)))


def stored(table: Table, plan: Plan = PLAN, *, holder: str = ME, round_: int = 0, seconds: float = 60) -> None:
    by = write.Round(execution=holder, number=round_, at=at(seconds), lines=("open dev",))
    found = replace(plan.record, grants=(GRANT,), records=2, by="a release")
    write.record(table.client, table.name, found, by)


class TestTheOutcomeOfARun:
    def test_is_read_as_it_was_written(self, table: Table) -> None:
        table.claim(ME)
        stored(table)
        recorded = table.recorded(CARD_ARN)
        assert recorded.view == View(
            grants=(GRANT,),
            last_notified_digest=PLAN.record.last_notified_digest,
            planner_state=PLAN.record.planner_state,
            status=PLAN.record.status,
            version=PLAN.record.version,
            content_hash=PLAN.record.content_hash,
            records=2,
            by="a release",
        )

    def test_of_a_package_has_a_grant_for_each_target(self, table: Table) -> None:
        table.claim(ME)
        grant = replace(GRANT, share_arn=None, target="bucket-policy/222233334444/us-east-1/b", digest="d")
        found = replace(PLAN.record, grants=(grant,))
        write.record(table.client, table.name, found, write.Round(execution=ME, number=0, at=at(60)))
        assert table.recorded(CARD_ARN).view.grants == (grant,)

    def test_is_in_the_history_with_what_was_changed_and_found(self, table: Table) -> None:
        table.claim(ME)
        stored(table)
        entry = table.get(items.history_key(CARD_ARN), f"{items.text_of(at(60))}#{ME}#0")
        assert entry is not None
        assert (entry["changes"], entry["outcome"], entry["status"]) == (["open dev"], "changes", "Approved")
        assert entry["findings"] == [{"code": "FourEyes", "severity": "block", "detail": "Somebody else."}]
        assert entry["execution"] == ME

    @pytest.mark.parametrize("holder", ["another run", None])
    def test_is_nothing_where_the_claim_is_lost(self, table: Table, holder: str | None) -> None:
        if holder:
            table.claim(holder)
        with pytest.raises(ClaimLostError, match=f"no longer held by {ME}; nothing was recorded"):
            stored(table)
        assert table.all_keys() == []

    def test_is_put_down_once_by_a_request_that_is_repeated(self, table: Table) -> None:
        table.claim(ME)
        stored(table)
        before = table.all_keys()
        stored(table)
        assert table.all_keys() == before

    def test_is_put_down_for_every_round(self, table: Table) -> None:
        table.claim(ME)
        stored(table)
        stored(table, round_=1, seconds=61)
        assert [pk for pk, _ in table.all_keys()].count(items.history_key(CARD_ARN)) == 2


def sent(round_: int = 0, holder: str = ME) -> dict[str, object]:
    dynamodb = Scripted("dynamodb", TransactWriteItems={}, Query={"Items": []})
    stored(Table(dynamodb.client), round_=round_, holder=holder)
    (request,) = dynamodb.of("TransactWriteItems")
    return request


def test_a_repeated_request_is_the_same_to_the_letter_and_another_rounds_is_not() -> None:
    assert sent() == sent()
    tokens = {str(request["ClientRequestToken"]) for request in (sent(), sent(1), sent(holder="another"))}
    assert len(tokens) == 3
    assert max(map(len, tokens)) <= 36


def cancelled(*codes: str) -> Exception:
    return refusal("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (cancelled("ConditionalCheckFailed", "None", "None"), ClaimLostError),
        # Every event about the subject writes the claim, and DynamoDB cancels what comes between.
        (cancelled("TransactionConflict", "None", "None"), ThrottledError),
        (cancelled("None", "ThrottlingError", "TransactionConflict"), ThrottledError),
        (cancelled("None", "None", "None", "ConditionalCheckFailed"), RefusedError),
        # Others put their entries behind the same one, each time.
        (cancelled("None", "None", "ConditionalCheckFailed"), ThrottledError),
        # Something else lies where the entry is to lie.
        (cancelled("None", "ConditionalCheckFailed", "ConditionalCheckFailed"), RefusedError),
        (cancelled("TransactionConflict", "ValidationError", "None"), RefusedError),
        (refusal("TransactionInProgressException"), ThrottledError),
        (refusal("TransactionConflictException"), ThrottledError),
        (refusal("IdempotentParameterMismatchException"), RefusedError),
        (refusal("AccessDeniedException"), RefusedError),
    ],
)
def test_a_refused_transaction_is_tried_again_where_that_can_help(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        stored(Table(Scripted("dynamodb", TransactWriteItems=error, Query={"Items": []}).client))
