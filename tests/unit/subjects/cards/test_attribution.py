"""Which version a call was about, told from its second and from what the versions look like afterwards."""

import pytest

from stagegate.approvals.records import Version, version_set, version_written
from stagegate.core.statuses import CardStatus
from tests.support.builders import APPROVED, DRAFT, at


def v(number: int, status: CardStatus, created: float, modified: float | None = None) -> Version:
    return Version(
        number=number, status=status, created=at(created), modified=at(created if modified is None else modified)
    )


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        pytest.param([v(1, APPROVED, -60, 0.4)], 1, id="the version that was there"),
        pytest.param([v(1, APPROVED, -60, 4.9)], 1, id="stamped late"),
        pytest.param([v(1, APPROVED, -60, 5)], None, id="stamped too late to be it"),
        pytest.param([v(1, APPROVED, -60, -0.1)], None, id="stamped before"),
        pytest.param([v(1, DRAFT, -60, 0.4)], None, id="another status by now"),
        pytest.param([v(1, APPROVED, -60, 0.4), v(2, APPROVED, 1)], 1, id="an edit carries the status along"),
        pytest.param([v(2, APPROVED, 1), v(1, APPROVED, -60, 0.4)], 1, id="in whatever order they come"),
        pytest.param([v(1, DRAFT, -60, 1), v(2, APPROVED, 2, 3)], None, id="taken out, edited and put back"),
        pytest.param([v(1, APPROVED, -60, -30), v(2, APPROVED, 0.2, 0.6)], 2, id="edited and approved in one second"),
        pytest.param([], None, id="the card is gone"),
    ],
)
def test_the_version_whose_status_a_call_set(versions: list[Version], expected: int | None) -> None:
    assert version_set(APPROVED, at(0), versions) == expected


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        pytest.param([v(1, DRAFT, -60), v(2, DRAFT, 0.3)], 2, id="the one that was made then"),
        pytest.param([v(2, DRAFT, 0.3, 900)], 2, id="whatever became of its status"),
        pytest.param([v(3, DRAFT, 1.2), v(2, DRAFT, 0.3)], 2, id="the older of two"),
        pytest.param([v(2, DRAFT, 5)], None, id="one that is too young to be it"),
        pytest.param([v(2, DRAFT, -0.1)], None, id="one that is too old"),
    ],
)
def test_the_version_that_a_call_wrote(versions: list[Version], expected: int | None) -> None:
    assert version_written(at(0), versions) == expected
