"""The plan for a group opens what the rules say, closes what they don't say any more, and tells who may register."""

from dataclasses import replace

import pytest

from stagegate.core.arns import subject_of
from stagegate.core.findings import warned
from stagegate.core.messages.mail import Message
from stagegate.plans.grants import View
from stagegate.plans.messages import message_of
from stagegate.plans.plan import Plan
from stagegate.plans.record import Outcome
from stagegate.plans.wording import Planned
from stagegate.rules.imports import Registration
from stagegate.rules.model import Rules
from stagegate.subjects.groups.decide import Observed, group_plan
from stagegate.subjects.groups.grants import desired_grants
from stagegate.subjects.groups.messages import wording
from stagegate.subjects.groups.model import Group
from stagegate.subjects.registry import SUBJECTS, kind_of
from stagegate.targets.changes import open_target, targets_of
from stagegate.targets.compare import TargetDiff
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.target import CloseTarget, OpenTarget, TargetType
from tests.support.builders import DEV, GOVERNANCE, a_basis
from tests.support.groups import GROUP, GROUP_SUBJECT, REGISTRATION, registering
from tests.support.packages import ACCOUNTS, BUCKET, GROUP_ARN

NOBODY = replace(registering(), registrations=())
IN_ORDER = [TargetType.KEY_GRANTS, TargetType.BUCKET_POLICY, TargetType.REPOSITORY_POLICY, TargetType.GROUP_POLICY]


def the_plan(
    found: Rules,
    view: View | None = None,
    *,
    group: Group | None = GROUP,
    stands: bool = True,
    target_diff: TargetDiff | None = None,
    seconds: float = 60,
) -> Plan:
    """The plan while every target is as everybody wants it, or none is."""
    view = view or View()
    desired, findings = desired_grants(found, GROUP_SUBJECT, ACCOUNTS) if group else ((), ())
    seen = {t.id: target_diff or TargetDiff(in_sync=stands) for t in targets_of(GROUP_SUBJECT, desired, view)}
    observed = Observed(group=group, desired=desired, findings=findings, seen=seen)
    return group_plan(a_basis(found, view, subject=GROUP_SUBJECT, seconds=seconds), observed)


def a_message(plan: Plan, group: Group | None) -> Message:
    return message_of(Planned(plan=plan, wording=wording(plan.decision, group)), SUBJECTS["model-package-group"].can)


def after(plan: Plan, found: Rules) -> View:
    """What is on record once the plan has been applied."""
    desired, _ = desired_grants(found, GROUP_SUBJECT, ACCOUNTS)
    opened = [open_target(GROUP_SUBJECT, target, desired) for target in targets_of(GROUP_SUBJECT, desired, View())]
    return View(
        grants=plan.record.grants,
        last_notified_digest=plan.record.last_notified_digest,
        written={change.target.id: digest_of(desired_text_of(change)) for change in opened},
    )


def surfaces(plan: Plan, kind: type[OpenTarget] | type[CloseTarget]) -> list[TargetType]:
    return [change.target.type for change in plan.changes if isinstance(change, kind)]


def test_what_is_registered_can_be_read_before_anything_can_be_registered() -> None:
    plan = the_plan(registering())
    assert (plan.outcome, plan.report, plan.record.status, plan.record.version) == (
        Outcome.CHANGES,
        True,
        "Completed",
        None,
    )
    assert surfaces(plan, OpenTarget) == IN_ORDER
    assert [(g.stage, g.accounts, g.permission) for g in plan.record.grants if g.target.startswith("group-policy")] == [
        ("dev", (DEV,), "register")
    ]
    assert {(g.accounts, g.permission) for g in plan.record.grants if not g.target.startswith("group-policy")} == {
        ((GOVERNANCE,), "read")
    }


def test_a_second_look_changes_nothing_and_keeps_since_when() -> None:
    first = the_plan(registering())
    second = the_plan(registering(), after(first, registering()), seconds=900)
    assert (second.outcome, second.changes, second.report) == (Outcome.UNCHANGED, (), False)
    assert second.record.grants == first.record.grants


def test_what_somebody_took_out_is_put_back() -> None:
    view = after(the_plan(registering()), registering())
    assert surfaces(the_plan(registering(), view, stands=False), OpenTarget) == IN_ORDER


@pytest.mark.parametrize(("found", "group"), [(NOBODY, GROUP), (registering(), None)])
def test_without_a_rule_or_a_group_the_group_closes_first(found: Rules, group: Group | None) -> None:
    plan = the_plan(found, after(the_plan(registering()), registering()), group=group)
    assert surfaces(plan, CloseTarget) == IN_ORDER[::-1]
    assert (plan.outcome, plan.record.grants) == (Outcome.CHANGES, ())


def test_a_rule_that_says_less_takes_it_away_before_it_opens_more() -> None:
    moved = replace(REGISTRATION, data=(f"s3://{BUCKET}/new/",))
    view = after(the_plan(registering()), registering())
    (change,) = the_plan(registering(moved), view).changes
    assert isinstance(change, OpenTarget)
    assert change.target.type is TargetType.BUCKET_POLICY
    assert {r for s in change.statements for r in s.resources or ()} == {
        f"arn:aws:s3:::{BUCKET}",
        f"arn:aws:s3:::{BUCKET}/new/*",
    }


def test_a_group_without_registrations_is_nothing_to_tell() -> None:
    plan = the_plan(NOBODY)
    assert (plan.outcome, plan.report, plan.changes, plan.record.findings) == (Outcome.UNCHANGED, False, (), ())


def test_paused_plans_and_changes_nothing() -> None:
    plan = the_plan(replace(registering(), paused=True))
    assert (plan.outcome, plan.changes, plan.record.grants) == (Outcome.PAUSED, (), ())


def test_what_was_seen_of_the_documents_is_in_the_plan() -> None:
    target_diff = TargetDiff(in_sync=False, lines=("bucket: +",), findings=(warned("DeadPrincipal", "One."),))
    plan = the_plan(registering(), target_diff=target_diff)
    assert plan.decision.documents == ("bucket: +",) * 4
    assert {finding.code for finding in plan.record.findings} == {"DeadPrincipal"}


def test_the_message_says_who_may_register_how_and_what_is_read() -> None:
    small = registering(replace(REGISTRATION, repositories=()))
    message = a_message(the_plan(small), GROUP)
    assert message.subject == "OPENED registering in churn: dev (Completed)"
    lines = message.text.splitlines()
    assert lines[:2] == ["Model package group churn is Completed.", GROUP_ARN]
    assert 'It says: "Churn of the shop."' in lines
    assert "ModelApprovalStatus PendingManualApproval: with another one, or none, it is refused." in message.text
    assert message.text.endswith(
        "Who may register in it after that:\n"
        f"- dev ({DEV}): register; model package group churn of {GOVERNANCE}\n"
        f"- {GOVERNANCE} for dev: read; bucket {BUCKET} of {DEV}, key 0f0e0d0c-0b0a-0908-0706-050403020100 of {DEV}\n"
    )
    assert not message.subject.startswith("DECIDE")
    assert "To decide" not in message.text


def test_the_message_of_a_group_that_is_gone() -> None:
    view = after(the_plan(registering()), registering())
    message = a_message(the_plan(registering(), view, group=None), None)
    assert message.subject == "CLOSED registering in churn: dev (Deleted)"
    assert message.text.endswith("Who may register in it after that:\n- nobody outside the governance account\n")


def test_closing_names_what_it_takes_out() -> None:
    (target, *_) = targets_of(GROUP_SUBJECT, desired_grants(registering(), GROUP_SUBJECT, ACCOUNTS)[0], View())
    assert CloseTarget(subject_arn=GROUP_ARN, target=target).line().endswith("all that this package group had there")


def test_a_members_group_is_a_finding() -> None:
    theirs = subject_of(GROUP_ARN.replace(GOVERNANCE, DEV))
    finding = kind_of(theirs).of_a_member(theirs, GOVERNANCE)
    assert (finding.code, finding.severity) == ("MemberOwnedGroup", "block")
    assert finding.detail.startswith(f"The model package group belongs to account {DEV}")


def test_two_stages_may_register_in_one_group() -> None:
    both = registering(REGISTRATION, Registration(stage="test", groups=("*",), data=REGISTRATION.data))
    plan = the_plan(both)
    assert {g.stage for g in plan.record.grants} == {"dev", "test"}
    assert surfaces(plan, OpenTarget) == IN_ORDER
    closed = the_plan(registering(), after(plan, both))
    (change,) = [c for c in closed.changes if c.target.type is TargetType.GROUP_POLICY]  # type: ignore[attr-defined]
    assert isinstance(change, OpenTarget)
    assert {p for s in change.statements for p in s.principals} == {f"arn:aws:iam::{DEV}:root"}
