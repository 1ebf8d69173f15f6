"""Grants that a plan opens and closes are counted, and nothing else is."""

from dataclasses import replace

import pytest

from stagegate.plans.grants import Grant, GrantCounts, count_grants
from tests.support.builders import DEV, NOON, PROD, TEST

SEEN = Grant(stage="dev", accounts=(DEV,), write=False, permission="p", since=NOON)
WRITTEN = replace(SEEN, write=True)
WIDER = replace(SEEN, accounts=(DEV, TEST))
OTHER = replace(SEEN, stage="prod", accounts=(PROD,))
ON_BUCKET = replace(OTHER, target="bucket-policy/1/us-east-1/b")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((SEEN,), (), GrantCounts(open=1, closes=1)),
        ((), (SEEN, OTHER), GrantCounts(opens=2)),
        ((SEEN, OTHER), (SEEN,), GrantCounts(open=2, closes=1)),
        ((WRITTEN,), (SEEN,), GrantCounts(open=1, closes=1)),
        ((SEEN,), (WRITTEN,), GrantCounts(open=1, opens=1)),
        ((WIDER,), (SEEN,), GrantCounts(open=1, closes=1)),
        ((OTHER,), (ON_BUCKET,), GrantCounts(open=1, closes=1, opens=1)),
        ((SEEN,), (replace(SEEN, permission="q", digest="x"),), GrantCounts(open=1)),
    ],
)
def test_what_is_counted(before: tuple[Grant, ...], after: tuple[Grant, ...], expected: GrantCounts) -> None:
    assert count_grants(before, after, is_changing=True) == expected


def test_a_plan_that_changes_nothing_closes_nothing() -> None:
    assert count_grants((SEEN, OTHER), (), is_changing=False) == GrantCounts(open=2)
