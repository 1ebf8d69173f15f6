"""The measurements run, and their figures mean what they say."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.packages.__main__ import measured
from bench.packages.capacity import capacity, fits, largest, repository_accounts
from bench.packages.desired import Sharing, desired_texts
from bench.results import table, write
from stagegate.core.errors import DocumentTooLargeError
from stagegate.iam.limits import BUCKET_POLICY
from stagegate.iam.render import render
from stagegate.rules.model import BucketScope, PrincipalScope
from stagegate.targets.target import TargetType


@pytest.mark.slow
def test_everything_is_measured_at_a_tiny_size() -> None:
    fits, points = measured(tiny=True)
    assert {found.document for found in fits} == {
        TargetType.BUCKET_POLICY,
        TargetType.GROUP_POLICY,
        TargetType.REPOSITORY_POLICY,
    }
    assert [point.packages for point in points] == [0, 2]
    assert all(0 < point.rendering < point.approval and 0 < point.peer < point.approval for point in points)


def test_one_package_more_than_fits_does_not_fit() -> None:
    sharing = Sharing(accounts=20, at_random=True)
    found = capacity(TargetType.BUCKET_POLICY, sharing, 40)
    assert 1 < found.packages < 40
    one_more = [
        s for change in desired_texts(sharing, TargetType.BUCKET_POLICY, found.packages + 1) for s in change.statements
    ]
    with pytest.raises(DocumentTooLargeError):
        render(None, one_more, BUCKET_POLICY)


ALIKE = Sharing(accounts=20)
AUDIENCES = Sharing(accounts=20, at_random=True, audiences=5)
SUBSETS = Sharing(accounts=20, at_random=True)


@pytest.mark.parametrize(
    ("sharing", "exact", "listed"),
    [(SUBSETS, 15, 30), (AUDIENCES, 105, 140), (ALIKE, 147, 223)],
    ids=["random halves", "five audiences", "alike"],
)
def test_so_many_packages_fit_into_the_policy_of_a_bucket(sharing: Sharing, exact: int, listed: int) -> None:
    """With every role listed it was full with 8, 72 and 122 (decision 29)."""
    assert fits(TargetType.BUCKET_POLICY, sharing, exact)
    assert fits(TargetType.BUCKET_POLICY, replace(sharing, listing=BucketScope.GROUP), listed)


@pytest.mark.parametrize("principals", PrincipalScope)
def test_a_repository_opens_to_six_hundred_accounts(principals: PrincipalScope) -> None:
    assert fits(TargetType.REPOSITORY_POLICY, Sharing(accounts=600, principals=principals), 1)


def test_a_declared_folder_holds_more_than_single_objects() -> None:
    exact, group = (capacity(TargetType.BUCKET_POLICY, Sharing(accounts=1, scope=scope), 200) for scope in BucketScope)
    assert exact.packages < group.packages == 200


def test_a_repository_is_full_of_accounts() -> None:
    assert repository_accounts(PrincipalScope.ROLES, 800).sharing.accounts < 800


@pytest.mark.parametrize("limit", [0, 1, 2, 6, 7, 8, 9])
def test_the_largest_that_fits_is_found(limit: int) -> None:
    assert largest(lambda number: number <= limit, 8) == min(limit, 8)


def test_results_are_a_table_and_a_file(tmp_path: Path) -> None:
    assert table(("a", "long"), [("bcd", 1)]).splitlines() == ["| a   | long |", "|-----|------|", "| bcd | 1    |"]
    assert json.loads(write("x", {"a": 1}, tmp_path / "new").read_text()) == {"a": 1}
