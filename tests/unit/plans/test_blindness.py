"""A place counts as unseen by sweeps in a row, each once; one look starts anew, and nothing closes unannounced."""

from hypothesis import given
from hypothesis import strategies as st

from stagegate.core.errors import DocumentTooLargeError, RefusedError
from stagegate.plans.blindness import Blind, Unseen, Visibility

MOST = 3
BUCKET = Unseen(place="bucket", account="1" * 12, what="bucket churn", error=RefusedError("no way in."))
KEY = Unseen(place="key", account="2" * 12, what="key 1", error=RefusedError("denied."))


def looked(before: Visibility | None, sweep: str, *unseen: Unseen) -> Visibility:
    return Visibility.of(MOST, before.blind if before else {}, sweep=sweep, looked_at=["1" * 12], unseen=unseen)


def test_sweeps_in_a_row_count_up_to_the_most() -> None:
    visibility: Visibility | None = None
    for number in range(1, 6):
        visibility = looked(visibility, f"sweep-{number}", BUCKET)
        assert visibility.blind == {"bucket": Blind(sweeps=min(number, MOST), sweep=f"sweep-{number}")}
        assert visibility.too_long == ({"bucket"} if number >= MOST else set())


def test_each_sweep_counts_once_and_what_is_no_sweep_not_at_all() -> None:
    first = looked(None, "sweep-1", BUCKET)
    assert looked(first, "sweep-1", BUCKET).blind == first.blind
    assert looked(first, "", BUCKET).blind == first.blind
    assert looked(None, "", BUCKET).blind == {}


def test_each_place_counts_by_itself_and_one_that_is_seen_starts_anew() -> None:
    first = looked(None, "sweep-1", BUCKET, KEY)
    second = looked(first, "sweep-2", KEY)
    third = looked(second, "sweep-3", BUCKET, KEY)
    assert {place: blind.sweeps for place, blind in third.blind.items()} == {"bucket": 1, "key": 3}


def test_a_full_document_was_seen_and_closes_nothing() -> None:
    full = Unseen(place="full", account="1" * 12, what="bucket full", error=DocumentTooLargeError("no room."))
    visibility: Visibility | None = None
    for number in range(1, 6):
        visibility = looked(visibility, f"sweep-{number}", full)
        assert visibility.unseen == (full,)
        assert not visibility.blind
        assert not visibility.too_long
        assert visibility.findings() == ()


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["", "a", "b", "c", "d", "e", "f"])), max_size=20))
def test_nothing_is_too_long_that_was_not_announced(looks: list[tuple[bool, str]]) -> None:
    visibility: Visibility | None = None
    announced: set[int] = set()
    for is_unseen, sweep in looks:
        visibility = looked(visibility, sweep, *([BUCKET] if is_unseen else []))
        if not is_unseen:
            announced = set()
        codes = [finding.code for finding in visibility.findings()]
        if visibility.too_long:
            assert codes == ["BlindTooLong"]
            assert announced == set(range(1, MOST))
        elif visibility.blind:
            assert codes == ["Blind"]
            announced.add(visibility.blind["bucket"].sweeps)


def test_people_are_told_what_why_and_when() -> None:
    (warning,) = looked(None, "sweep-1", BUCKET).findings()
    assert warning.detail == (
        "1 of 3 sweeps in a row could not look at bucket churn. After 3, what rests on it closes."
    )
    last = Visibility.of(MOST, {"key": Blind(sweeps=2, sweep="b")}, sweep="c", looked_at=[], unseen=[KEY])
    (closed,) = last.findings()
    assert "could not look at key 1: denied. What rests on it is closed" in closed.detail
