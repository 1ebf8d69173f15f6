"""Planning a group looks at everything, whoever started it: a group's policy goes and comes with it."""

import json
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from stagegate.aws.environment import Environment
from stagegate.iam.limits import BUCKET_POLICY, GROUP_POLICY, REPOSITORY_POLICY
from stagegate.iam.render import render
from stagegate.ledger import items
from stagegate.rules.model import Rules
from stagegate.runs.plan import plan_subject
from stagegate.subjects.context import Planner
from stagegate.subjects.groups.grants import desired_grants
from stagegate.targets.changes import DesiredGrant, open_target
from stagegate.targets.desired import desired_text_of, digest_of
from stagegate.targets.target import TargetType
from tests.support.builders import DEV, GOVERNANCE, NOON
from tests.support.groups import GROUP_SUBJECT, REGISTRATION, registering
from tests.support.members import ScriptedMembers
from tests.support.packages import ACCOUNTS, BUCKET, GROUP_ARN, KEY
from tests.support.plan_request import plan_request
from tests.support.scripted import Answer, Scripted, refusal
from tests.unit.subjects.groups.test_model_package_groups import described
from tests.unit.subjects.packages.test_planning_packages import a_role

RULES = registering()
DESIRED = desired_grants(RULES, GROUP_SUBJECT, ACCOUNTS)[0]
GONE = refusal("ValidationException", f"ModelPackageGroup {GROUP_ARN} does not exist.")
KINDS = ("key-grants", "bucket-policy", "repository-policy", "group-policy")


def plan(
    environment: Environment,
    *found: dict[str, Any],
    group: Answer | None = None,
    stands: bool = False,
    rules: Rules = RULES,
    key_policy: str = '{"Version": "2012-10-17", "Statement": []}',
    absent: Collection[str] = (),
) -> Any:
    """What an event's run plans, and who was entered, while every document stands as wanted or none is there."""

    def text(desired_grant: DesiredGrant, limit: Any) -> str:
        return render(None, desired_grant.statements, limit, environment.sid_prefix).text

    key, bucket, repository, policy = sorted(
        DESIRED, key=lambda desired_grant: KINDS.index(desired_grant.target.type.value)
    )
    no_policy = refusal("ValidationException", "Cannot find resource policy for it")
    sagemaker = Scripted(
        "sagemaker",
        DescribeModelPackageGroup=group or described(),
        GetModelPackageGroupPolicy={"ResourcePolicy": text(policy, GROUP_POLICY)} if stands else no_policy,
    )
    missing = refusal("NoSuchBucketPolicy")
    s3 = Scripted("s3", GetBucketPolicy={"Policy": text(bucket, BUCKET_POLICY)} if stands else missing)
    missing = refusal("RepositoryPolicyNotFoundException")
    ecr = Scripted(
        "ecr", GetRepositoryPolicy={"policyText": text(repository, REPOSITORY_POLICY)} if stands else missing
    )
    (use,) = key.uses
    grant = {
        "GrantId": "g-1",
        "Name": use.grant_name(environment.prefix),
        "GranteePrincipal": use.grantee,
        "Operations": list(use.operations),
    }
    kms = Scripted(
        "kms",
        ListGrants={"Grants": [grant] if stands else []},
        DescribeKey={"KeyMetadata": {"KeyId": KEY.rpartition("/")[2], "KeyState": "Enabled"}},
        GetKeyPolicy={"Policy": key_policy},
    )

    roles = [a_role(f"arn:aws:iam::{DEV}:role/{name}") for name in {"ModelDeveloper", "Other"} - {*absent}]

    def query(request: Any) -> dict[str, Any]:
        of_subject = request["ExpressionAttributeValues"][":pk"]["S"] == items.subject_key(GROUP_ARN)
        return {"Items": list(found) if of_subject else []}

    members = ScriptedMembers(s3, ecr, kms, Scripted("iam", ListRoles={"Roles": roles}))
    planner = Planner(
        environment=environment,
        rules=rules,
        sagemaker=sagemaker.client,
        ram=Scripted("ram").client,
        organizations=Scripted("organizations").client,
        dynamodb=Scripted("dynamodb", Query=query, BatchGetItem={"Responses": {}}).client,
        members=members.way_in(),
    )
    answer = plan_subject(planner, plan_request(GROUP_ARN))
    assert json.loads(json.dumps(answer)) == answer
    return answer, members.entered


def recorded() -> list[dict[str, Any]]:
    """What is on record once the group has been opened."""
    grants = [
        {
            "stage": desired_grant.stage,
            "accounts": [DEV if desired_grant.target.type is TargetType.GROUP_POLICY else GOVERNANCE],
            "write": False,
            "permission": "register" if desired_grant.target.type is TargetType.GROUP_POLICY else "read",
            "since": items.text_of(NOON),
            "target": desired_grant.target.id,
            "digest": desired_grant.digest,
        }
        for desired_grant in DESIRED
    ]
    written = {
        desired_grant.target.id: digest_of(desired_text_of(open_target(GROUP_SUBJECT, desired_grant.target, DESIRED)))
        for desired_grant in DESIRED
    }
    return [
        items.item(items.subject_key(GROUP_ARN), items.VIEW, {"grants": grants}),
        *(
            items.item(items.subject_key(GROUP_ARN), f"{items.WRITTEN}{target}", {"digest": digest})
            for target, digest in written.items()
        ),
    ]


def targets(answer: Any) -> list[tuple[str, str]]:
    return [(c["kind"], c["change"]["target"]["type"]) for c in answer["changes"]]


def test_a_new_group_is_opened_after_a_look_at_each_document(environment: Environment) -> None:
    answer, entered = plan(environment)
    assert targets(answer) == [("OpenTarget", kind) for kind in KINDS]
    assert answer["message"]["subject"] == "OPENED registering in churn: dev (Completed)"
    assert {(account, policy["Statement"][0]["Resource"]) for account, policy in entered} == {
        (DEV, KEY),
        (DEV, f"arn:aws:s3:::{BUCKET}"),
        (DEV, f"arn:aws:ecr:us-east-1:{DEV}:repository/training/churn"),
        (DEV, "*"),
    }


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(each["severity"], each["code"]) for each in answer["record"]["findings"]]


def test_a_role_that_is_not_there_keeps_nobody_else_out(environment: Environment) -> None:
    rules = registering(replace(REGISTRATION, roles=("ModelDeveloper", "Nobody")))
    answer, _ = plan(environment, rules=rules, absent=["Nobody"])
    assert codes(answer) == [("warn", "RoleMissing")]
    assert targets(answer) == [("OpenTarget", kind) for kind in KINDS]
    assert "Nobody" not in json.dumps(answer["changes"])


def test_nobody_registers_where_none_of_the_roles_is_there(environment: Environment) -> None:
    answer, _ = plan(environment, absent=["ModelDeveloper"])
    assert (codes(answer), answer["changes"]) == ([("block", "RoleMissing")], [])


def test_what_could_not_be_read_is_not_registered(environment: Environment) -> None:
    deny = {"Sid": "Theirs", "Effect": "Deny", "Principal": {"AWS": GOVERNANCE}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": deny})
    answer, _ = plan(environment, key_policy=policy)
    assert (codes(answer), answer["changes"]) == ([("block", "ForeignDeny")], [])


def test_what_was_made_anew_under_the_same_name_is_opened_again(environment: Environment) -> None:
    answer, _ = plan(environment, *recorded())
    assert targets(answer) == [("OpenTarget", kind) for kind in KINDS]


def test_a_group_that_is_gone_is_closed_by_the_record(environment: Environment) -> None:
    answer, _ = plan(environment, *recorded(), group=GONE)
    assert targets(answer) == [("CloseTarget", kind) for kind in reversed(KINDS)]
    assert (answer["record"]["status"], answer["record"]["grants"]) == ("Deleted", [])


def test_under_another_spelling_nothing_opens(environment: Environment) -> None:
    other = {**described(), "ModelPackageGroupArn": GROUP_ARN.replace("churn", "Churn")}
    answer, entered = plan(environment, group=other)
    assert (codes(answer), answer["changes"], entered) == ([("block", "OtherSpelling")], [], [])


def test_a_group_that_never_was_is_nothing_to_do(environment: Environment) -> None:
    answer, entered = plan(environment, group=GONE)
    assert (answer["outcome"], answer["report"], answer["changes"], entered) == ("unchanged", False, [], [])


def test_what_stands_as_it_should_is_left_alone(environment: Environment) -> None:
    answer, _ = plan(environment, *recorded(), stands=True)
    assert (answer["outcome"], answer["changes"]) == ("unchanged", [])


def test_a_group_needs_no_verifying(environment: Environment) -> None:
    answer, _ = plan(environment)
    assert answer["changes"]
    assert answer["verify"] is False
