"""An approval is an approver's, of this content, and the last word on the status."""

from datetime import timedelta

import pytest

from stagegate.approvals.attribution import authors_of
from stagegate.approvals.records import (
    RECORD_TOLERANCE,
    AuditRecord,
    Standing,
    approval_of,
    is_settled,
    of_this_one,
    own_record,
)
from stagegate.core.statuses import CardStatus
from stagegate.subjects.cards.model import Card
from tests.support.builders import (
    APPROVED,
    APPROVER,
    APPROVER_ROLE,
    AUTHOR,
    DRAFT,
    PENDING,
    a_card,
    a_record,
    at,
    written,
)

LIST = (APPROVER_ROLE,)


def standing(card: Card, *records: AuditRecord) -> tuple[Standing, bool]:
    approval = approval_of(card, records, LIST)
    return approval.standing, approval.settled


def test_an_approvers_record_of_this_status_and_content_approves() -> None:
    record = a_record()
    approval = approval_of(a_card(), [written(), record], LIST)
    assert (approval.standing, approval.record, approval.settled) == (Standing.APPROVED, record, True)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([a_record(actor=AUTHOR)], Standing.NOT_APPROVED, id="somebody else set it"),
        pytest.param([], Standing.WAITING, id="nothing is on record yet"),
        pytest.param([written()], Standing.WAITING, id="only the edit is on record"),
        pytest.param([a_record(content=None, version=None)], Standing.NOT_APPROVED, id="nobody knows which content"),
        pytest.param([a_record(PENDING)], Standing.WAITING, id="an approver set another status"),
        pytest.param([a_record(), a_record(actor=AUTHOR)], Standing.APPROVED, id="and somebody repeated it"),
        pytest.param([a_record(DRAFT, AUTHOR, -1), a_record()], Standing.APPROVED, id="after it was a draft"),
        pytest.param([a_record(DRAFT, AUTHOR, 0), a_record()], Standing.NOT_APPROVED, id="no order within a second"),
    ],
)
def test_whether_a_status_is_approved(records: list[AuditRecord], expected: Standing) -> None:
    assert approval_of(a_card(), records, LIST).standing is expected
    assert approval_of(a_card(), records[::-1], LIST).standing is expected


def test_whoever_takes_a_card_out_of_a_status_ends_its_approvals() -> None:
    left = [a_record(), a_record(DRAFT, AUTHOR, 60)]
    again = a_card(modified=120.4)
    assert standing(again, *left) == (Standing.WAITING, False)
    assert standing(again, *left, a_record(actor=AUTHOR, seconds=120)) == (Standing.NOT_APPROVED, True)
    assert standing(again, *left, a_record(seconds=120)) == (Standing.APPROVED, True)


def test_an_approval_stands_while_the_record_of_a_later_change_is_on_its_way() -> None:
    assert standing(a_card(modified=120.4), a_record()) == (Standing.APPROVED, False)


def test_a_late_record_is_put_where_it_belongs_in_time() -> None:
    approved, left, again = a_record(), a_record(DRAFT, AUTHOR, 60), a_record(actor=AUTHOR, seconds=120)
    card = a_card(modified=120.4)
    assert standing(card, approved, again)[0] is Standing.APPROVED
    assert standing(card, approved, again, left)[0] is Standing.NOT_APPROVED


def test_an_edit_after_the_approval_voids_it_and_the_same_content_again_revives_it() -> None:
    edited = a_card(version=2, content="two", modified=60.4)
    edit = written(seconds=60, version=2, content="two")
    assert standing(edited, a_record(), edit) == (Standing.EDITED, True)
    assert standing(edited, a_record()) == (Standing.EDITED, False)
    restored = a_card(version=3, modified=120.4)
    assert standing(restored, a_record(), edit, written(seconds=120, version=3)) == (Standing.APPROVED, True)


def test_of_several_approvals_the_last_of_this_content_is_relied_upon() -> None:
    one, two = a_record(), a_record(seconds=30, version=2, content="two")
    assert approval_of(a_card(version=2, content="two", modified=30.4), [two, one], LIST).record == two
    assert approval_of(a_card(version=3, modified=60.4), [two, one], LIST).record == one


def test_an_edit_shortly_before_says_nothing_of_who_set_the_status() -> None:
    assert standing(a_card(modified=3.4), written(seconds=0))[0] is Standing.WAITING


def test_nobody_on_the_list_is_nobody() -> None:
    assert approval_of(a_card(), [a_record()], ()).standing is Standing.NOT_APPROVED


@pytest.mark.parametrize(
    ("card", "record", "expected"),
    [
        (a_card(), a_record(), True),
        (a_card(modified=0), a_record(), True),
        (a_card(modified=4.99), a_record(), True),
        (a_card(modified=5), a_record(), False),
        (a_card(modified=-119), a_record(), True),
        (a_card(modified=-120), a_record(), False),
        (a_card(), a_record(DRAFT), False),
        (a_card(), written(seconds=0), True),
        (a_card(), written(seconds=0, version=2), False),
    ],
)
def test_a_record_settles_the_change_of_its_moment_and_kind(card: Card, record: AuditRecord, *, expected: bool) -> None:
    assert is_settled(card, [record]) is expected


class TestWhatSageMakerItselfSays:
    card = a_card(by=APPROVER)

    def test_it_stands_in_for_a_record_that_has_not_come(self) -> None:
        own = own_record(self.card, [])
        assert own
        assert (own.actor, own.status, own.version, own.content_hash) == (APPROVER, APPROVED, 1, "one")
        assert standing(self.card, own) == (Standing.APPROVED, True)

    def test_it_never_replaces_one_that_has(self) -> None:
        assert own_record(self.card, [a_record(actor=AUTHOR)]) is None

    def test_it_adds_nothing_where_sagemaker_names_nobody(self) -> None:
        assert own_record(a_card(), []) is None

    def test_it_is_as_coarse_in_time_as_cloudtrail_is(self) -> None:
        """The card was taken out of the status later in that second, and put back by somebody else."""
        own = own_record(self.card, [])
        assert own
        assert own.at == at(0)
        later = a_card(modified=60.4)
        left = a_record(DRAFT, AUTHOR, 0)
        assert standing(later, own, left, a_record(actor=AUTHOR, seconds=60))[0] is Standing.NOT_APPROVED

    def test_it_is_known_again_by_its_id(self) -> None:
        cards = (self.card, self.card, a_card(by=APPROVER, modified=60.4))
        now, again, other = (own.id for card in cards if (own := own_record(card, [])))
        assert now == again != other


def test_authors_are_found_by_version_and_by_content() -> None:
    records = [
        written(AUTHOR, version=1, content=None),
        written(APPROVER, -60, version=2, content="two"),
        a_record(CardStatus.APPROVED, APPROVER, version=1),
    ]
    assert authors_of(1, "one", records) == {AUTHOR}
    assert authors_of(3, "two", records) == {APPROVER}
    assert authors_of(3, "three", records) == frozenset()
    assert authors_of(None, None, [written(version=1, content=None)]) == frozenset()


def test_a_card_that_was_deleted_and_made_again_has_no_past() -> None:
    reborn = a_card(created=at(60.2), modified=90.4)
    creation = a_record(DRAFT, AUTHOR, 60)
    assert of_this_one(reborn, [a_record(), written(), creation]) == (creation,)
    slow = a_card(created=at(60) + RECORD_TOLERANCE - timedelta(milliseconds=1))
    assert of_this_one(slow, [creation]) == (creation,)
