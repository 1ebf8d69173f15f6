"""Each entry of a subject's history lies behind the one before, whoever writes it, and none is put over another."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from stagegate.approvals.kept import Head
from stagegate.core.errors import ClaimLostError, RefusedError
from stagegate.evidence import chain
from stagegate.ledger import imports, items, read, write
from stagegate.ledger.chains import head
from stagegate.plans.record import Outcome, Record
from tests.support.builders import CARD_ARN, NOON, PROD, a_grant, the_subject
from tests.support.table import Table

RECORD = Record(
    subject=the_subject(), outcome=Outcome.UNCHANGED, status="Approved", version=1, grants=(a_grant("prod", PROD),)
)
BY = write.Round(execution="me", number=0, at=NOON, after=Head(), is_first=True)


def stored(table: Table, number: int = 0, after: Head | None = None, **round_: Any) -> None:
    by = replace(BY, number=number, at=NOON + timedelta(minutes=number), after=after, **round_)
    write.record(table.client, table.name, RECORD, by)


def ended(table: Table, minute: float) -> None:
    imports.record_end(
        table.client,
        table.name,
        CARD_ARN,
        outcome="import imported",
        lines=["it is there"],
        holder="an import",
        now=NOON + timedelta(minutes=minute),
    )


def entries(table: Table) -> list[dict[str, Any]]:
    """The entries of the chain, in its order."""
    found = map(items.values, table.client.scan(TableName=table.name)["Items"])
    return sorted((each for each in found if "previous" in each or "begins" in each), key=lambda each: each["number"])


def is_whole(found: Sequence[dict[str, Any]], end: Head) -> bool:
    before = [None, *(each["digest"] for each in found)]
    linked = all(each.get("previous") == before[n] for n, each in enumerate(found))
    own = all(chain.digest_of(each) == each["digest"] and each["number"] == n for n, each in enumerate(found, 1))
    return linked and own and end == Head(number=len(found), digest=before[-1] or "")


@pytest.fixture
def claimed(table: Table) -> Table:
    table.claim("me")
    return table


def test_runs_and_ends_of_imports_are_one_chain_whose_end_is_read_with_the_rest(claimed: Table) -> None:
    stored(claimed, after=Head(), is_first=True)
    ended(claimed, 0.5)
    stored(claimed, 1, head.head(claimed.client, claimed.name, CARD_ARN))
    found = entries(claimed)
    assert [each["pk"].partition("#")[0] for each in found] == ["HISTORY", "ENDED", "HISTORY"]
    assert [each.get("begins", False) for each in found] == [True, False, False]
    for has_approvals in (False, True):
        for notes in (None, ()):
            how = read.Reading(execution="me", has_approvals=has_approvals, notes=notes)
            recorded = read.read(claimed.client, claimed.name, CARD_ARN, how)
            assert recorded.chain is not None
            assert is_whole(found, recorded.chain)
            assert recorded.is_known
    assert read.read(claimed.client, claimed.name, CARD_ARN, replace(how, is_withdrawn=False)).chain is None


def test_nothing_is_known_of_a_new_subject(claimed: Table) -> None:
    recorded = read.read(claimed.client, claimed.name, CARD_ARN, read.Reading(execution="me", notes=()))
    assert (recorded.chain, recorded.is_known) == (Head(), False)


@pytest.mark.parametrize("seen", [Head(), Head(number=1, digest="of another time"), None])
def test_who_has_seen_another_end_begins_again_behind_the_last_entry(claimed: Table, seen: Head | None) -> None:
    stored(claimed)
    ended(claimed, 0.5)
    stored(claimed, 1, seen)
    assert is_whole(entries(claimed), head.head(claimed.client, claimed.name, CARD_ARN))


def test_an_entry_that_comes_twice_is_there_once_also_when_the_claim_is_lost_or_others_came_since(
    claimed: Table,
) -> None:
    stored(claimed)
    ended(claimed, 0.5)
    claimed.claim("another")
    stored(claimed)
    ended(claimed, 0.5)
    assert len(entries(claimed)) == 2
    with pytest.raises(ClaimLostError):
        stored(claimed, 1)
    assert len(entries(claimed)) == 2


def test_nothing_is_put_over_an_entry(claimed: Table) -> None:
    stored(claimed)
    before = entries(claimed)
    with pytest.raises(RefusedError):
        stored(claimed, lines=("something else",))
    assert entries(claimed) == before


def test_an_earlier_history_stays_as_it_is_and_the_chain_begins_behind_it(claimed: Table) -> None:
    old = {"outcome": "changes", "execution": "me", "at": items.text_of(NOON - timedelta(days=1)), "grants": []}
    sk = f"{old['at']}#me#0"
    claimed.put(items.history_key(CARD_ARN), sk, old)
    claimed.put(items.subject_key(CARD_ARN), items.VIEW, {**old, "status": "Approved"})
    stored(claimed, is_first=False)
    assert claimed.get(items.history_key(CARD_ARN), sk) == {"pk": items.history_key(CARD_ARN), "sk": sk, **old}
    (first,) = entries_with_digest(claimed)
    assert (first["number"], "previous" in first, "begins" in first) == (1, False, False)


def entries_with_digest(table: Table) -> list[dict[str, Any]]:
    found = map(items.values, table.client.scan(TableName=table.name)["Items"])
    return [each for each in found if "digest" in each and each["sk"] != items.HEAD]


def test_digests_are_of_everything_and_of_whatever_may_lie_there() -> None:
    entry = chain.linked({"pk": "HISTORY#a", "sk": "1", "grants": [{"write": True}]}, Head())
    for name, value in (("pk", "HISTORY#b"), ("sk", "2"), ("number", 2), ("previous", "x"), ("grants", [])):
        assert chain.digest_of({**entry, name: value}) != entry["digest"]
    serialized = TypeSerializer().serialize({"a": {"1", "2"}, "b": b"x", "c": 1, "d": None})
    odd = items.values({"odd": serialized})
    assert chain.digest_of(odd) == chain.digest_of(items.values({"odd": serialized}))
    assert chain.digest_of({"n": 1}) != chain.digest_of({"n": "1"})
