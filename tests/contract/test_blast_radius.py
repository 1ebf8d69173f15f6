"""The worst that whoever steals a role can do, as docs/security.md says it: what is let through, and what isn't."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.services import authorizations, cloudformation
from tests.support.builders import CARD_ARN, DEV, GOVERNANCE, PROD
from tests.support.evaluators import ALLOWED, Question, ours
from tests.support.template_policies import ORGANIZATION, DeployedRole, deployed_roles

authorizations.register()  # the condition keys that requests may carry

ROOT = Path(__file__).parents[2]
OPERATORS = f"arn:aws:iam::*:role/ModelOperator,arn:aws:iam::{PROD}:root"
ROLES: Mapping[str, DeployedRole] = {role.name: role for role in deployed_roles(grantees=OPERATORS)}
"""With the parameters that a stack would have inside an organization."""
OUTSIDE: Mapping[str, DeployedRole] = {role.name: role for role in deployed_roles(grantees=OPERATORS, outside=True)}
STRANGER = "999988887777"
HOME = f"us-east-1:{GOVERNANCE}"
BUCKET, KEY = "arn:aws:s3:::model-artifacts-churn", f"arn:aws:kms:{HOME}:key/0f0e0d0c-0b0a-0908-0706-050403020100"
SHARE, SCP = f"arn:aws:ram:{HOME}:resource-share/1", "arn:aws:organizations::1:policy/o-1/service_control_policy/p-1"
LEDGER, TAG = f"arn:aws:dynamodb:{HOME}:table/Ledger", "aws:ResourceTag/stagegate:resource-type"
HUB, OURS = f"arn:aws:sagemaker:{HOME}:hub/allowed", {TAG: "hub"}
CONTENT = f"arn:aws:sagemaker:{HOME}:hub-content/allowed/ModelReference/meta-llm"

Ask = tuple[str, str, Mapping[str, Any]]


def in_member(role: str, account: str = PROD, *, organization: str | None = ORGANIZATION) -> Ask:
    context = {"aws:ResourceAccount": account} | ({"aws:ResourceOrgID": organization} if organization else {})
    return "sts:AssumeRole", f"arn:aws:iam::{account}:role/stagegate-member-{role}", context


def sharing(principal: str, *, external: bool = False, tag: str | None = "model-card") -> Ask:
    """An account or another principal for a share of ours, or for a `tag`, or for one that has none."""
    context = {"ram:Principal": [principal], "ram:AllowsExternalPrincipals": str(external).lower()}
    return "ram:AssociateResourceShare", SHARE, context | ({TAG: tag} if tag else {})


def making_a_share(principal: str, *, external: bool = False) -> Ask:
    context = {"ram:Principal": [principal], "ram:RequestedAllowsExternalPrincipals": str(external).lower()}
    return "ram:CreateResourceShare", "*", context | {"aws:RequestTag/stagegate:resource-type": "model-card"}


def grant(*operations: str, to: str) -> Ask:
    return "kms:CreateGrant", KEY, {"kms:GrantOperations": list(operations), "kms:GranteePrincipal": to}


def writing(action: str, partition: str) -> Ask:
    return f"dynamodb:{action}", LEDGER, {"dynamodb:LeadingKeys": [partition]}


ROOT_OF_STRANGER = f"arn:aws:iam::{STRANGER}:root"
CAN: Mapping[str, list[Ask]] = {
    "plan": [
        ("s3:GetObject", f"{BUCKET}/churn/3/config.json", {}),
        in_member("observe"),
    ],
    "record-approval": [writing("PutItem", f"APPROVALS#{CARD_ARN}"), in_member("observe")],
    "apply-share": [
        sharing(PROD),
        sharing(STRANGER),  # RAM takes it if it is of the organization
        making_a_share(STRANGER),
        ("ram:TagResource", SHARE, {"aws:RequestTag/stagegate:resource-type": "hub"}),
        ("ram:DeleteResourceShare", SHARE, {TAG: "hub"}),
    ],
    "apply-fence": [
        ("organizations:UpdatePolicy", SCP, {TAG: "fence"}),
        ("organizations:TagResource", SCP, {"aws:RequestTag/stagegate:resource-type": "fence"}),
        ("organizations:AttachPolicy", "arn:aws:organizations::1:account/o-1/123", {}),
    ],
    "apply-policy": [
        ("s3:PutBucketPolicy", BUCKET, {}),
        grant("Decrypt", "DescribeKey", to=f"arn:aws:iam::{STRANGER}:role/ModelOperator"),
        grant("Decrypt", to=f"arn:aws:iam::{PROD}:root"),
        in_member("policy"),
    ],
    "apply-boundary": [in_member("boundary"), in_member("canvas")],
    "apply-hub": [
        ("sagemaker:DeleteHubContent", HUB, OURS),
        ("sagemaker:DeleteHubContent", CONTENT, {}),
        ("sagemaker:DeleteHub", HUB, OURS),
        ("sagemaker:AddTags", HUB, {"aws:RequestTag/stagegate:resource-type": "hub"}),
    ],
    "import-role": [in_member("import-role")],
    "import-model": [in_member("import")],
    "verify": [("ram:GetResourceShareAssociations", "*", {})],
    "record": [writing("PutItem", f"SUBJECT#{CARD_ARN}")],
    "notify": [("sns:Publish", f"arn:aws:sns:{HOME}:Approvers", {})],
    "report": [
        ("dynamodb:Scan", LEDGER, {}),
        ("s3:PutObject", "arn:aws:s3:::Reports/report.html", {}),
    ],
    "evidence": [("s3:PutObject", "arn:aws:s3:::Evidence/heads/2026-03-02/120000.000000.json", {})],
    "sweep": [("sagemaker:ListModelCards", "*", {}), writing("PutItem", "WITHDRAWAL")],
}
"""By function: the worst of what its role may do."""

CHANGES_OF_HUBS = (
    "CreateHubContentReference",
    "DeleteHub",
    "DeleteHubContent",
    "DeleteHubContentReference",
    "UpdateHubContentReference",
)
MEMBER_ROLES = ("boundary", "canvas", "fence", "import", "import-role", "observe", "policy", "share")
MORE_THAN_ACCOUNTS = (
    f"arn:aws:organizations::{GOVERNANCE}:organization/{ORGANIZATION}",
    f"arn:aws:organizations::{GOVERNANCE}:ou/{ORGANIZATION}/ou-ab12-11111111",
    f"arn:aws:iam::{PROD}:role/ModelOperator",
    "lambda.amazonaws.com",
)
NOBODY_MAY: list[Ask] = [
    writing("DeleteItem", "WITHDRAWAL"),
    writing("UpdateItem", "WITHDRAWAL"),
    ("ram:DeleteResourceShare", SHARE, {}),
    ("s3:GetObject", f"{BUCKET}/churn/3/model.safetensors", {}),
    ("s3:GetObject", f"{BUCKET}/churn/3/secrets-config.json", {}),
    ("s3:GetObject", f"{BUCKET}/churn/3/database_config.json", {}),
    ("s3:PutObject", f"{BUCKET}/churn/3/config.json", {}),
    ("s3:PutBucketPolicy", "arn:aws:s3:::another-bucket", {}),
    ("s3:PutBucketPublicAccessBlock", BUCKET, {}),
    ("sagemaker:UpdateModelCard", CARD_ARN, {}),
    ("sagemaker:UpdateModelPackage", f"arn:aws:sagemaker:{HOME}:model-package/churn/3", {}),
    ("kms:Decrypt", KEY, {}),
    ("kms:ScheduleKeyDeletion", KEY, {}),
    ("kms:PutKeyPolicy", KEY, {}),
    grant("Decrypt", to=ROOT_OF_STRANGER),
    grant("Decrypt", to=f"arn:aws:iam::{STRANGER}:role/another"),
    grant("Decrypt", "CreateGrant", to=f"arn:aws:iam::{PROD}:root"),
    grant("GenerateDataKey", to=f"arn:aws:iam::{PROD}:root"),
    *(sharing(principal) for principal in MORE_THAN_ACCOUNTS),
    *(making_a_share(principal) for principal in MORE_THAN_ACCOUNTS),
    sharing(PROD, tag=None),
    sharing(PROD, external=True),
    making_a_share(PROD, external=True),
    ("organizations:UpdatePolicy", SCP, {TAG: "somebody's"}),
    ("organizations:AttachPolicy", "arn:aws:organizations::1:root/o-1/r-1", {}),
    ("organizations:AttachPolicy", "arn:aws:organizations::1:ou/o-1/ou-1", {}),
    *((f"sagemaker:{each}", HUB, {TAG: "somebody's"}) for each in CHANGES_OF_HUBS),
    *((f"sagemaker:{each}", HUB, {}) for each in CHANGES_OF_HUBS),
    ("iam:PutRolePolicy", f"arn:aws:iam::{GOVERNANCE}:role/x", {}),
    ("iam:PassRole", f"arn:aws:iam::{GOVERNANCE}:role/x", {}),
    ("lambda:InvokeFunction", f"arn:aws:lambda:{HOME}:function:RecordApprovalFunction", {}),
    ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{HOME}:function:PlanFunction", {}),
    ("dynamodb:DeleteTable", LEDGER, {}),
    *(in_member(role, STRANGER, organization=other) for role in MEMBER_ROLES for other in (None, "o-another000")),
]
"""What no function's role may do."""

IN_MEMBERS: Mapping[str, list[Ask]] = {
    "member-boundary": [
        ("iam:AttachRolePolicy", f"arn:aws:iam::{DEV}:role/Canvas", {}),
        ("iam:PutRolePolicy", f"arn:aws:iam::{DEV}:role/Canvas", {}),
        ("iam:DeleteRolePermissionsBoundary", f"arn:aws:iam::{DEV}:role/Another", {}),
        (
            "iam:PutRolePermissionsBoundary",
            f"arn:aws:iam::{DEV}:role/Canvas",
            {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
    ],
    "member-fence": [
        (
            "iam:PutRolePermissionsBoundary",
            f"arn:aws:iam::{DEV}:role/ModelDeveloper",
            {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        ("iam:AttachRolePolicy", f"arn:aws:iam::{DEV}:role/ModelDeveloper", {}),
    ],
    "member-import-role": [
        ("iam:CreateRole", f"arn:aws:iam::{DEV}:role/stagegate/stagegate-import-1", {}),
        (
            "iam:CreateRole",
            f"arn:aws:iam::{DEV}:role/mine",
            {"iam:PermissionsBoundary": f"arn:aws:iam::{DEV}:policy/stagegate/stagegate-import-boundary"},
        ),
        ("iam:AttachRolePolicy", f"arn:aws:iam::{DEV}:role/stagegate/stagegate-import-1", {}),
    ],
    "member-import": [
        (
            "iam:PassRole",
            f"arn:aws:iam::{DEV}:role/Administrator",
            {"iam:PassedToService": "bedrock.amazonaws.com"},
        ),
        ("bedrock:DeleteImportedModel", f"arn:aws:bedrock:us-east-1:{DEV}:imported-model/theirs", {}),
        ("s3:GetObject", f"{BUCKET}/churn/3/model.safetensors", {}),
    ],
    "member-observe": [
        ("s3:GetObject", f"{BUCKET}/churn/3/model.safetensors", {}),
        ("s3:PutBucketPolicy", BUCKET, {}),
        ("iam:PutRolePermissionsBoundary", f"arn:aws:iam::{DEV}:role/Canvas", {}),
    ],
    "member-policy": [
        ("s3:GetObject", f"{BUCKET}/churn/3/model.safetensors", {}),
        ("s3:PutBucketPolicy", "arn:aws:s3:::another-bucket", {}),
        ("kms:PutKeyPolicy", KEY.replace(GOVERNANCE, DEV), {}),
        *(
            ("kms:CreateGrant", KEY.replace(GOVERNANCE, DEV), context)
            for _, _, context in (grant("Decrypt", to=ROOT_OF_STRANGER), grant("GenerateDataKey", to=ROOT_OF_STRANGER))
        ),
    ],
}
"""What the roles of a member account may not do, whoever has stolen the function's."""


def answer(role: str, ask: Ask, account: str = GOVERNANCE, roles: Mapping[str, DeployedRole] = ROLES) -> str:
    action, resource, context = ask
    deployed = roles[f"stagegate-{role}"]
    return ours(
        Question(
            role=deployed.arn,
            action=action,
            resource=resource,
            account=account,
            context=context,
            identity=deployed.policy,
            resource_policy=_lets_iam_decide(account) if action.startswith("kms:") else None,
        )
    )


def _lets_iam_decide(account: str) -> str:
    """A key's default policy, without which a key lets nobody do anything."""
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*"}]})


def functions() -> set[str]:
    """The roles of all functions, without the prefix."""
    resources = cloudformation.read(ROOT / "template.yaml")["Resources"].values()
    named = (r["Properties"]["FunctionName"]["Fn::Sub"] for r in resources if r["Type"] == "AWS::Serverless::Function")
    return {name.removeprefix("${Prefix}-") for name in named}


@pytest.mark.parametrize("role", sorted(CAN))
def test_the_worst_is_what_the_page_says(role: str) -> None:
    assert [ask for ask in CAN[role] if answer(role, ask) != ALLOWED] == []


def test_a_stack_that_names_no_grantees_grants_to_whomever_apply_policy_says() -> None:
    """The parameter's default: the page says so."""
    (role,) = [each for each in deployed_roles() if each.name == "stagegate-apply-policy"]
    making = [each for each in role.statements if each["Sid"] == "MakeGrants"]
    assert [each["Condition"]["StringLike"] for each in making] == [{"kms:GranteePrincipal": ["*"]}]


@pytest.mark.parametrize("role", sorted(CAN))
def test_no_function_may(role: str) -> None:
    assert [ask for ask in NOBODY_MAY if answer(role, ask) == ALLOWED] == []


@pytest.mark.parametrize("role", sorted(CAN))
def test_outside_an_organization_a_list_bounds_what_may_be_entered_and_shared(role: str) -> None:
    asks = [
        sharing(STRANGER, external=True),
        making_a_share(STRANGER, external=True),
        *(in_member(each, STRANGER, organization=ORGANIZATION) for each in MEMBER_ROLES),
    ]
    assert [ask for ask in asks if answer(role, ask, roles=OUTSIDE) == ALLOWED] == []
    assert (answer(role, sharing(PROD, external=True), roles=OUTSIDE) == ALLOWED) == (role == "apply-share")


@pytest.mark.parametrize("role", sorted(IN_MEMBERS))
def test_no_role_in_a_member_may(role: str) -> None:
    assert [ask for ask in IN_MEMBERS[role] if answer(role, ask, DEV) == ALLOWED] == []


def test_the_page_has_every_function_and_member_role() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    named = set(re.findall(r"^\| `([a-z-]+)` \|", page, flags=re.MULTILINE))
    members = {name.removeprefix("stagegate-") for name in ROLES if name.startswith("stagegate-member-")}
    assert set(CAN) == functions()
    assert functions() | members - {"member-forward"} <= named


def test_every_test_that_the_page_names_is_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    named = set(re.findall(r"`(tests/[a-z_/]+\.py)`", page))
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).is_file()] == []
