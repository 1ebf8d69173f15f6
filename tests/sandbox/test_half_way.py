"""A run that dies after it has changed something: it fails, and the next one looks at everything and puts it right."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.scenes import SHIPPED, Scene, problems, scene

RETRIES = 4
"""How often the state machine tries `record` again."""


@pytest.fixture
def place() -> Iterator[Scene]:
    with scene(SHIPPED) as opened:
        yield opened


def claim(place: Scene) -> dict[str, Any]:
    return next(item for item in place.items() if item["sk"]["S"] == "CLAIM")


def recorded(place: Scene) -> list[str]:
    views = [item for item in place.items() if item["sk"]["S"] == "VIEW"]
    return [grant["M"]["stage"]["S"] for view in views for grant in view["grants"]["L"]]


def test_the_run_after_one_that_died_puts_down_what_that_had_opened(place: Scene) -> None:
    place.organization.faults.crash("stagegate-record", "before", times=1 + RETRIES)
    created = place.does(place.hands.creates("Draft"))
    failed, *more = created.costs
    assert (failed.execution.status, failed.execution.error) == ("FAILED", "Runtime.ExitError")
    assert "holder" not in claim(place)
    if not more:  # the record of who created the card came while the run was at work: that has started a fresh one
        assert claim(place)["began"]["S"] == failed.execution.execution_arn
        assert problems(place.does(place.hands.fills_in("dev", "fills in the card"))) == []
    assert recorded(place) == ["dev"]
    assert "began" not in claim(place)
