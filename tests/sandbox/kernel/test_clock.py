import threading
import time

from sandbox.kernel.clock import clock


def test_advancing_calls_what_becomes_due_in_its_order_before_it_returns() -> None:
    seen: list[str] = []
    clock.call_later(120, lambda: seen.append("late"))
    clock.call_later(60, lambda: seen.append("early"))
    clock.advance(59)
    assert seen == []
    clock.advance(62)
    assert seen == ["early", "late"]


def test_a_call_that_schedules_another_is_followed_by_it() -> None:
    seen: list[str] = []
    clock.call_later(10, lambda: clock.call_later(0, lambda: seen.append("second")))
    clock.advance(11)
    assert seen == ["second"]


def test_without_advancing_time_passes_by_itself() -> None:
    happened = threading.Event()
    clock.call_later(0.02, happened.set)
    assert happened.wait(2)


def test_a_cancelled_call_is_not_made() -> None:
    seen: list[str] = []
    timer = clock.call_later(10, lambda: seen.append("never"))
    timer.cancel()
    assert clock.pending() == 0
    clock.advance(11)
    assert seen == []


def test_pending_counts_what_falls_due_within_the_horizon() -> None:
    clock.call_later(5, lambda: None)
    clock.call_later(500, lambda: None)
    assert clock.pending(within_s=10) == 1
    assert clock.pending() == 2


def test_a_sleeper_wakes_when_the_clock_is_advanced() -> None:
    woken = threading.Event()

    def sleeper() -> None:
        clock.sleep(3600)
        woken.set()

    threading.Thread(target=sleeper, daemon=True).start()
    time.sleep(0.05)
    assert not woken.is_set()
    clock.advance(3601)
    assert woken.wait(2)


def test_a_failing_call_does_not_stop_the_next() -> None:
    seen: list[str] = []
    clock.call_later(1, lambda: 1 / 0)
    clock.call_later(2, lambda: seen.append("next"))
    clock.advance(3)
    assert seen == ["next"]
