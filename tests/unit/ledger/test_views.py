"""What is open of a subject that somebody approves lies apart from what the functions that open and close write."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stagegate.core.own_events import OwnEvent, OwnEventKind
from stagegate.ledger import items, read, write
from stagegate.plans.record import Outcome, Record
from tests.support.builders import CARD_ARN, NOON, PROD, a_grant, the_subject
from tests.support.table import Table

GRANT = a_grant("prod", PROD)
RECORD = Record(
    subject=the_subject(),
    outcome=Outcome.UNCHANGED,
    status="Approved",
    version=1,
    content_hash="one",
    grants=(GRANT,),
    last_notified_digest="told",
    planner_state={"status": "Approved"},
)
EVENT = OwnEvent(
    kind=OwnEventKind.ACCESS_OPENED,
    id="7" * 32,
    sequence=7,
    at=NOON.isoformat(),
    execution="me",
    subject=CARD_ARN,
    subject_type="model-card",
    status="Approved",
    version=1,
    audience="",
    risk="",
    outcome="changes",
    stages=("prod",),
    accounts=(PROD,),
)
BY = write.Round(execution="me", number=0, at=NOON)
HOWS = [
    read.Reading(execution="me", notes=()),
    read.Reading(execution="me"),
    read.Reading(execution="me", is_whole=True),
]
FORGED: dict[str, Any] = {
    "grants": [
        {"stage": "prod", "accounts": [PROD], "write": True, "permission": "p", "since": items.text_of(NOON)},
    ],
    "planner_state": {"status": "forged"},
    "execution": "me",
    "at": items.text_of(NOON),
    "status": "Approved",
}


@pytest.fixture
def recorded(table: Table) -> Table:
    table.claim("me")
    write.record(table.client, table.name, RECORD, BY)
    return table


def view_of(table: Table, how: read.Reading) -> Any:
    return read.read(table.client, table.name, CARD_ARN, how).view


@pytest.mark.parametrize("how", HOWS, ids=["an event", "an event without notes", "a sweep"])
def test_what_is_recorded_is_read_and_what_lies_beside_the_claim_is_not(recorded: Table, how: read.Reading) -> None:
    before = view_of(recorded, how)
    assert (before.grants, before.planner_state) == ((GRANT,), {"status": "Approved"})
    recorded.put(items.subject_key(CARD_ARN), items.VIEW, FORGED)
    assert view_of(recorded, how) == before
    assert read.read_view(recorded.client, recorded.name, CARD_ARN) == before


@pytest.mark.parametrize("how", HOWS, ids=["an event", "an event without notes", "a sweep"])
def test_a_view_beside_the_claim_that_history_doesnt_have_keeps_nothing_open(table: Table, how: read.Reading) -> None:
    """Of a subject that nothing was recorded of yet, or not by this release: a stolen role may write it."""
    table.claim("me")
    table.put(items.subject_key(CARD_ARN), items.VIEW, FORGED)
    assert view_of(table, how).grants == ()


@pytest.mark.parametrize("how", HOWS, ids=["an event", "an event without notes", "a sweep"])
def test_what_an_earlier_release_has_recorded_counts_until_it_is_recorded_anew(table: Table, how: read.Reading) -> None:
    table.claim("me")
    write.record(table.client, table.name, RECORD, replace(BY, has_approvals=False))
    assert view_of(table, how).grants == (GRANT,)
    closed = replace(RECORD, grants=())
    write.record(table.client, table.name, closed, replace(BY, number=1, at=NOON + timedelta(seconds=9)))
    assert view_of(table, how).grants == ()


def test_what_nobody_approves_lies_beside_its_claim(table: Table) -> None:
    table.claim("me")
    write.record(table.client, table.name, RECORD, replace(BY, has_approvals=False))
    how = read.Reading(execution="me", has_approvals=False)
    assert view_of(table, how).grants == (GRANT,)


@pytest.mark.parametrize("how", HOWS, ids=["an event", "an event without notes", "a sweep"])
def test_whoever_goes_back_and_forth_between_releases_loses_no_record(recorded: Table, how: read.Reading) -> None:
    """The release before has one view, beside the claim: it reads there what this one wrote, and writes there."""
    before = read.read(recorded.client, recorded.name, CARD_ARN, read.Reading(execution="me", has_approvals=False))
    assert before.view == view_of(recorded, how)
    later = replace(BY, number=1, at=NOON + timedelta(seconds=9), has_approvals=False)
    write.record(recorded.client, recorded.name, replace(RECORD, grants=()), later)
    assert view_of(recorded, how).grants == ()


@pytest.mark.parametrize("how", HOWS, ids=["an event", "an event without notes", "a sweep"])
def test_the_numbers_of_own_events_go_on_after_a_release_that_knows_of_none(table: Table, how: read.Reading) -> None:
    """Whoever hears them drops what is older: after a number that began again, that would be all that closes."""
    table.claim("me")
    write.record(table.client, table.name, RECORD, replace(BY, sequence=7, own_events=(EVENT,)))
    later = replace(BY, number=1, at=NOON + timedelta(seconds=9), has_approvals=False)
    write.record(table.client, table.name, replace(RECORD, grants=()), later)
    view = view_of(table, how)
    assert (view.grants, view.sequence, view.own_events) == ((), 7, (EVENT,))


@pytest.mark.parametrize("how", HOWS, ids=["an event", "an event without notes", "a sweep"])
def test_nothing_is_told_that_lies_beside_the_claim_alone(table: Table, how: read.Reading) -> None:
    """A stolen role may write it there, into a view that the history has."""
    table.claim("me")
    forged = replace(BY, has_approvals=False, sequence=7, own_events=(EVENT,))
    write.record(table.client, table.name, RECORD, forged)
    view = view_of(table, how)
    assert (view.grants, view.sequence, view.own_events) == ((GRANT,), 0, ())


def test_an_event_of_a_later_release_keeps_nobody_from_planning(table: Table) -> None:
    table.claim("me")
    write.record(table.client, table.name, RECORD, replace(BY, sequence=8, own_events=(EVENT,)))
    at = items.key(items.view_key(CARD_ARN), items.VIEW)
    item = items.values(table.client.get_item(TableName=table.name, Key=at)["Item"])
    item["own_events"].append({**EVENT.as_values(), "kind": "Access Moved", "sequence": 8})
    table.put(items.view_key(CARD_ARN), items.VIEW, {name: item[name] for name in item.keys() - {"pk", "sk"}})
    view = view_of(table, HOWS[0])
    assert (view.grants, view.sequence, view.own_events) == ((GRANT,), 8, (EVENT,))
