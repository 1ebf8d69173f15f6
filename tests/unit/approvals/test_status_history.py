"""An approval that somebody has taken back stays taken back, whatever CloudTrail says of that, and when."""

from datetime import timedelta

import pytest

from stagegate.approvals.records import AuditRecord
from stagegate.approvals.status_history import is_elsewhere, status_history, with_status_history
from stagegate.core.statuses import CardStatus
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.cards.model import Card
from tests.support.builders import (
    APPROVED,
    ARCHIVED,
    AUTHOR,
    CREATED,
    DRAFT,
    a_card,
    a_record,
    asked_about,
    at,
    some_rules,
    written,
)

RULES = some_rules()
APPROVAL = a_record(seconds=0)


def state_after(*cards: Card) -> dict[str, str]:
    """What is remembered after runs that have seen these, one after the other."""
    planner_state: dict[str, str] = {}
    for card in cards:
        planner_state = status_history(planner_state, card)
    return planner_state


def stages(card: Card, planner_state: dict[str, str], *records: AuditRecord) -> list[str]:
    known = with_status_history((written(), *records), planner_state, card)
    found = entitle(RULES, card, known, questions=asked_about(records), now=at(300))
    return [entitlement.stage for entitlement in found.entitlements]


@pytest.mark.parametrize("elsewhere", [DRAFT, ARCHIVED])
def test_somebody_else_doesnt_take_up_an_approval_of_before(elsewhere: CardStatus) -> None:
    """The record of who took the card out of its status is late, or lost; that of who set it again is there."""
    planner_state = state_after(a_card(APPROVED), a_card(elsewhere, modified=100.4))
    again = a_card(APPROVED, modified=110.4)
    set_again = a_record(actor=AUTHOR, seconds=110)
    assert "prod" in stages(again, {}, APPROVAL, set_again)
    assert "prod" not in stages(again, planner_state, APPROVAL, set_again)
    assert "prod" not in stages(
        again, state_after(a_card(APPROVED), a_card(elsewhere, modified=100.4), again), APPROVAL
    )


def test_a_later_approval_counts() -> None:
    planner_state = state_after(a_card(APPROVED), a_card(DRAFT, modified=100.4))
    again = a_card(APPROVED, modified=110.4)
    assert "prod" in stages(again, planner_state, APPROVAL, a_record(seconds=110))
    assert "prod" in stages(again, status_history(planner_state, again), APPROVAL, a_record(seconds=110))


def test_an_approval_of_the_second_of_a_departure_doesnt_count() -> None:
    planner_state = state_after(a_card(DRAFT, modified=100.1))
    assert "prod" not in stages(a_card(modified=100.9), planner_state, a_record(seconds=100))


def test_a_status_that_never_changed_takes_nothing_away() -> None:
    planner_state = state_after(a_card(APPROVED), a_card(APPROVED, modified=50.4))
    assert stages(a_card(APPROVED, modified=50.4), planner_state, APPROVAL, a_record(seconds=50)) == [
        "dev",
        "test",
        "prod",
    ]


def test_what_is_deleted_leaves_nothing_to_one_of_its_name() -> None:
    planner_state = state_after(a_card(APPROVED), a_card(DRAFT, modified=100.4))
    assert status_history(planner_state, None) == {}
    new = a_card(APPROVED, modified=900.4, created=CREATED + timedelta(days=365))
    assert set(status_history(planner_state, new)) == {"status", "seen"}


def test_another_status_has_to_be_put_down() -> None:
    before = state_after(a_card(DRAFT))
    assert is_elsewhere({}, before)
    assert is_elsewhere(before, status_history(before, a_card(APPROVED)))
    assert not is_elsewhere(before, status_history(before, a_card(DRAFT, modified=50)))
    assert not is_elsewhere({}, {})
