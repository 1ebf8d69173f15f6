"""What is open once some of the closes of a plan have failed, and what people are told of that."""

from dataclasses import replace
from itertools import combinations

import pytest

from stagegate.plans.grants import Grant
from stagegate.targets.closing import Tried, grants_left, still_open
from stagegate.targets.fences import fence_target
from tests.support.builders import DEV, PROD, TEST, a_grant

SHARE = "arn:aws:ram:us-east-1:111122223333:resource-share/prod"
SHARED = replace(a_grant("prod", PROD, TEST), share_arn=SHARE)
BUCKET = replace(
    a_grant("prod", PROD), share_arn=None, target="bucket-policy/222233334444/us-east-1/a", digest="before"
)
KEY = replace(BUCKET, target="key-grants/222233334444/us-east-1/b")
BEFORE = (SHARED, BUCKET, KEY)


def tried(*places: str, failure: str = "") -> Tried:
    return Tried(line=f"close {', '.join(places)}", places=places, failure=failure)


@pytest.mark.parametrize("size", range(4))
def test_what_could_not_be_closed_stays_on_record_and_nothing_else(size: int) -> None:
    """Each single failure, each pair, all of them, and none."""
    places = {SHARE: SHARED, BUCKET.target: BUCKET, KEY.target: KEY}
    for failed in combinations(places, size):
        closes = [tried(place, failure="no" if place in failed else "") for place in places]
        assert set(grants_left(BEFORE, (), closes)) == {places[place] for place in failed}
        lines = still_open(BEFORE, closes).splitlines()
        assert [line.partition(";")[0] for line in lines] == [f"- close {place}" for place in failed]
        assert all("open for prod (" in line and line.endswith(": no") for line in lines)


def test_what_was_to_open_has_not_opened() -> None:
    other = replace(BUCKET, stage="dev", accounts=(DEV,), target="bucket-policy/222233334444/us-east-1/c")
    assert set(grants_left((BUCKET,), (BUCKET, other), [tried(KEY.target, failure="no")])) == {BUCKET}


def test_a_partial_close_leaves_what_was_planned_of_it() -> None:
    less = replace(BUCKET, digest="after")
    assert grants_left((BUCKET,), (less,), [tried(BUCKET.target)]) == (less,)
    assert grants_left((BUCKET,), (less,), [tried(BUCKET.target, failure="no")]) == (BUCKET,)


def test_an_account_that_was_taken_out_of_a_share_sees_nothing_more() -> None:
    assert grants_left((SHARED,), (), [tried(f"{SHARE}/{TEST}")]) == (replace(SHARED, accounts=(PROD,)),)
    assert grants_left((SHARED,), (), [tried(f"{SHARE}/{TEST}", failure="no")]) == (SHARED,)


def test_who_may_write_still_is_said_of_a_fence_that_failed() -> None:
    writes: Grant = replace(SHARED, write=True)
    fences = [tried(fence_target(PROD)), tried(fence_target(TEST))]
    assert grants_left((writes,), (SHARED,), fences) == (SHARED,)
    assert grants_left((writes,), (SHARED,), [fences[0], replace(fences[1], failure="no")]) == (writes,)
