"""The clock: what is due comes in its order, and nobody waits for it where all is quiet."""

import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest

from sandbox.kernel.activities import Places, Signal
from sandbox.kernel.clock import Clock

HOUR = 3600.0
MOMENT = 0.1
"""Real seconds in which the clock would have jumped many times."""


@pytest.fixture
def clock() -> Iterator[Clock]:
    made = Clock()
    made.jumps = True
    yield made
    made.reset()


def hold(clock: Clock) -> threading.Event:
    """Work that goes on until the event is set."""
    over = threading.Event()
    clock.activities.spawn(over.wait, "work")
    return over


def beside(clock: Clock, seconds: float) -> threading.Event:
    """Somebody who waits for the clock; the event tells when that is over."""
    woken = threading.Event()

    def wait() -> None:
        clock.sleep(seconds)
        woken.set()

    threading.Thread(target=wait, daemon=True).start()
    return woken


def test_advancing_calls_what_becomes_due_in_its_order_before_it_returns(clock: Clock) -> None:
    seen: list[str] = []
    clock.call_later(120, lambda: seen.append("late"))
    clock.call_later(60, lambda: seen.append("early"))
    clock.advance(59)
    assert seen == []
    clock.advance(62)
    assert seen == ["early", "late"]


def test_a_call_that_schedules_another_is_followed_by_it(clock: Clock) -> None:
    seen: list[str] = []
    clock.call_later(10, lambda: clock.call_later(0, lambda: seen.append("second")))
    clock.advance(11)
    assert seen == ["second"]


def test_a_cancelled_call_is_not_made(clock: Clock) -> None:
    seen: list[str] = []
    clock.call_later(10, lambda: seen.append("never")).cancel()
    assert clock.pending() == 0
    clock.advance(11)
    assert seen == []


def test_pending_counts_what_falls_due_within_the_horizon(clock: Clock) -> None:
    clock.call_later(5, lambda: None)
    clock.call_later(500, lambda: None)
    assert clock.pending(within_s=10) == 1
    assert clock.pending() == 2


def test_a_failing_call_does_not_stop_the_next(clock: Clock) -> None:
    seen: list[str] = []
    clock.call_later(1, lambda: 1 / 0)
    clock.call_later(2, lambda: seen.append("next"))
    clock.advance(3)
    assert seen == ["next"]


def test_who_waits_for_the_clock_jumps_from_one_thing_to_the_next(clock: Clock) -> None:
    seen: list[float] = []
    began, real = clock.now(), time.monotonic()
    clock.call_later(2 * HOUR, lambda: seen.append(clock.now() - began))
    clock.call_later(HOUR, lambda: seen.append(clock.now() - began))
    assert clock.until(lambda: len(seen) == 2, 3 * HOUR)
    assert [round(at / HOUR, 3) for at in seen] == [1.0, 2.0]
    assert time.monotonic() - real < 60


def test_time_passes_by_itself_where_nobody_waits_for_the_clock(clock: Clock) -> None:
    seen: list[str] = []
    clock.call_later(HOUR, lambda: seen.append("late"))
    clock.call_later(MOMENT / 2, lambda: seen.append("soon"))
    time.sleep(MOMENT)
    assert (seen, clock.offset) == (["soon"], 0.0)


def test_what_is_at_work_holds_the_clock(clock: Clock) -> None:
    over = hold(clock)
    woken = beside(clock, HOUR)
    assert not woken.wait(MOMENT)
    assert clock.offset == 0.0
    over.set()
    assert woken.wait(60)
    assert clock.offset > HOUR - 60


def test_work_that_waits_at_rest_does_not_hold_it_and_is_at_work_again_when_it_goes_on(clock: Clock) -> None:
    given, done, seen = Signal(clock.activities), threading.Event(), []

    def work() -> None:
        given.wait()
        seen.append(clock.activities.at_work)
        done.set()

    clock.activities.spawn(work, "work")
    clock.call_later(HOUR, given.give)
    assert clock.until(lambda: seen and not clock.activities.others_at_work, 2 * HOUR)
    assert (seen[0] >= 1, done.is_set()) == (True, True)


def test_what_a_call_sets_going_is_over_before_the_next_is_due(clock: Clock) -> None:
    seen: list[str] = []

    def work() -> None:
        time.sleep(MOMENT)
        seen.append("work")

    clock.call_later(HOUR, lambda: clock.activities.spawn(work, "work"))
    clock.call_later(HOUR + 60, lambda: seen.append("next"))
    clock.sleep(2 * HOUR)
    assert seen == ["work", "next"]


def test_who_looks_looks_before_every_jump(clock: Clock) -> None:
    steps: list[int] = []
    for hour in range(1, 4):
        clock.call_later(hour * HOUR, lambda: steps.append(len(steps)))
    one: list[int] = []
    two: list[int] = []

    def looks(seen: list[int]) -> bool:
        seen.append(len(steps))
        return len(steps) > 2

    other = threading.Thread(target=lambda: clock.until(lambda: looks(two), 9 * HOUR))
    with clock.activities.looking():
        other.start()
    assert clock.until(lambda: looks(one), 9 * HOUR)
    other.join(60)
    assert set(one) == {0, 1, 2, 3}
    assert set(two) >= {1, 2, 3}


def test_a_test_can_act_in_the_middle_of_a_wait(clock: Clock) -> None:
    seen: list[str] = []
    clock.call_later(HOUR, lambda: seen.append("first"))
    clock.call_later(2 * HOUR, lambda: seen.append("second"))
    assert clock.until(lambda: seen, 9 * HOUR)
    time.sleep(MOMENT)
    assert seen == ["first"]


def test_a_wait_for_what_never_comes_ends_when_its_time_is_up(clock: Clock) -> None:
    began = clock.now()
    assert not clock.until(lambda: False, HOUR)
    assert HOUR <= clock.now() - began < HOUR + 60


def test_a_mark_is_not_jumped_past(clock: Clock) -> None:
    began = clock.now()
    instant = clock.mark(began + HOUR)
    clock.call_later(9 * HOUR, lambda: None)
    assert clock.until(lambda: clock.now() >= instant, 10 * HOUR)
    assert clock.now() - began < HOUR + 60


def test_a_client_that_waits_for_an_answer_waits_for_the_clock(clock: Clock) -> None:
    given = Signal(clock.activities)
    clock.call_later(HOUR, given.give)
    with clock.activities.answering():
        given.wait()
        assert clock.offset > HOUR - 60


def test_who_is_called_in_the_course_of_other_work_is_part_of_it(clock: Clock) -> None:
    with clock.activities.carrying(clock.activities.begin()):
        with clock.activities.answering():
            assert clock.activities.at_work == 1
        assert (clock.activities.at_work, clock.activities.others_at_work) == (1, 0)
    assert clock.activities.at_work == 0


def test_what_is_due_comes_in_real_time_while_something_is_at_work(clock: Clock) -> None:
    """So that a function that hangs is stopped."""
    over, stopped = hold(clock), threading.Event()
    clock.call_later(MOMENT, stopped.set)
    assert stopped.wait(60)
    assert clock.offset == 0.0
    over.set()


def test_who_waits_for_a_place_rests_and_comes_in_in_order(clock: Clock) -> None:
    places = Places(clock.activities, 1)
    seen: list[str] = []

    def visit(name: str) -> None:
        with places:
            seen.append(name)
            nap = Signal(clock.activities)
            clock.call_later(HOUR, nap.give)
            nap.wait()

    began = clock.now()
    with clock.activities.looking():
        for name in "abc":
            clock.activities.spawn(partial(visit, name), name)
            while name not in seen and clock.activities.at_work > 1:  # until it is inside, or waits
                time.sleep(0.001)
    assert clock.until(lambda: len(seen) == 3 and not clock.activities.others_at_work and not clock.pending(), 9 * HOUR)
    assert seen == ["a", "b", "c"]
    assert 3 * HOUR <= clock.now() - began < 3 * HOUR + 60


def test_an_advance_reaches_who_sleeps(clock: Clock) -> None:
    clock.jumps = False
    woken = beside(clock, HOUR)
    assert not woken.wait(MOMENT)
    clock.advance(HOUR + 1)
    assert woken.wait(60)


def test_what_was_at_work_before_a_reset_counts_no_more(clock: Clock) -> None:
    over = hold(clock)
    clock.reset(jumps=True)
    assert clock.activities.at_work == 0
    over.set()
    clock.sleep(HOUR)
    assert clock.activities.at_work == 0


@pytest.mark.parametrize(("said", "jumps"), [("1", False), ("0", True), ("", True)])
def test_realtime_in_the_environment_keeps_real_time(
    monkeypatch: pytest.MonkeyPatch, said: str, *, jumps: bool
) -> None:
    monkeypatch.setenv("REALTIME", said)
    clock, seen = Clock(), []
    began = time.monotonic()
    clock.call_later(MOMENT, lambda: seen.append("due"))
    assert clock.until(lambda: seen, 60)
    assert (clock.jumps, clock.offset == 0.0) == (jumps, not jumps)
    assert jumps or time.monotonic() - began >= MOMENT
