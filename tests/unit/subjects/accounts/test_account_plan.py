"""In an account goes what nobody on record wants; a fence and a share go last, and only once Stagegate is withdrawn."""

from dataclasses import replace

import pytest

from stagegate.core.errors import RefusedError
from stagegate.plans.decision import Basis
from stagegate.plans.grants import View
from stagegate.plans.plan import Plan
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.narrowed.covers import Cover
from stagegate.rules.narrowed.withdrawn import withdrawn
from stagegate.subjects.accounts.decide import account_plan
from stagegate.subjects.accounts.model import Observed
from stagegate.subjects.registry import subject_named
from stagegate.surfaces.fences.model import Fence, ObservedFence, RemoveFence, document_of
from stagegate.surfaces.shares.changes import HeldShare, RemoveShare
from stagegate.targets.compare import TargetDiff
from stagegate.targets.execution_role import is_role_name, role_name
from stagegate.targets.target import CloseTarget, Target, TargetType
from tests.support.builders import CREATED, DEV, GOVERNANCE, TEST, some_rules

RULES = some_rules()
SUBJECT = subject_named(f"account/{TEST}", partition="aws", region="us-east-1", account=GOVERNANCE)
BY_SCP = Fence(account=TEST, kind=FenceKind.SCP)
BY_BOUNDARY = Fence(account=TEST, kind=FenceKind.BOUNDARY, roles=("a", "b"))


def says(fence: Fence) -> str:
    return document_of(fence, (), partition="aws", governance_account=GOVERNANCE)


def stands(fence: Fence = BY_SCP, **more: object) -> Observed:
    """An account with its fence, and nothing else."""
    standing = ObservedFence(account=TEST, policy="p-1", document=says(fence))
    return replace(Observed(fence=fence, standing=standing, is_fenced=True), **more)  # type: ignore[arg-type]


def plan(seen: Observed, *, is_withdrawn: bool) -> Plan:
    rules = withdrawn(RULES) if is_withdrawn else RULES
    return account_plan(Basis(rules=rules, subject=SUBJECT, view=View(), now=CREATED), seen)


REMOVED = RemoveFence(account_arn=SUBJECT.arn, fence=BY_SCP, policy="p-1")


def test_the_fence_of_a_stage_stays_until_stagegate_is_withdrawn() -> None:
    assert plan(stands(), is_withdrawn=False).changes == ()
    assert plan(stands(), is_withdrawn=True).changes == (REMOVED,)


def test_the_fence_of_an_account_that_no_stage_has_goes() -> None:
    assert plan(stands(is_fenced=False), is_withdrawn=False).changes == (REMOVED,)


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_no_fence_goes_while_a_card_is_shared_with_its_account(*, is_withdrawn: bool) -> None:
    share = HeldShare(arn="s", stage="test", holds=True, accounts=frozenset({TEST}))
    made = plan(stands(is_fenced=False, shares=(share,)), is_withdrawn=is_withdrawn)
    assert made.changes == ()
    assert made.record.waiting
    for other in (replace(share, holds=False), replace(share, accounts=frozenset({DEV}))):
        assert plan(stands(is_fenced=False, shares=(other,)), is_withdrawn=is_withdrawn).changes == (REMOVED,)


def test_what_could_not_be_seen_is_no_fence_to_take_away() -> None:
    unseen = ObservedFence(account=TEST, unseen=RefusedError("no"))
    assert plan(stands(standing=unseen), is_withdrawn=True).changes == ()
    assert plan(stands(standing=ObservedFence(account=TEST)), is_withdrawn=True).changes == ()


@pytest.mark.parametrize(
    ("covers", "uncovered", "goes"),
    [
        (Cover.ALL, (), True),
        (Cover.ALL, ("a", "b"), True),  # a document that still denies
        (Cover.NONE, ("a",), True),  # a role that still has it
        (Cover.NONE, ("a", "b"), False),
    ],
)
def test_a_boundary_goes_while_it_denies_or_a_role_has_it(
    covers: Cover, uncovered: tuple[str, ...], *, goes: bool
) -> None:
    document = says(replace(BY_BOUNDARY, covers=covers))
    standing = ObservedFence(account=TEST, policy="p", document=document, uncovered=uncovered)
    made = plan(stands(BY_BOUNDARY, standing=standing), is_withdrawn=True)
    assert [type(change) for change in made.changes] == [RemoveFence] * goes


def test_empty_shares_go_with_the_account_that_owns_them_once_withdrawn() -> None:
    full = HeldShare(arn="full", stage="dev", holds=True, accounts=frozenset({DEV}))
    empty = replace(full, arn="empty", holds=False)
    seen = stands(standing=ObservedFence(account=TEST), shares=(full, empty), owns_shares=True)
    assert plan(seen, is_withdrawn=False).changes == ()
    assert plan(seen, is_withdrawn=True).changes == (RemoveShare(stage="dev", share_arn="empty"),)
    assert plan(replace(seen, owns_shares=False), is_withdrawn=True).changes == ()


def test_statements_that_nobody_on_record_wants_close_and_are_counted() -> None:
    right, odd, unseen = (
        Target(type=TargetType.BUCKET_POLICY, account=TEST, region="us-east-1", partition="aws", name=name)
        for name in ("right", "odd", "unseen")
    )
    diffs = {
        right.id: TargetDiff(in_sync=True),
        odd.id: TargetDiff(
            in_sync=False, lines=("bucket odd: - one", "bucket odd: - another", "bucket odd: 300 bytes")
        ),
        unseen.id: TargetDiff(in_sync=False, unseen=RefusedError("no")),
    }
    made = plan(stands(targets=(right, odd, unseen), seen=diffs), is_withdrawn=False)
    assert made.changes == (CloseTarget(subject_arn=SUBJECT.arn, target=odd),)
    assert made.changes[0].line().endswith(f"odd of {TEST}: take out all that is ours and no subject on record wants")
    assert (made.grant_counts.open, made.grant_counts.closes, made.grant_counts.to_close) == (2, 2, 1)
    assert made.decision.documents == diffs[odd.id].lines


def test_roles_of_imports_that_no_package_wants_are_told_of_and_stay() -> None:
    arn = f"arn:aws:iam::{TEST}:role/stagegate/stagegate-import-0123456789ab"
    made = plan(stands(lost_roles=(arn,)), is_withdrawn=False)
    (finding,) = made.record.findings
    assert (finding.code, arn in finding.detail, made.changes, made.notify) == ("ImportRoleLost", True, (), True)
    told = View(last_notified_digest=made.record.last_notified_digest)
    again = account_plan(Basis(rules=RULES, subject=SUBJECT, view=told, now=CREATED), stands(lost_roles=(arn,)))
    assert not again.notify


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("ours-import-0123456789ab", True),
        ("ours-import-0123456789a", False),
        ("ours-import-0123456789abc", False),
        ("ours-import-model", False),
        ("oursXimport-0123456789ab", False),
        ("theirs-import-0123456789ab", False),
    ],
)
def test_a_role_of_an_import_is_known_by_its_whole_name(name: str, *, is_one: bool) -> None:
    assert is_role_name("ours", name) is is_one
    assert is_role_name("ours", role_name("ours", "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/3"))
