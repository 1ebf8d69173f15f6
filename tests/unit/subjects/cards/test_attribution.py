"""Which version a call was about, told from when it was completed and from what the versions look like afterwards."""

import pytest

from stagegate.approvals.attribution import Version, authors_of, moment_of, versions_set, versions_written
from stagegate.approvals.records import AuditRecord, PossibleVersion
from stagegate.core.statuses import CardStatus
from tests.support.builders import APPROVED, APPROVER, AUTHOR, DRAFT, PENDING, a_record, at, written


def v(number: int, status: CardStatus, created: float, modified: float | None = None) -> Version:
    return Version(
        number=number, status=status, created=at(created), modified=at(created if modified is None else modified)
    )


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        pytest.param([v(1, APPROVED, -60, 0.4)], [1], id="the version that was there"),
        pytest.param([v(1, APPROVED, -60, -30)], [1], id="completed long after its change"),
        pytest.param([v(1, APPROVED, -600, 900)], [1], id="somebody has repeated the status since"),
        pytest.param([v(1, DRAFT, -60, 0.4)], [1], id="taken out since"),
        pytest.param([v(1, DRAFT, -600, -130)], [], id="another status, and not changed in that time"),
        pytest.param([v(1, APPROVED, -60, 0.4), v(2, APPROVED, 1)], [1], id="an edit carries the status along"),
        pytest.param([v(2, APPROVED, 1), v(1, APPROVED, -60, 0.4)], [1], id="in whatever order they come"),
        pytest.param([v(1, DRAFT, -60, 1), v(2, APPROVED, 2, 3)], [1], id="taken out, edited and put back"),
        pytest.param([v(1, DRAFT, -60), v(2, APPROVED, -20, 0.4)], [2], id="the version before never had it"),
        pytest.param([v(1, PENDING, -60, -30), v(2, APPROVED, -20, 0.4)], [1, 2], id="the one before was changed"),
        pytest.param([v(1, APPROVED, -60, -30), v(2, APPROVED, 0.2, 0.6)], [1, 2], id="edited about then"),
        pytest.param([v(1, APPROVED, -600, -300), v(2, APPROVED, -119)], [1, 2], id="just about then"),
        pytest.param([v(1, APPROVED, -600, -300), v(2, APPROVED, -120)], [2], id="edited before"),
        pytest.param([], [], id="the card is gone"),
    ],
)
def test_the_versions_whose_status_a_call_may_have_set(versions: list[Version], expected: list[int]) -> None:
    assert [version.number for version in versions_set(APPROVED, at(0), versions)] == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (v(1, APPROVED, -60, 0.4), 0.4),
        (v(1, APPROVED, -60, -5), -5),
        pytest.param(v(1, APPROVED, -60, -5.1), None, id="too long before"),
        pytest.param(v(1, APPROVED, -60, 1), None, id="after it was completed"),
        pytest.param(v(1, DRAFT, -60, 0.4), None, id="another status"),
        pytest.param(v(1, APPROVED, 0.4), None, id="its creation"),
    ],
)
def test_when_a_call_set_a_status(version: Version, expected: float | None) -> None:
    assert moment_of(APPROVED, at(0), version) == (None if expected is None else at(expected))


@pytest.mark.parametrize(
    ("versions", "creates", "expected"),
    [
        pytest.param([v(1, DRAFT, -60), v(2, DRAFT, 0.3)], False, [2], id="the one that was made then"),
        pytest.param([v(1, DRAFT, -60), v(2, DRAFT, 0.3, 900)], False, [2], id="whatever became of its status"),
        pytest.param([v(1, DRAFT, -2), v(2, DRAFT, -1)], False, [2], id="a creation just before"),
        pytest.param([v(1, DRAFT, -2), v(2, DRAFT, -1)], True, [1], id="an edit just after"),
        pytest.param([v(1, DRAFT, -900), v(2, DRAFT, -1), v(3, DRAFT, 0.3)], False, [2, 3], id="two about then"),
        pytest.param([v(1, DRAFT, -900), v(2, DRAFT, 5)], False, [], id="one that is too young to be it"),
        pytest.param([v(1, DRAFT, -900), v(2, DRAFT, -120)], False, [], id="one that is too old"),
    ],
)
def test_the_versions_that_a_call_may_have_written(
    versions: list[Version], expected: list[int], *, creates: bool
) -> None:
    assert [version.number for version in versions_written(at(0), versions, creates=creates)] == expected


def one_of(actor: object, *numbers: int) -> AuditRecord:
    """The record of an edit that wrote one of these versions."""
    versions = tuple(PossibleVersion(number=number, content_hash=str(number)) for number in numbers)
    base = a_record(None, actor, version=None, content=None, id_=f"{actor}-{numbers}")  # type: ignore[arg-type]
    return AuditRecord(
        id=base.id, at=base.at, actor=base.actor, status=None, version=None, content_hash=None, versions=versions
    )


class TestEditsInCloseSuccession:
    def test_have_nobody_as_long_as_a_record_is_missing(self) -> None:
        assert authors_of(3, "3", [one_of(AUTHOR, 2, 3)]) == frozenset()

    def test_may_be_of_each_of_their_callers(self) -> None:
        assert authors_of(3, "3", [one_of(AUTHOR, 2, 3), one_of(APPROVER, 2, 3)]) == {AUTHOR, APPROVER}

    def test_are_of_their_only_caller(self) -> None:
        assert authors_of(3, "3", [one_of(AUTHOR, 2, 3), one_of(AUTHOR, 3, 2)]) == {AUTHOR}

    def test_hang_together_in_a_row(self) -> None:
        row = [one_of(AUTHOR, 2, 3), one_of(AUTHOR, 3, 4)]
        assert authors_of(4, "4", row) == frozenset()
        assert authors_of(4, "4", [*row, one_of(APPROVER, 4, 5), one_of(AUTHOR, 5, 4)]) == {AUTHOR, APPROVER}

    def test_are_nothing_to_a_version_whose_author_is_known(self) -> None:
        assert authors_of(2, "two", [written(AUTHOR, version=2, content="two"), one_of(APPROVER, 2, 3)]) == {AUTHOR}
