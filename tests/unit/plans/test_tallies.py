"""Grants that a plan opens and closes are counted, and nothing else is."""

from dataclasses import replace

import pytest

from stagegate.plans.grants import Grant
from stagegate.plans.tallies import Tally, tally
from tests.support.builders import DEV, NOON, PROD, TEST

SEEN = Grant(stage="dev", accounts=(DEV,), write=False, permission="p", since=NOON)
WRITTEN = replace(SEEN, write=True)
WIDER = replace(SEEN, accounts=(DEV, TEST))
OTHER = replace(SEEN, stage="prod", accounts=(PROD,))
ON_BUCKET = replace(OTHER, target="bucket-policy/1/us-east-1/b")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((SEEN,), (), Tally(open=1, closes=1)),
        ((), (SEEN, OTHER), Tally(opens=2)),
        ((SEEN, OTHER), (SEEN,), Tally(open=2, closes=1)),
        ((WRITTEN,), (SEEN,), Tally(open=1, closes=1)),
        ((SEEN,), (WRITTEN,), Tally(open=1, opens=1)),
        ((WIDER,), (SEEN,), Tally(open=1, closes=1)),
        ((OTHER,), (ON_BUCKET,), Tally(open=1, closes=1, opens=1)),
        ((SEEN,), (replace(SEEN, permission="q", digest="x"),), Tally(open=1)),
    ],
)
def test_what_is_counted(before: tuple[Grant, ...], after: tuple[Grant, ...], expected: Tally) -> None:
    assert tally(before, after, is_changing=True) == expected


def test_a_plan_that_changes_nothing_closes_nothing() -> None:
    assert tally((SEEN, OTHER), (), is_changing=False) == Tally(open=2)
