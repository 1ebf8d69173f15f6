"""The check of least privilege finds an action that nobody uses, and a reason that nobody needs."""

from pathlib import Path

import pytest

from proofs.privileges import check, record

ALLOWED = frozenset({("stagegate-plan", "s3:GetBucketPolicy"), ("stagegate-plan", "kms:Decrypt")})
USED = frozenset({("stagegate-plan", "s3:getbucketpolicy")})
WHY = ("stagegate-plan", "kms:Decrypt")


def test_what_is_used_or_explained_is_fine() -> None:
    found = check.report(ALLOWED, USED, [WHY])
    assert found.ok
    assert found.explained == (WHY,)
    assert check.report(ALLOWED, USED, [("*", "kms:Decrypt")]).ok


def test_every_widening_of_the_templates_by_one_action_is_found() -> None:
    allowed = check.allowed_by_templates()
    used = frozenset((role, action.lower()) for role, action in allowed)
    assert check.report(allowed, used, []).ok
    assert len(allowed) > 200
    for role in {role for role, _ in allowed}:
        wider = allowed | {(role, "sagemaker:DeleteEndpoint")}
        assert check.report(wider, used, []).unused == ((role, "sagemaker:DeleteEndpoint"),)


def test_an_action_that_another_role_uses_is_not_used() -> None:
    found = check.report(ALLOWED, USED | {("stagegate-notify", "kms:decrypt")}, [])
    assert found.unused == (WHY,)


def test_a_wildcard_is_used_by_what_it_covers() -> None:
    wide = frozenset({("stagegate-plan", "s3:Get*")})
    assert check.report(wide, USED, []).ok
    assert not check.report(wide, {("stagegate-plan", "s3:listbucket")}, []).ok


@pytest.mark.parametrize("reason", [("stagegate-plan", "s3:GetBucketPolicy"), ("*", "iam:PassRole")])
def test_a_reason_that_nobody_needs_is_found(reason: check.Use) -> None:
    assert check.report(ALLOWED, USED, [WHY, reason]).stale == (reason,)


def test_every_reason_says_something() -> None:
    assert all(check.reasons().values())


def test_a_run_is_what_all_its_processes_saw_and_begins_anew(tmp_path: Path) -> None:
    record.keep("gw0", [("arn:aws:iam::1:role/x/stagegate-plan", "s3:GetBucketPolicy")], tmp_path)
    record.keep("gw1", [("arn:aws:iam::2:role/stagegate-member-observe", "kms:ListGrants")], tmp_path)
    assert record.uses(tmp_path) == USED | {("stagegate-member-observe", "kms:listgrants")}
    record.begin(tmp_path)
    assert record.uses(tmp_path) == frozenset()
