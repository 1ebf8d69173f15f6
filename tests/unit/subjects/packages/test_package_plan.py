"""A package's plan is the difference of what its stages are to have and what is on record or was seen."""

from dataclasses import replace

import pytest

from stagegate.core.findings import Finding, warned
from stagegate.iam.describe import describe
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.statements import SID_PREFIX
from stagegate.plans.grants import View
from stagegate.plans.record import Outcome
from stagegate.rules.model import Bucket
from stagegate.subjects.registry import kind_of
from stagegate.targets.changes import targets_of
from stagegate.targets.compare import TargetDiff, diff_of_document, diff_of_grants
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.target import CloseTarget, OpenTarget, TargetType
from tests.support.builders import APPROVER_ROLE, DEV, GOVERNANCE, PROD, TEST, at, some_rules
from tests.support.packages import (
    APPROVED,
    BUCKET,
    CONTAINER,
    DATA,
    KEY,
    OPERATOR,
    PACKAGE_ARN,
    PENDING,
    REJECTED,
    a_message,
    a_package,
    package_rules,
    the_package_subject,
    the_plan,
    wanted,
)

RULES = package_rules(opens={APPROVED: ("test", "prod")}, buckets=[Bucket(name=BUCKET, account=DEV, key=KEY)])


def recorded(*stages: str) -> View:
    """What is on record once these stages have been let in."""
    plan = the_plan(RULES, *stages, seconds=0)
    opened = [change for change in plan.changes if isinstance(change, OpenTarget)]
    return View(grants=plan.record.grants, written={c.target.id: digest_of(desired_text_of(c)) for c in opened})


OPEN = recorded("prod")
TARGETS = [target.id for target in targets_of(the_package_subject(), wanted(RULES, a_package(), "prod"), OPEN)]
AS_WANTED = {id_: TargetDiff(in_sync=True, lines=(f"{id_}: as wanted",)) for id_ in TARGETS}
IN_ORDER = [TargetType.KEY_GRANTS, TargetType.BUCKET_POLICY, TargetType.REPOSITORY_POLICY, TargetType.GROUP_POLICY]


def surfaces(changes: object) -> list[TargetType]:
    assert isinstance(changes, tuple)
    return [change.target.type for change in changes]


def test_a_new_package_opens_what_it_needs_before_itself() -> None:
    plan = the_plan(RULES, "prod")
    assert surfaces(plan.changes) == IN_ORDER
    assert {type(change) for change in plan.changes} == {OpenTarget}
    assert (plan.outcome, plan.report, plan.record.status, plan.record.version) == (
        Outcome.CHANGES,
        True,
        "Approved",
        3,
    )


def test_every_stage_and_target_is_a_grant() -> None:
    grants = the_plan(RULES, "test", "prod").record.grants
    assert {(g.stage, g.accounts) for g in grants} == {("test", (TEST,)), ("prod", (PROD,))}
    assert len({(g.stage, g.target) for g in grants}) == len(grants) == 8
    assert {(g.permission, g.write, g.since) for g in grants} == {("deploy", False, at(60))}


def test_what_is_on_record_is_left_alone() -> None:
    plan = the_plan(RULES, "prod", view=OPEN)
    assert (plan.changes, plan.record.grants) == ((), OPEN.grants)
    last_notified_digest = replace(
        OPEN, last_notified_digest=plan.record.last_notified_digest, planner_state=plan.record.planner_state
    )
    assert the_plan(RULES, "prod", view=last_notified_digest).report is False


def test_what_several_stages_want_of_a_target_is_one_change() -> None:
    plan = the_plan(RULES, "test", "prod", view=OPEN)
    assert surfaces(plan.changes) == IN_ORDER
    key, bucket, *_ = plan.changes
    assert isinstance(key, OpenTarget)
    assert isinstance(bucket, OpenTarget)
    assert [use.grantee for use in key.uses] == [f"arn:aws:iam::{TEST}:role/ModelTester", OPERATOR]
    assert {root for s in bucket.statements for root in s.principals} == {
        f"arn:aws:iam::{TEST}:root",
        f"arn:aws:iam::{PROD}:root",
    }


def test_a_stage_that_goes_leaves_what_the_others_want_and_the_package_goes_first() -> None:
    both = recorded("test", "prod")
    plan = the_plan(RULES, "test", view=both)
    assert surfaces(plan.changes) == IN_ORDER[::-1]
    assert {type(change) for change in plan.changes} == {OpenTarget}
    assert f"arn:aws:iam::{PROD}:root" not in str(plan.changes)
    assert [g.since for g in plan.record.grants] == [at(0)] * 4


@pytest.mark.parametrize("status", [REJECTED, PENDING])
def test_a_package_that_is_taken_back_is_closed_everywhere(status: object) -> None:
    plan = the_plan(RULES, package=a_package(REJECTED if status is REJECTED else PENDING), view=OPEN)
    assert surfaces(plan.changes) == IN_ORDER[::-1]
    assert {type(change) for change in plan.changes} == {CloseTarget}
    assert plan.record.grants == ()


def test_what_a_failed_run_has_opened_and_not_recorded_is_closed() -> None:
    """It opened the key and the bucket, and failed on the repository: no grant is on record."""
    half = View(written=dict.fromkeys((TARGETS[0], TARGETS[2]), ""))
    plan = the_plan(RULES, package=a_package(REJECTED), view=half)
    assert {type(change) for change in plan.changes} == {CloseTarget}
    assert {c.target.id for c in plan.changes if isinstance(c, CloseTarget)} == {TARGETS[0], TARGETS[2]}


def test_what_a_failed_run_has_begun_to_write_is_written_again() -> None:
    unknown = replace(OPEN, written={**OPEN.written, TARGETS[0]: ""})
    assert [c.target.id for c in the_plan(RULES, "prod", view=unknown).changes if isinstance(c, OpenTarget)] == [
        TARGETS[0]
    ]


def test_what_a_failed_run_has_closed_and_not_recorded_is_opened_again() -> None:
    """It took the package back from the group and the repository, and failed; then the package was approved again."""
    half = replace(OPEN, written={id_: OPEN.written[id_] for id_ in TARGETS if not id_.startswith(("group", "repo"))})
    assert surfaces(the_plan(RULES, "prod", view=half).changes) == IN_ORDER[2:]


def test_what_a_failed_run_has_opened_for_others_goes_before_anything_opens() -> None:
    """It opened the bucket for test as well, and failed; then the rules took test out. A grant of the key is gone."""
    (bucket,) = (id_ for id_ in TARGETS if id_.startswith("bucket-policy/"))
    more = replace(OPEN, written={**OPEN.written, bucket: recorded("test", "prod").written[bucket]})
    lost = {id_: TargetDiff(in_sync=not id_.startswith("key"), lines=()) for id_ in TARGETS}
    assert surfaces(the_plan(RULES, "prod", view=more, seen=lost).changes) == [
        TargetType.BUCKET_POLICY,
        TargetType.KEY_GRANTS,
    ]


def test_a_package_that_is_gone_is_closed_by_the_record() -> None:
    plan = the_plan(RULES, gone=True, view=OPEN)
    assert [change.target.id for change in plan.changes if isinstance(change, CloseTarget)] == [
        g.target for desired_grant in IN_ORDER[::-1] for g in OPEN.grants if g.target.startswith(f"{desired_grant}/")
    ]
    assert plan.record.status == "Deleted"


def test_a_package_that_nobody_governs_any_more_is_closed() -> None:
    assert len(the_plan(some_rules(), view=OPEN).changes) == 4


def test_other_data_is_closed_before_the_new_opens() -> None:
    moved = a_package(APPROVED, replace(CONTAINER, data_uris=(replace(DATA, bucket=f"{BUCKET}-2"),)))
    rules = replace(RULES, buckets=(*RULES.buckets, Bucket(name=f"{BUCKET}-2", account=TEST, key=KEY)))
    plan = the_plan(rules, "prod", package=moved, view=OPEN)
    assert [(type(c), c.target.name) for c in plan.changes if isinstance(c, OpenTarget | CloseTarget)] == [
        (CloseTarget, BUCKET),
        (OpenTarget, f"{BUCKET}-2"),
    ]


def test_less_of_a_target_comes_before_more_of_others() -> None:
    edited = a_package(APPROVED, replace(CONTAINER, image_uri="python:3", data_uris=(replace(DATA, key="other"),)))
    with_key = replace(RULES, buckets=(replace(RULES.buckets[0], key=KEY.replace("0f0e", "1111")),))
    plan = the_plan(with_key, "prod", package=edited, view=OPEN)
    assert [(type(c), c.target.type) for c in plan.changes if isinstance(c, OpenTarget | CloseTarget)] == [
        (CloseTarget, TargetType.REPOSITORY_POLICY),
        (OpenTarget, TargetType.BUCKET_POLICY),
        (CloseTarget, TargetType.KEY_GRANTS),
        (OpenTarget, TargetType.KEY_GRANTS),
    ]


class TestALookByHand:
    def test_finds_nothing_where_everything_stands(self) -> None:
        plan = the_plan(RULES, "prod", view=OPEN, seen=AS_WANTED)
        assert plan.changes == ()
        assert plan.decision.documents == tuple(f"{id_}: as wanted" for id_ in sorted(TARGETS))

    @pytest.mark.parametrize("surface", sorted({id_.partition("/")[0] for id_ in TARGETS}))
    def test_repairs_what_doesnt(self, surface: str) -> None:
        (drifted,) = (id_ for id_ in TARGETS if id_.startswith(f"{surface}/"))
        dead = warned("DeadPrincipal", "x")
        seen = {**AS_WANTED, drifted: TargetDiff(in_sync=False, findings=(dead,))}
        plan = the_plan(RULES, "prod", view=OPEN, seen=seen)
        assert surfaces(plan.changes) == [surface]
        assert plan.record.grants == OPEN.grants
        assert dead in plan.record.findings


def test_paused_plans_and_changes_nothing() -> None:
    plan = the_plan(replace(RULES, paused=True), "prod")
    assert (plan.outcome, plan.changes, plan.record.grants) == (Outcome.PAUSED, (), ())


def test_a_members_package_is_refused() -> None:
    subject = the_package_subject(PACKAGE_ARN.replace(GOVERNANCE, DEV))
    finding = kind_of(subject).of_a_member(subject, GOVERNANCE)
    assert (finding.code, finding.severity) == ("MemberOwnedPackage", "block")
    assert finding.detail.startswith(f"The model package belongs to account {DEV}")


class TestASight:
    group = next(w for w in wanted(RULES, a_package(), "prod") if w.target.type is TargetType.GROUP_POLICY)
    foreign = (
        '{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow",'
        '"Principal":{"AWS":"AROAEXAMPLEEXAMPLE12"},"Action":"sagemaker:DescribeModelPackageGroup","Resource":"*"}]}'
    )

    def test_of_a_document_says_what_would_open_and_its_size(self) -> None:
        target_diff = diff_of_document(self.group.target, None, self.group.statements, SID_PREFIX)
        assert target_diff.in_sync is False
        assert target_diff.lines[0].startswith(
            f"model package group churn of {GOVERNANCE}: + role/ModelOperator of {PROD} may"
        )
        assert "of 20,480" in target_diff.lines[-1]

    def test_of_a_document_that_nobody_wants_anything_of_is_as_wanted(self) -> None:
        assert diff_of_document(self.group.target, None, (), SID_PREFIX).in_sync

    def test_names_dead_principals_of_others(self) -> None:
        (found,) = diff_of_document(self.group.target, self.foreign, (), SID_PREFIX).findings
        assert (found.code, found.severity) == ("DeadPrincipal", "warn")
        assert "AROAEXAMPLEEXAMPLE12" in found.detail
        assert "Theirs" in found.detail

    def test_of_a_key_compares_principals(self) -> None:
        key = next(w for w in wanted(RULES, a_package(), "prod") if w.target.type is TargetType.KEY_GRANTS).target
        old, use = KeyUse(grantee="old"), KeyUse(grantee=OPERATOR)
        assert diff_of_grants(key, [use], [use]) == TargetDiff(in_sync=True)
        target_diff = diff_of_grants(key, [old], [use])
        assert not target_diff.in_sync
        assert [line.split(": ", 1)[1] for line in target_diff.lines] == [
            "- old may Decrypt, DescribeKey",
            f"+ {OPERATOR} may Decrypt, DescribeKey",
        ]

    def test_of_a_key_shows_grants_that_somebody_else_made_under_our_names(self) -> None:
        key = next(w for w in wanted(RULES, a_package(), "prod") if w.target.type is TargetType.KEY_GRANTS).target
        target_diff = diff_of_grants(key, [], [], ["abc"])
        assert not target_diff.in_sync
        assert "grant abc" in target_diff.lines[0]


class TestTheMessage:
    def test_asks_for_a_decision_with_all_that_it_takes(self) -> None:
        package = a_package(PENDING)
        message = a_message(RULES, the_plan(RULES, package=package), package)
        assert message.subject == "DECIDE churn/3: PendingManualApproval; Approved would open prod"
        text = message.text.splitlines()
        assert text[0] == "Model package churn/3 is PendingManualApproval."
        assert {'It says: "Predicts churn."', "Risk: High.", f"Data: s3://{BUCKET}/{DATA.key}"} <= set(text)
        assert f"- Approved opens prod, to deploy it; may be set by {APPROVER_ROLE}" in text
        update = f"aws sagemaker update-model-package --region us-east-1 --model-package-arn {PACKAGE_ARN}"
        assert text[-4:-1] == [
            f"+ prod ({PROD}): deploy",
            f"Yes: {update} --model-approval-status Approved",
            f"No:  {update} --model-approval-status Rejected",
        ]
        assert text[-1].startswith("This asks about version 3 as it is now.")

    def test_says_what_opens_and_who_may_deploy(self) -> None:
        plan = the_plan(RULES, "prod")
        text = a_message(RULES, plan, a_package()).text
        assert f"- prod ({PROD}): deploy; " in text
        assert f"bucket {BUCKET} of {DEV}" in text
        for change in plan.changes:
            assert f"- {change.line()}" in text
        assert "To decide" not in text

    def test_has_a_line_for_each_change(self) -> None:
        opened = next(c for c in the_plan(RULES, "prod").changes if isinstance(c, OpenTarget) and c.statements)
        assert all(describe(statement) in opened.line() for statement in opened.statements)
        closed = [c.line() for c in the_plan(RULES, view=OPEN, gone=True).changes]
        assert closed[1] == f"close repository team/serving of {DEV}: take out all that this package had there"

    def test_shows_the_documents_that_were_looked_at(self) -> None:
        lines = {id_: TargetDiff(in_sync=True, lines=("a line",)) for id_ in TARGETS}
        plan = the_plan(RULES, "prod", view=OPEN, seen=lines)
        assert "Documents:\n- a line\n" in a_message(RULES, plan, a_package()).text


def test_a_finding_without_access_blocks() -> None:
    unknown = replace(RULES, buckets=())
    plan = the_plan(unknown, "prod", view=OPEN)
    findings: list[Finding] = list(plan.record.findings)
    assert [f.code for f in findings] == ["BucketUnknown"]
    assert {type(change) for change in plan.changes} == {CloseTarget}
