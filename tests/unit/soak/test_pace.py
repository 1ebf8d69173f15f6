"""A trial begins while there is time, and a sample of all of them where there isn't enough."""

import time

from soak.trials.pace import Pace


def test_all_are_tried_where_there_is_time() -> None:
    pace = Pace(time.time() + 3600.0, 100)
    assert all(pace.lets() for _ in range(100))


def test_none_is_tried_when_time_is_up() -> None:
    pace = Pace(time.time() - 1.0, 100)
    assert not any(pace.lets() for _ in range(100))
