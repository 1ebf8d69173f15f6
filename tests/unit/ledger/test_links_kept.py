"""Who follows whom is recorded with the run that found it, and no card forgets a package that came at the same time."""

from dataclasses import replace
from typing import Any

import pytest

from stagegate.core.errors import ClaimLostError, PlannedByOlderCardError
from stagegate.ledger import links, read, write
from stagegate.links.linking import Linking
from stagegate.plans.record import Outcome, Record
from tests.support.builders import NOON, at, the_subject
from tests.support.packages import the_package_subject
from tests.support.table import Table
from tests.support.words import CARD, OTHER, PACKAGE

OF_CARD = Record(subject=the_subject(CARD), outcome=Outcome.UNCHANGED, status="Approved")
OF_PACKAGE = Record(subject=the_package_subject(PACKAGE), outcome=Outcome.UNCHANGED, status="Approved")
NEVER = Linking(follows=(CARD,), as_of=("",))


def records(table: Table, record: Record, linking: Linking, *, seconds: float = 0, holder: str = "me") -> None:
    table.claim("me", record.subject.arn)
    by = write.Round(execution=holder, number=int(seconds), at=at(seconds))
    write.record(table.client, table.name, replace(record, linking=linking), by)


def following(table: Table, **more: Any) -> tuple[tuple[str, ...], bool]:
    return links.following(table.client, table.name, CARD, more.pop("after", ""), **more)


def named_by(table: Table, *, is_whole: bool, arn: str = PACKAGE) -> tuple[str, ...]:
    how = read.Reading(execution="me", is_whole=is_whole, is_linked=True)
    return read.read(table.client, table.name, arn, how).named_by


@pytest.mark.parametrize("is_whole", [False, True])
def test_a_package_knows_the_cards_that_name_it_and_starts_with_them(table: Table, *, is_whole: bool) -> None:
    records(table, OF_CARD, Linking(named=(PACKAGE,)))
    other = PACKAGE.replace("churn", "Churn")
    assert named_by(table, is_whole=is_whole) == named_by(table, is_whole=is_whole, arn=other) == (CARD,)
    assert following(table) == ((PACKAGE,), False)
    records(table, OF_CARD, Linking(unnamed=(PACKAGE,)), seconds=1)
    assert named_by(table, is_whole=is_whole) == ()
    assert following(table) == ((PACKAGE,), False), "its own run has to see that it is let go"


def test_a_package_that_leaves_a_card_is_started_by_it_no_more(table: Table) -> None:
    records(table, OF_PACKAGE, NEVER)
    assert following(table) == ((PACKAGE,), False)
    records(table, OF_PACKAGE, Linking(left=(CARD,)), seconds=1)
    assert following(table) == ((), False)


def test_to_record_it_twice_is_to_record_it_once(table: Table) -> None:
    for _ in range(2):
        records(table, OF_CARD, Linking(named=(PACKAGE, OTHER)))
    assert named_by(table, is_whole=False) == (CARD,)
    assert following(table) == ((PACKAGE, OTHER), False)


def test_the_packages_of_a_card_come_in_pages(table: Table) -> None:
    records(table, OF_CARD, Linking(named=(PACKAGE, OTHER)))
    first, more = following(table, limit=1)
    assert (first, more) == ((PACKAGE,), True)
    assert following(table, limit=1, after=first[-1])[0] == (OTHER,)


def test_a_card_that_was_recorded_meanwhile_keeps_a_package_from_being_recorded(table: Table) -> None:
    """The card's run may have looked for its packages before there was this one."""
    records(table, OF_CARD, Linking(starts=True))
    with pytest.raises(PlannedByOlderCardError):
        records(table, OF_PACKAGE, NEVER)
    _, then, _ = read.read_view_at(table.client, table.name, CARD)
    records(table, OF_CARD, Linking(starts=True), seconds=1)
    with pytest.raises(PlannedByOlderCardError):
        records(table, OF_PACKAGE, Linking(follows=(CARD,), as_of=(then,)))
    assert following(table) == ((), False)
    assert read.read_view(table.client, table.name, PACKAGE).status == "", "all of it or nothing"
    _, now, _ = read.read_view_at(table.client, table.name, CARD)
    records(table, OF_PACKAGE, Linking(follows=(CARD,), as_of=(now,)))
    assert following(table) == ((PACKAGE,), False)


def test_a_run_that_has_lost_its_claim_links_nothing(table: Table) -> None:
    with pytest.raises(ClaimLostError):
        records(table, OF_CARD, Linking(named=(PACKAGE,)), holder="another")
    assert (named_by(table, is_whole=True), following(table)) == ((), ((), False))


def test_a_view_says_when_it_was_recorded(table: Table) -> None:
    assert read.read_view_at(table.client, table.name, CARD)[1] == ""
    records(table, OF_CARD, Linking())
    assert read.read_view_at(table.client, table.name, CARD)[1] == NOON.isoformat(timespec="microseconds")


def test_a_package_doesnt_leave_a_card_that_has_come_to_name_it_meanwhile(table: Table) -> None:
    """Both runs write who starts with the card, and the package's was planned before."""
    records(table, OF_PACKAGE, NEVER)
    records(table, OF_CARD, Linking(named=(PACKAGE,)))
    other = CARD.replace("churn", "other")
    with pytest.raises(PlannedByOlderCardError):
        records(table, OF_PACKAGE, Linking(left=(other, CARD)), seconds=1)
    assert following(table) == ((PACKAGE,), False)
    records(table, OF_PACKAGE, Linking(left=(other,)), seconds=2)
    records(table, OF_CARD, Linking(unnamed=(PACKAGE,)), seconds=1)
    records(table, OF_PACKAGE, Linking(left=(CARD,)), seconds=3)
    assert following(table) == ((), False)
