"""Planning a package goes by the record for an event, and by hand reads every document through the members."""

import json
from dataclasses import replace
from typing import Any

import pytest

from stagegate.approvals.principals import Actor
from stagegate.aws.environment import Environment
from stagegate.aws.json import from_json, to_json
from stagegate.iam.diff import diff
from stagegate.iam.key_grants import READ, KeyUse
from stagegate.iam.limits import GROUP_POLICY
from stagegate.iam.render import render
from stagegate.iam.statements import statement_for
from stagegate.ledger import items
from stagegate.plans.mode import Mode
from stagegate.plans.record import Record
from stagegate.rules.model import Approvers, Bucket, Rules
from stagegate.runs.plan import plan_subject
from stagegate.subjects.context import Planner
from stagegate.surfaces.wire import change_from_json
from stagegate.targets.changes import DesiredGrant, open_target
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.target import CloseTarget, OpenTarget, Target, TargetType
from tests.support.builders import APPROVER, DEV, GOVERNANCE, NOON, PROD, TEST, a_record, asked_about
from tests.support.ledger import kept_items, reads
from tests.support.members import ScriptedMembers
from tests.support.packages import (
    APPROVED,
    ARTIFACTS,
    BUCKET,
    CONTENT,
    KEY,
    OBJECT,
    OPERATOR,
    PACKAGE_ARN,
    a_package,
    encrypted,
    listed,
    package_rules,
    the_package_subject,
    wanted,
)
from tests.support.plan_request import plan_request
from tests.support.scripted import Answer, Scripted, refusal
from tests.unit.runs.record_approval.test_recording_packages import described

RULES = package_rules(buckets=[Bucket(name=BUCKET, account=DEV, key=KEY)])
APPROVAL = replace(a_record(APPROVED, APPROVER, 0, version=3, content=CONTENT), fingerprints=ARTIFACTS.fingerprints)
ASKED = asked_about([APPROVAL])
OTHER_ARN = PACKAGE_ARN.replace("/3", "/2")
DESIRED = wanted(RULES, a_package(), "prod")
NO_POLICIES: dict[str, Answer] = {
    "GetModelPackageGroupPolicy": refusal("ValidationException", "Cannot find resource policy for it"),
    "GetBucketPolicy": refusal("NoSuchBucketPolicy"),
    "GetRepositoryPolicy": refusal("RepositoryPolicyNotFoundException"),
    "ListGrants": {"Grants": []},
    "DescribeKey": {"KeyMetadata": {"KeyId": KEY.rpartition("/")[2], "KeyState": "Enabled"}},
    "GetKeyPolicy": {"Policy": '{"Version": "2012-10-17", "Statement": []}'},
    "ListObjectVersions": listed(OBJECT),
    "GetBucketEncryption": encrypted("aws:kms", KEY),
    "GetBucketAcl": {"Owner": {"ID": "owner-of-the-bucket"}},
}
ON_BUCKETS = ("GetBucketPolicy", "ListObjectVersions", "GetBucketEncryption", "GetBucketAcl", "GetPublicAccessBlock")


def a_view() -> dict[str, Any]:
    """What is on record once prod has been let in."""
    grants = [
        {
            "stage": desired_grant.stage,
            "accounts": [PROD],
            "write": False,
            "permission": "deploy",
            "since": items.text_of(NOON),
            "approval": APPROVAL.id,
            "target": desired_grant.target.id,
            "digest": desired_grant.digest,
        }
        for desired_grant in DESIRED
    ]
    return items.item(items.view_key(PACKAGE_ARN), items.VIEW, {"grants": grants})


def on_targets() -> list[dict[str, Any]]:
    """What is on record as written, then."""
    opened = [open_target(the_package_subject(), desired_grant.target, DESIRED) for desired_grant in DESIRED]
    return [
        items.item(
            items.subject_key(PACKAGE_ARN), f"{items.WRITTEN}{c.target.id}", {"digest": digest_of(desired_text_of(c))}
        )
        for c in opened
    ]


def a_role(arn: str) -> dict[str, Any]:
    """A role as IAM lists it."""
    return {
        "Path": f"/{arn.partition(':role/')[2].rpartition('/')[0]}/".replace("//", "/"),
        "RoleName": arn.rpartition("/")[2],
        "RoleId": "AROAEXAMPLEEXAMPLE12",
        "Arn": arn,
        "CreateDate": NOON,
    }


class Account:
    """One governance account and its members, as far as planning looks at them."""

    def __init__(
        self,
        environment: Environment,
        *found: dict[str, Any],
        package: Answer | None = None,
        policies: dict[str, Answer] | None = None,
        desired_texts: dict[str, str] | None = None,
        rules: Rules = RULES,
        roles: Answer | tuple[str, ...] = (OPERATOR,),
        group: Answer | None = None,
        elsewhere: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        answers = NO_POLICIES | (policies or {})
        self.sagemaker = Scripted(
            "sagemaker",
            DescribeModelPackage=package or described(),
            GetModelPackageGroupPolicy=answers["GetModelPackageGroupPolicy"],
            **({"DescribeModelPackageGroup": group} if group else {}),
        )
        self.s3 = Scripted("s3", **{name: answers[name] for name in (*ON_BUCKETS, "ListBuckets") if name in answers})
        self.ecr = Scripted(
            "ecr",
            GetRepositoryPolicy=answers["GetRepositoryPolicy"],
            DescribeImages={"imageDetails": [{"imageDigest": "sha256:tagged"}]},
        )
        self.kms = Scripted("kms", **{name: answers[name] for name in ("ListGrants", "DescribeKey", "GetKeyPolicy")})

        listed_roles = {"Roles": [a_role(arn) for arn in roles]} if isinstance(roles, tuple) else roles
        self.iam = Scripted("iam", ListRoles=listed_roles)
        self.members = ScriptedMembers(self.s3, self.ecr, self.kms, self.iam)

        stored: dict[str, Any] = reads(*found, *(elsewhere or {}).values())

        def query(request: Any) -> Any:
            pk = request["ExpressionAttributeValues"][":pk"]["S"]
            if not pk.startswith(items.target_key("")):
                return stored["Query"](request)
            return {
                "Items": [
                    items.item(pk, f"{items.DESIRED}{OTHER_ARN}", {"desired": desired_text})
                    for target, desired_text in (desired_texts or {}).items()
                    if pk == items.target_key(target)
                ]
            }

        self.dynamodb = Scripted("dynamodb", **{**stored, "Query": query})
        self.planner = Planner(
            environment=environment,
            rules=rules,
            sagemaker=self.sagemaker.client,
            ram=Scripted("ram").client,
            organizations=Scripted("organizations").client,
            dynamodb=self.dynamodb.client,
            members=self.members.way_in(),
        )

    def plan(self, mode: Mode = Mode.EVENT) -> dict[str, Any]:
        request = plan_request(PACKAGE_ARN, mode)
        answer = plan_subject(self.planner, request)
        assert json.loads(json.dumps(answer)) == answer
        return answer


def test_an_approved_package_is_opened(environment: Environment) -> None:
    answer = Account(environment, *kept_items(PACKAGE_ARN, *ASKED, APPROVAL)).plan()
    assert [(c["surface"], c["kind"], c["change"]["target"]["type"]) for c in answer["changes"]] == [
        ("policy", "OpenTarget", surface)
        for surface in ("key-grants", "bucket-policy", "repository-policy", "group-policy")
    ]
    opened = [change_from_json(change, (OpenTarget, CloseTarget)) for change in answer["changes"]]
    assert set(opened) == {
        open_target(the_package_subject(), desired_grant.target, DESIRED) for desired_grant in DESIRED
    }
    assert (answer["outcome"], answer["report"]) == ("changes", True)
    assert answer["message"]["subject"] == "OPENED churn/3: prod (Approved)"


def test_an_event_about_nothing_new_reads_the_package_and_the_record_alone(environment: Environment) -> None:
    account = Account(environment, *kept_items(PACKAGE_ARN, *ASKED, APPROVAL), a_view(), *on_targets())
    assert account.plan()["changes"] == []
    assert account.sagemaker.operations == ["DescribeModelPackage"]
    assert account.dynamodb.operations == ["BatchGetItem", "Query"]
    assert account.members.entered == []


def test_a_rejected_package_is_closed_without_a_look_at_documents(environment: Environment) -> None:
    rejected = {**described(), "ModelApprovalStatus": "Rejected"}
    account = Account(
        environment, *kept_items(PACKAGE_ARN, *ASKED, APPROVAL), a_view(), *on_targets(), package=rejected
    )
    answer = account.plan()
    assert [change["kind"] for change in answer["changes"]] == ["CloseTarget"] * 4
    assert answer["record"]["grants"] == []
    assert account.members.entered == []


def test_in_a_manual_run_every_document_is_read_through_a_session_for_it_alone(environment: Environment) -> None:
    account = Account(environment, *kept_items(PACKAGE_ARN, *ASKED, APPROVAL), a_view(), *on_targets())
    answer = account.plan(Mode.MANUAL)
    assert [change["kind"] for change in answer["changes"]] == ["OpenTarget"] * 4
    entered = [
        (who, statement["Resource"], statement["Action"])
        for who, policy in account.members.entered
        for statement in policy["Statement"]
    ]
    assert sorted(entered) == [
        (DEV, f"arn:aws:ecr:us-east-1:{DEV}:repository/team/serving", ["ecr:DescribeImages"]),
        (DEV, f"arn:aws:ecr:us-east-1:{DEV}:repository/team/serving", ["ecr:GetRepositoryPolicy"]),
        (DEV, KEY, ["kms:DescribeKey", "kms:GetKeyPolicy"]),
        (DEV, KEY, ["kms:ListGrants"]),
        (DEV, f"arn:aws:s3:::{BUCKET}", ["s3:GetBucketAcl", "s3:GetEncryptionConfiguration", "s3:ListBucketVersions"]),
        (DEV, f"arn:aws:s3:::{BUCKET}", ["s3:GetBucketPolicy"]),
        (PROD, "*", ["iam:ListRoles"]),
    ]
    assert account.sagemaker.of("GetModelPackageGroupPolicy") == [{"ModelPackageGroupName": "churn"}]


def test_a_sweep_looks_at_everything_too(environment: Environment) -> None:
    account = Account(environment, *kept_items(PACKAGE_ARN, *ASKED, APPROVAL), a_view(), *on_targets())
    assert [change["kind"] for change in account.plan(Mode.SWEEP)["changes"]] == ["OpenTarget"] * 4
    assert {who for who, _ in account.members.entered} == {DEV, PROD}


def group() -> DesiredGrant:
    return next(desired_grant for desired_grant in DESIRED if desired_grant.target.type is TargetType.GROUP_POLICY)


def test_in_a_manual_run_what_others_want_is_no_drift_and_what_nobody_wants_is(environment: Environment) -> None:
    target = group().target
    other = statement_for(
        TEST, None, partition="aws", actions=["sagemaker:DescribeModelPackage"], resources=[OTHER_ARN]
    )
    stands = render(None, [*group().statements, other], GROUP_POLICY, environment.sid_prefix).text
    desired_text = desired_text_of(open_target(the_package_subject(OTHER_ARN), target, [_desired_grant(target, other)]))
    assert desired_text is not None
    found = (*kept_items(PACKAGE_ARN, *ASKED, APPROVAL), a_view(), *on_targets())
    policies: dict[str, Answer] = {"GetModelPackageGroupPolicy": {"ResourcePolicy": stands}}
    desired_digest = Account(environment, *found, policies=policies, desired_texts={target.id: desired_text}).plan(
        Mode.MANUAL
    )
    assert "group-policy" not in [c["change"]["target"]["type"] for c in desired_digest["changes"]]
    undesired = Account(environment, *found, policies=policies).plan(Mode.MANUAL)
    assert "group-policy" in [c["change"]["target"]["type"] for c in undesired["changes"]]
    line = diff(stands, render(stands, group().statements, GROUP_POLICY, environment.sid_prefix), "aws")[0]
    assert f"model package group churn of {GOVERNANCE}: {line}" in undesired["documents"]


def _desired_grant(target: Target, *statements: Any) -> DesiredGrant:
    return DesiredGrant(stage="test", target=target, statements=statements)


@pytest.mark.parametrize(("grantee", "opens"), [(OPERATOR, False), ("AROAEXAMPLEEXAMPLE12", True)])
def test_in_a_manual_run_a_keys_grants_are_compared(environment: Environment, grantee: str, opens: bool) -> None:  # noqa: FBT001 - a table's column
    grant = {
        "KeyId": KEY,
        "GrantId": "g-1",
        "Name": KeyUse(grantee=OPERATOR).grant_name(environment.prefix),
        "GranteePrincipal": grantee,
        "Operations": list(READ),
    }
    found = (*kept_items(PACKAGE_ARN, *ASKED, APPROVAL), a_view(), *on_targets())
    answer = Account(environment, *found, policies={"ListGrants": {"Grants": [grant]}}).plan(Mode.MANUAL)
    assert ("key-grants" in [c["change"]["target"]["type"] for c in answer["changes"]]) is opens


def test_a_package_that_is_gone_is_closed_by_the_record(environment: Environment) -> None:
    gone = refusal("ValidationException", f"ModelPackage {PACKAGE_ARN} does not exist.")
    answer = Account(environment, a_view(), *on_targets(), package=gone).plan()
    assert [change["kind"] for change in answer["changes"]] == ["CloseTarget"] * 4
    assert answer["record"]["status"] == "Deleted"


def test_nothing_is_written(environment: Environment) -> None:
    account = Account(environment, *kept_items(PACKAGE_ARN, *ASKED, APPROVAL))
    account.plan(Mode.MANUAL)
    calls = [
        *account.sagemaker.operations,
        *account.dynamodb.operations,
        *account.s3.operations,
        *account.ecr.operations,
        *account.kms.operations,
    ]
    assert {name for name in calls if not name.startswith(("BatchGet", "Describe", "Get", "List", "Query"))} == set()


def test_a_package_needs_no_verifying_and_its_plan_is_recorded_as_it_was_made(environment: Environment) -> None:
    answer = Account(environment, *kept_items(PACKAGE_ARN, *ASKED, APPROVAL)).plan()
    assert answer["changes"]
    assert answer["verify"] is False
    record = from_json(Record, answer["record"])
    assert to_json(record) == answer["record"]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(("state", "opens"), [("ACTIVE", True), ("CLOSED", False)])
def test_a_package_opens_on_the_word_of_an_account_that_is_in_the_organization(
    environment: Environment, mode: Mode, state: str, *, opens: bool
) -> None:
    approver = Actor(arn=f"arn:aws:sts::{DEV}:assumed-role/Approver/dee", role_arn=f"arn:aws:iam::{DEV}:role/Approver")
    approvers = (Approvers(stage="prod", principals=(str(approver.role_arn),)),)
    approval = replace(APPROVAL, actor=approver)
    account = Account(
        environment, *kept_items(PACKAGE_ARN, *ASKED, approval), rules=replace(RULES, approvers=approvers)
    )
    organizations = Scripted("organizations", DescribeAccount={"Account": {"State": state}})
    account.planner = replace(account.planner, organizations=organizations.client)
    answer = account.plan(mode)
    assert bool(answer["changes"]) is opens
    assert organizations.of("DescribeAccount") == [{"AccountId": DEV}]
    found = [finding["code"] for finding in answer["record"]["findings"]]
    assert ("ApproverOutside" in found, account.s3.operations == []) == (not opens, not opens)
