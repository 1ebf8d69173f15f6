"""Stagegate is withdrawn by one item, which a run reads without a further call."""

import pytest

from stagegate.ledger import items, read, sweeps, withdrawal
from tests.support.builders import CARD_ARN, CREATED, a_record, at
from tests.support.ledger import kept_items, reads
from tests.support.scripted import Scripted
from tests.support.table import Table

SWEEP = "2026-03-02T120000-0a1b2c3d"


def test_the_first_withdrawal_stays_on_record(table: Table) -> None:
    assert not withdrawal.is_there(table.client, table.name)
    withdrawal.put(table.client, table.name, SWEEP, CREATED)
    withdrawal.put(table.client, table.name, "another", at(5))
    assert withdrawal.is_there(table.client, table.name)
    found = table.get(items.WITHDRAWAL, items.CURRENT)
    assert found
    assert (found["sweep"], found["at"]) == (SWEEP, items.text_of(CREATED))


def test_a_sweep_that_has_shown_it_is_told_from_others_and_its_pages_stay_as_they_are(table: Table) -> None:
    withdrawal.put_plan(table.client, table.name, SWEEP)
    sweeps.put_page(table.client, table.name, SWEEP, sweeps.Page(number=1, drifting=(), failed=()))
    assert withdrawal.is_planned(table.client, table.name, SWEEP)
    assert not withdrawal.is_planned(table.client, table.name, "another")
    assert [page.number for page in sweeps.pages(table.client, table.name, SWEEP)] == [1]


@pytest.mark.parametrize("is_withdrawn", [False, True])
@pytest.mark.parametrize(
    ("how", "calls"),
    [
        (read.Reading(execution="me", notes=()), ["BatchGetItem"]),
        (read.Reading(execution="me"), ["BatchGetItem", "Query"]),
        (read.Reading(execution="me", has_approvals=False), ["BatchGetItem", "Query"]),
        (read.Reading(execution="me", is_whole=True), ["BatchGetItem", "Query", "Query", "Query"]),
    ],
)
def test_every_way_of_reading_a_subject_sees_it(how: read.Reading, calls: list[str], *, is_withdrawn: bool) -> None:
    item = items.item(items.WITHDRAWAL, items.CURRENT, {"sweep": SWEEP})
    stored = [*kept_items(CARD_ARN, a_record()), *([item] if is_withdrawn else [])]
    dynamodb = Scripted("dynamodb", **reads(*stored))
    found = read.read(dynamodb.client, "ledger", CARD_ARN, how)
    assert found.is_withdrawn is is_withdrawn
    assert sorted(dynamodb.operations) == calls


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_who_knows_it_already_doesn_t_read_it(*, is_withdrawn: bool) -> None:
    dynamodb = Scripted("dynamodb", **reads())
    how = read.Reading(execution="me", has_approvals=False, is_withdrawn=is_withdrawn)
    assert read.read(dynamodb.client, "ledger", CARD_ARN, how).is_withdrawn is is_withdrawn
    assert not dynamodb.of("BatchGetItem")
