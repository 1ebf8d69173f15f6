"""The queue of imports: first come, first served, one at a time, and nobody waits for the dead."""

from dataclasses import replace
from datetime import timedelta

import pytest

from stagegate.ledger import queues
from stagegate.ledger.queues import LIVE, Ticket
from tests.support.builders import at
from tests.support.table import Table

FIRST = Ticket(queue="777788889999/us-east-1", target="model-import/a", digest="1", holder="run-1", package="arn:a")
SECOND = replace(FIRST, target="model-import/b", holder="run-2", package="arn:b")
THIRD = replace(FIRST, target="model-import/c", holder="run-3", package="arn:c")


@pytest.fixture
def come(table: Table) -> "Come":
    return Come(table)


class Come:
    """Runs that come to the queue."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def __call__(self, ticket: Ticket, seconds: float) -> int | None:
        """How many are before it, None if it isn't let in."""
        now = at(seconds)
        if not queues.wait(self.table.client, self.table.name, ticket, now):
            return None
        return queues.take_turn(self.table.client, self.table.name, ticket, now)

    def stay(self, ticket: Ticket, seconds: float) -> None:
        queues.renew(self.table.client, self.table.name, ticket, at(seconds))

    def leave(self, ticket: Ticket) -> None:
        queues.leave(self.table.client, self.table.name, ticket)


def later(than: float) -> float:
    return than + LIVE.total_seconds() + 1


def test_who_came_first_goes_first(come: Come) -> None:
    assert come(FIRST, 0) == 0
    assert come(SECOND, 1) == 1
    assert come(THIRD, 2) == 2
    come.leave(FIRST)
    assert come(THIRD, 3) == 1, "it isn't its turn, though the slot is free"
    assert come(SECOND, 4) == 0
    come.leave(SECOND)
    assert come(THIRD, 5) == 0


def test_a_place_that_is_renewed_stays_where_it_was(come: Come) -> None:
    assert [come(FIRST, 0), come(SECOND, 1), come(THIRD, 2), come(SECOND, 3)] == [0, 1, 2, 1]


def test_whose_turn_it_is_keeps_it_by_renewing(come: Come) -> None:
    assert come(FIRST, 0) == 0
    half = LIVE.total_seconds() / 2
    come.stay(FIRST, half)
    assert come(SECOND, 3 * half - 1) == 1


def test_nobody_waits_for_a_run_that_has_died(come: Come) -> None:
    assert [come(FIRST, 0), come(SECOND, 1)] == [0, 1]
    assert come(THIRD, later(1)) == 0


def test_another_run_for_the_same_is_one_too_many_until_the_first_has_died(come: Come) -> None:
    assert come(FIRST, 0) == 0
    again = replace(FIRST, holder="run-9")
    assert come(again, 1) is None
    assert come(again, later(0)) == 0


def test_who_asks_for_something_else_of_the_same_model_waits_for_the_turn(come: Come) -> None:
    assert come(FIRST, 0) == 0
    other = replace(FIRST, digest="2", holder="run-9")
    assert come(other, 1) == 1
    come.stay(FIRST, 2)
    assert come(other, 3) == 1, "the job of the first is running still"
    come.leave(FIRST)
    assert come(other, 2) == 0


def test_leaving_takes_nothing_from_others_and_may_be_done_twice(come: Come) -> None:
    assert [come(FIRST, 0), come(SECOND, 1)] == [0, 1]
    come.leave(SECOND)
    come.leave(SECOND)
    assert come(FIRST, 2) == 0
    assert come(THIRD, 3) == 1


def test_other_regions_and_accounts_have_queues_of_their_own(come: Come) -> None:
    assert come(FIRST, 0) == 0
    assert come(replace(SECOND, queue="777788889999/us-west-2"), 0) == 0
    assert come(replace(SECOND, queue="444455556666/us-east-1"), 0) == 0


def test_a_place_is_believed_for_longer_than_the_longest_pause() -> None:
    longest_pause, a_steps_retries = timedelta(seconds=300), timedelta(seconds=90 * 7)
    assert longest_pause + a_steps_retries < LIVE
