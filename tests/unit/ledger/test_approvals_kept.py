"""Approvals are read as they were written, written once, and whoever writes there beside is found."""

from dataclasses import replace
from typing import Any

import pytest

from stagegate.approvals.fingerprints import Fingerprints
from stagegate.approvals.kept import Head, Kept
from stagegate.approvals.principals import Actor
from stagegate.approvals.questions import Question
from stagegate.approvals.records import PossibleVersion
from stagegate.core.errors import RefusedError, ThrottledError
from stagegate.core.statuses import RiskRating
from stagegate.ledger import approvals, entries, items, read
from stagegate.plans.grants import View
from tests.support.builders import APPROVER, AUTHOR, CARD_ARN, a_question, a_record, at, written
from tests.support.packages import ARTIFACTS
from tests.support.scripted import Scripted, refusal
from tests.support.table import Table

RECORDS = (
    a_record(id_="b", actor=replace(APPROVER, source_identity="somebody", on_behalf_of="store/user")),
    written(Actor(arn="arn:aws:iam::111122223333:root"), version=2, content=None),
    a_record(id_="a", version=None, content=None),
    replace(written(version=3, seconds=-60), metadata_only=True),
    replace(a_record(id_="c"), fingerprints=ARTIFACTS.fingerprints, moment=at(0.4), creates=True),
    replace(a_record(id_="d"), fingerprints=Fingerprints(digest="of many", count=1000)),
    replace(a_record(id_="f"), risk=RiskRating.LOW),
    replace(a_record(id_="g"), fingerprints=replace(ARTIFACTS.fingerprints, data="of the objects alone")),
    replace(a_record(id_="e"), not_fingerprinted="nobody could look"),
    replace(a_record(id_="i"), card="arn:card"),
    replace(a_record(id_="j"), card="", links=True),
    replace(
        a_record(id_="h", version=None, content=None),
        versions=(PossibleVersion(number=1, content_hash="one"), PossibleVersion(number=2, content_hash=None)),
    ),
)
QUESTIONS = (
    a_question(),
    Question(id="of-a-card#0", at=at(4), asked=replace(a_question().asked, card="arn:card")),
    a_question(2, "two", risk=RiskRating.LOW, fingerprints=ARTIFACTS.fingerprints, seconds=5),
)
KEY = items.approvals_key(CARD_ARN)


def quickly(table: Table) -> Kept:
    """What an event's run reads."""
    return read.read(table.client, table.name, CARD_ARN, read.Reading(execution="me", notes=())).kept


def test_they_are_read_as_they_were_written(table: Table) -> None:
    table.keep(*RECORDS, *QUESTIONS)
    found = table.recorded()
    assert (found.records, found.kept.questions, found.flaw) == (RECORDS, QUESTIONS, "")
    assert quickly(table) == found.kept
    assert found.kept.head.number == len(RECORDS) + len(QUESTIONS)


def test_they_are_written_once_and_never_changed(table: Table) -> None:
    table.keep(RECORDS[0])
    other = replace(RECORDS[0], actor=AUTHOR)
    assert not approvals.put(table.client, table.name, CARD_ARN, other)
    assert table.recorded().records == quickly(table).records == (RECORDS[0],)


def test_they_belong_to_their_subject(table: Table) -> None:
    table.keep(RECORDS[0])
    assert table.recorded(f"{CARD_ARN}-2") == read.Recorded(view=View(), chain=Head())


def test_what_is_no_approval_lies_elsewhere(table: Table) -> None:
    table.keep(RECORDS[0])
    assert {pk for pk, _ in table.all_keys()} == {KEY}


def test_more_of_them_than_one_item_takes_are_read_one_by_one(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approvals, "MOST_TEXT", 900)
    table.keep(*RECORDS)
    current = table.get(KEY, items.CURRENT)
    assert current
    assert "entries" not in current
    assert quickly(table).records == table.recorded().records == RECORDS
    assert table.recorded().flaw == ""


def test_two_who_write_at_the_same_time_both_do(table: Table) -> None:
    """The second finds another head than it has read, and begins again behind it."""
    between = [RECORDS[1]]
    query = table.client.get_paginator

    def slow(name: Any) -> Any:
        found = query(name)
        if between:
            entry = between.pop()

            class Late:
                def paginate(self, **request: Any) -> list[Any]:
                    pages = list(found.paginate(**request))
                    approvals.put(table.client, table.name, CARD_ARN, entry)
                    return pages

            return Late()
        return found

    table.client.get_paginator = slow  # type: ignore[method-assign,assignment]
    approvals.put(table.client, table.name, CARD_ARN, RECORDS[0])
    assert table.recorded().records == (RECORDS[1], RECORDS[0])


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refusal("TransactionCanceledException", CancellationReasons=[{"Code": "None"}] * 2), RefusedError),
        (
            refusal(
                "TransactionCanceledException",
                CancellationReasons=[{"Code": "None"}, {"Code": "ConditionalCheckFailed"}],
            ),
            ThrottledError,
        ),
        (refusal("AccessDeniedException"), RefusedError),
        (refusal("ThrottlingException"), ThrottledError),
    ],
)
def test_what_cant_be_written_is_an_error(error: Exception, expected: type[Exception]) -> None:
    client = Scripted("dynamodb", Query={"Items": []}, TransactWriteItems=error).client
    with pytest.raises(expected):
        approvals.put(client, "ledger", CARD_ARN, RECORDS[0])


class TestWhoWritesThereBeside:
    """Somebody who can put items, and whom no condition keeps from replacing one."""

    def replaced(self, table: Table, sk: str, **values: Any) -> None:
        found = table.get(KEY, sk)
        assert found
        kept = {name: value for name, value in found.items() if name not in ("pk", "sk")}
        table.put(KEY, sk, {**kept, **values})

    def flaw(self, table: Table, *, noted: Head | None = None) -> str:
        if noted:
            table.put(
                items.history_key(CARD_ARN), "2026#1", {"approvals": {"number": noted.number, "digest": noted.digest}}
            )
        found = table.recorded()
        assert not (found.flaw and (found.records or found.kept.questions))
        return found.flaw

    def test_is_found_by_the_entry_itself(self, table: Table) -> None:
        table.keep(*RECORDS[:3])
        self.replaced(table, entries.sort_key(RECORDS[1]), actor=APPROVER.arn)
        assert self.flaw(table) == "entry 2 isn't what it says that it is"

    def test_is_found_by_the_entry_behind(self, table: Table) -> None:
        table.keep(*RECORDS[:3])
        self.replaced(table, entries.sort_key(RECORDS[1]), actor=APPROVER.arn)
        forged = table.get(KEY, entries.sort_key(RECORDS[1]))
        assert forged
        self.replaced(table, entries.sort_key(RECORDS[1]), digest=entries.digest_of(forged))
        assert self.flaw(table) == "entry 3 came after another entry than that before it"

    def test_is_found_by_what_counts_now(self, table: Table) -> None:
        table.keep(*RECORDS[:3])
        current = table.get(KEY, items.CURRENT)
        assert current
        self.replaced(table, items.CURRENT, entries=[*current["entries"][:2], {**current["entries"][2], "id": "z"}])
        assert self.flaw(table) == "what counts now isn't what the entries say"
        self.replaced(table, items.CURRENT, number=4)
        assert self.flaw(table) == "what counts now was written without an entry"

    def test_is_found_where_an_entry_is_put_beside_the_others(self, table: Table) -> None:
        table.keep(RECORDS[0])
        table.put(KEY, f"{items.RECORD}forged", {"number": 1, "digest": "x"})
        assert self.flaw(table) == "entries are missing, or one is there twice"

    def test_is_found_by_the_history_where_all_of_it_was_made_anew(self, table: Table) -> None:
        table.keep(*RECORDS[:2])
        noted = quickly(table).head
        for pk, sk in table.all_keys():
            table.client.delete_item(TableName=table.name, Key=items.key(pk, sk))
        table.keep(RECORDS[0], RECORDS[2], RECORDS[3])
        assert self.flaw(table) == ""
        assert self.flaw(table, noted=noted) == "entry 2 is another than the one that a run has relied on"

    def test_leaves_the_head_that_was_noted(self, table: Table) -> None:
        """So that the next look finds it as well."""
        table.keep(*RECORDS[:2])
        noted = quickly(table).head
        self.replaced(table, entries.sort_key(RECORDS[0]), actor=AUTHOR.arn)
        assert self.flaw(table, noted=noted)
        assert table.recorded().kept.head == noted

    def test_is_nobody_where_all_was_taken_away(self, table: Table) -> None:
        """A person has: nothing counts, and it begins anew."""
        assert self.flaw(table, noted=Head(number=2, digest="x")) == ""

    def test_is_not_whom_a_run_has_seen_before(self, table: Table) -> None:
        table.keep(*RECORDS[:2])
        assert self.flaw(table, noted=quickly(table).head) == ""
        table.keep(RECORDS[2])
        assert self.flaw(table) == ""


class TestAnEventsRun:
    def test_reads_all_that_counts_in_one_call(self, table: Table) -> None:
        table.claim("me")
        table.keep(RECORDS[0])
        asked = Scripted("dynamodb", BatchGetItem={"Responses": {"ledger": []}})
        found = read.read(asked.client, "ledger", CARD_ARN, read.Reading(execution="me", notes={"fence/1"}))
        assert found == read.Recorded(view=View(), chain=Head())
        ((_, request),) = asked.calls
        keys = [(key["pk"]["S"].partition("#")[0], key["sk"]["S"]) for key in request["RequestItems"]["ledger"]["Keys"]]
        assert set(keys) == {
            ("APPROVALS", "CURRENT"),
            ("WITHDRAWAL", "CURRENT"),
            ("CHAIN", "HEAD"),
            ("VIEW", "VIEW"),
            ("SUBJECT", "VIEW"),
            ("SUBJECT", "CLAIM"),
            ("SUBJECT", "WRITTEN#fence/1"),
            ("UNITS", "OUTSIDE"),
        }
        assert request["RequestItems"]["ledger"]["ConsistentRead"] is True

    def test_reads_what_dynamodb_has_left_unread_again(self) -> None:
        left = {"ledger": {"Keys": [items.key(KEY, items.CURRENT)]}}
        answers: list[Any] = [{"Responses": {}, "UnprocessedKeys": left}, {"Responses": {}}]
        dynamodb = Scripted("dynamodb", BatchGetItem=answers)
        read.read(dynamodb.client, "ledger", CARD_ARN, read.Reading(execution="me", notes=()))
        assert [request["RequestItems"]["ledger"]["Keys"] for request in dynamodb.of("BatchGetItem")][1] == left[
            "ledger"
        ]["Keys"]
        stuck = Scripted("dynamodb", BatchGetItem={"Responses": {}, "UnprocessedKeys": left})
        with pytest.raises(ThrottledError):
            read.read(stuck.client, "ledger", CARD_ARN, read.Reading(execution="me", notes=()))

    def test_after_one_that_failed_compares_everything(self, table: Table) -> None:
        table.put(items.subject_key(CARD_ARN), items.CLAIM, {"holder": "me", "began": "another"})
        table.keep(RECORDS[0])
        table.put(KEY, f"{items.RECORD}forged", {"number": 1, "digest": "x"})
        found = read.read(table.client, table.name, CARD_ARN, read.Reading(execution="me", notes=()))
        assert found.flaw

    def test_of_a_subject_with_a_target_reads_its_notes(self, table: Table) -> None:
        view: dict[str, Any] = {
            "grants": [
                {
                    "stage": "dev",
                    "accounts": [],
                    "write": False,
                    "permission": "p",
                    "since": items.text_of(at(0)),
                    "target": "kms-key/k",
                }
            ]
        }
        table.put(items.view_key(CARD_ARN), items.VIEW, view)
        table.put(items.subject_key(CARD_ARN), f"{items.WRITTEN}kms-key/k", {"digest": "d"})
        how = read.Reading(execution="me", notes=())
        assert read.read(table.client, table.name, CARD_ARN, how).view.written == {"kms-key/k": "d"}
