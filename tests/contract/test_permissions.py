"""What the code says it calls, what its role allows, and what IAM knows: the three have to agree."""

import json
import runpy
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from stagegate.iam.key_grants import ENCRYPT, READ, WRITE
from stagegate.ledger.links import writes
from stagegate.links.linking import Linking
from stagegate.targets.customer_keys import CARD_CONTEXT

ROOT = Path(__file__).parents[2]
ALWAYS = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}

FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
MEMBER_PREFIX = "${Prefix}-member-"
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
FORWARDING = "forward"
"""The member role that EventBridge takes, and no function."""


def needs(function: str) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """What the code of a function says that its role needs, and that it needs of each member role."""
    declared = runpy.run_path(str(ROOT / "functions" / function / "needs.py"))
    return declared["PERMISSIONS"], declared.get("MEMBER_PERMISSIONS", {})


@cache
def resources_of(template: str) -> dict[str, dict[str, Any]]:
    resources: dict[str, dict[str, Any]] = yaml_parse((ROOT / template).read_text())["Resources"]
    return resources


def role_of(function: str) -> str:
    """The logical id of a function's role."""
    resources = resources_of("template.yaml").values()
    (role,) = [
        resource["Properties"]["Role"]["Fn::GetAtt"][0]
        for resource in resources
        if resource["Type"] == "AWS::Serverless::Function" and Path(resource["Properties"]["CodeUri"]).name == function
    ]
    return str(role)


def member_roles() -> dict[str, str]:
    """The logical id of each member role by the name that the code knows it by."""
    roles = {
        resource["Properties"]["RoleName"]["Fn::Sub"]: logical_id
        for logical_id, resource in resources_of("member-template.yaml").items()
        if resource["Type"] == "AWS::IAM::Role"
    }
    assert all(name.startswith(MEMBER_PREFIX) for name in roles)
    return {name.removeprefix(MEMBER_PREFIX): logical_id for name, logical_id in roles.items()}


def statements(template: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement that a role has, in itself or in a policy of its own, with the role's logical id."""
    for name, resource in resources_of(template).items():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", ()):
                yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])
        elif resource["Type"] in POLICIES:
            for role in properties.get("Roles", ()):
                yield from ((role["Ref"], statement) for statement in properties["PolicyDocument"]["Statement"])


def actions(statement: dict[str, Any]) -> list[str]:
    listed = statement["Action"]
    return listed if isinstance(listed, list) else [listed]


def allowed(template: str, role: str) -> set[str]:
    return {action for of, statement in statements(template) if of == role for action in actions(statement)}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_its_code_declares_and_nothing_else(function: str) -> None:
    declared, _ = needs(function)
    assert allowed("template.yaml", role_of(function)) == declared | ALWAYS


def test_a_member_role_may_do_what_the_code_declares_and_nothing_else() -> None:
    declared: dict[str, frozenset[str]] = {}
    for function in FUNCTIONS:
        for name, actions_ in needs(function)[1].items():
            declared[name] = declared.get(name, frozenset()) | actions_
    found = {name: allowed("member-template.yaml", role) for name, role in member_roles().items()}
    assert found.pop(FORWARDING) == {"events:PutEvents"}
    assert found == declared


def test_no_functions_role_may_invoke_record_approval() -> None:
    """Who may invoke it can make approvals. `govern` does, with what it has found; it may invoke what opens, anyway."""
    resources = resources_of("template.yaml")
    roles = {name: json.dumps(r) for name, r in resources.items() if r["Type"] in ("AWS::IAM::Role", *POLICIES)}
    assert {name for name, text in roles.items() if "RecordApprovalFunction" in text} == {"GovernRole"}


APPROVALS = "APPROVALS#*"
READS = {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"}


def writers_of(partition: str) -> dict[str, set[str]]:
    """The roles that may write there, and how."""
    writes: dict[str, set[str]] = {}
    for role, statement in statements("template.yaml"):
        if not any(action.startswith("dynamodb:") for action in actions(statement)):
            continue
        keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
        if keys is None or any(fnmatch(partition, key) for key in keys):
            writes.setdefault(role, set()).update(set(actions(statement)) - READS)
    return {role: found for role, found in writes.items() if found}


LISTS = {"dynamodb:Scan"}
LISTING = dict.fromkeys(("SweepRole", "ReportRole", "EvidenceRole"), LISTS)
"""The sweep and what keeps evidence list the directory of subjects, an index that has the keys of claims alone; the
report reads it all.
"""


def test_record_approval_alone_may_write_where_approvals_lie_and_nobody_may_update_or_delete_there() -> None:
    assert writers_of("APPROVALS#arn") == {"RecordApprovalRole": {"dynamodb:PutItem"}} | LISTING


def test_record_alone_may_write_what_is_open_of_a_subject_that_somebody_approves() -> None:
    """Who writes it could keep open what nobody was asked about."""
    puts = {"dynamodb:ConditionCheckItem", "dynamodb:PutItem"}
    assert writers_of("VIEW#arn") == {"RecordRole": puts} | LISTING


def test_history_that_an_earlier_view_counts_by_is_written_by_record_alone() -> None:
    puts = {"dynamodb:ConditionCheckItem", "dynamodb:PutItem"}
    assert writers_of("HISTORY#arn") == {"RecordRole": puts} | LISTING


def test_nobody_may_update_or_delete_an_entry_of_a_history_or_where_it_ends() -> None:
    """What is put over one is found by the chain (`stagegate verify`)."""
    run, end = {"dynamodb:ConditionCheckItem", "dynamodb:PutItem"}, {"dynamodb:PutItem"}
    assert writers_of("ENDED#arn") == {"ImportModelRole": end} | LISTING
    assert writers_of("CHAIN#arn") == {"RecordRole": run, "ImportModelRole": end} | LISTING


@pytest.mark.parametrize(
    ("target", "role"),
    [
        ("bucket-policy/222233334444/us-east-1/models", "ApplyPolicyRole"),
        ("repository-policy/222233334444/us-east-1/models", "ApplyPolicyRole"),
        ("group-policy/111122223333/us-east-1/churn", "ApplyPolicyRole"),
    ],
)
def test_what_is_wanted_of_a_policy_is_written_by_the_role_that_writes_it(target: str, role: str) -> None:
    """Whoever writes it has the policy opened: by any run on that target, and by its account's."""
    assert {*writers_of(f"TARGET#{target}")} == {role, *LISTING}


@pytest.mark.parametrize("template", ["template.yaml", "member-template.yaml", "management-template.yaml"])
def test_wildcards_stand_only_where_aws_has_no_resource(template: str) -> None:
    unscoped = {
        action for _, statement in statements(template) if statement["Resource"] == "*" for action in actions(statement)
    }
    services = {action.split(":")[0] for action in unscoped}
    assert services <= {"bedrock", "iam", "logs", "organizations", "ram", "s3", "sagemaker", "xray"}
    assert {action for action in unscoped if action.startswith("s3:")} <= {"s3:ListAllMyBuckets"}
    assert {action for action in unscoped if action.startswith("iam")} <= {"iam:ListRoles"}
    assert {action for action in unscoped if action.startswith("sagemaker")} <= {
        "sagemaker:ListDomains",
        "sagemaker:ListHubs",
        "sagemaker:ListModelCards",
        "sagemaker:ListModelPackageGroups",
        "sagemaker:ListModelPackages",
        "sagemaker:ListUserProfiles",
    }
    assert not {action for action in unscoped if action.endswith("*")}
    assert {action for action in unscoped if action.startswith("bedrock")} <= {
        "bedrock:CreateModelImportJob",
        "bedrock:ListImportedModels",
        "bedrock:ListModelImportJobs",
    }
    assert {action for action in unscoped if action.startswith("organizations")} <= {
        "organizations:CreatePolicy",
        "organizations:ListAccounts",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListPolicies",
    }


def test_the_organization_delegates_of_writing_what_the_role_needs_and_tags_on_nothing_but_its_policies() -> None:
    text = (ROOT / "organization" / "delegation-policy.json").read_text().replace("${Partition}", "aws")
    writing = {
        (action, resource)
        for statement in json.loads(text)["Statement"]
        for action in actions(statement)
        for resource in [statement["Resource"]]
        if not action.split(":")[1].startswith(("Describe", "List"))
    }
    of_the_role = {
        (action, resource["Fn::Sub"].replace("${AWS::Partition}", "aws") if isinstance(resource, dict) else resource)
        for of, statement in statements("template.yaml")
        for action in actions(statement)
        for resource in [statement["Resource"]]
        if of == "ApplyFenceRole" and action.startswith("organizations:") and ":List" not in action
    }
    assert writing == of_the_role
    assert {action for action, resource in writing if resource == "*"} == {"organizations:CreatePolicy"}


def test_a_guardrail_is_set_as_a_boundary_and_never_attached() -> None:
    attaching = {"iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:CreateRole"}
    for template in ("template.yaml", "member-template.yaml", "management-template.yaml"):
        for _, statement in statements(template):
            if attaching & set(actions(statement)):
                # An import's role: under our path and name, and never made without the member stack's fixed boundary.
                assert "role/stagegate/${Prefix}-import-*" in json.dumps(statement["Resource"])
                assert "iam:AttachRolePolicy" not in actions(statement)
                if {"iam:CreateRole", "iam:PutRolePolicy"} & set(actions(statement)):
                    assert list(statement["Condition"]["ArnEquals"]) == ["iam:PermissionsBoundary"]
            if any(action.endswith("RolePermissionsBoundary") for action in actions(statement)):
                (keys,) = statement["Condition"].values()
                assert set(keys) == {"iam:PermissionsBoundary"}


@pytest.mark.parametrize(
    ("template", "owner"), [("template.yaml", "${AWS::AccountId}"), ("member-template.yaml", "${GovernanceAccountId}")]
)
def test_a_grant_reads_or_writes_the_card_that_it_names_and_in_members_serves_the_registry(
    template: str, owner: str
) -> None:
    making = [statement for _, statement in statements(template) if "kms:CreateGrant" in actions(statement)]
    assert {tuple(actions(statement)) for statement in making} == {("kms:CreateGrant",)}
    card = {"Fn::Sub": f"arn:${{AWS::Partition}}:sagemaker:${{AWS::Region}}:{owner}:model-card/*"}
    registry = [{"Fn::Sub": f"arn:${{AWS::Partition}}:iam::{owner}:{name}"} for name in ("root", "role/*")]
    of_the_registry = {
        "ForAllValues:StringEquals": {"kms:GrantOperations": list(ENCRYPT)},
        "StringLike": {"kms:GranteePrincipal": registry},
    }
    named = {"kms:GranteePrincipal": {"Ref": "Grantees"}}
    assert [statement["Condition"] for statement in making] == [
        {"ForAllValues:StringEquals": {"kms:GrantOperations": list(READ)}, "StringLike": named},
        *([of_the_registry] if template == "member-template.yaml" else []),
        {
            "ForAllValues:StringEquals": {"kms:GrantOperations": list(WRITE)},
            "StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"},
            "StringLike": {f"kms:EncryptionContext:{CARD_CONTEXT}": card, **named},
        },
    ]


@pytest.mark.parametrize("template", ["template.yaml", "member-template.yaml", "management-template.yaml"])
def test_nobody_may_read_or_write_a_model(template: str) -> None:
    of_objects = [
        (action, str(resource))
        for _, statement in statements(template)
        for action in actions(statement)
        if "Object" in action
        for resource in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])
    ]
    # AWS's own bucket has what it publishes: SageMaker reads it as whoever makes a reference. Reports and what is
    # kept as evidence are no models.
    elsewhere = (":s3:::jumpstart-cache-prod-", "${Reports.Arn}/report.", "${Evidence.Arn}/heads/")
    others = [each for each in of_objects if not any(place in each[1] for place in elsewhere)]
    assert {action for action, _ in others} <= {"s3:GetObject"}
    assert [resource for _, resource in others if not resource.count("/*/") == resource.count(".json") > 0] == []


def test_every_rule_may_leave_what_it_cant_deliver_in_the_queue() -> None:
    resources = resources_of("template.yaml")
    rules = {name for name, resource in resources.items() if resource["Type"] == "AWS::Events::Rule"}
    (statement,) = resources["UndeliveredEventsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    listed = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    named = [(arn["Fn::If"][1] if "Fn::If" in arn else arn)["Fn::GetAtt"][0] for arn in listed]
    assert sorted(named) == sorted(rules)


def test_every_write_of_links_is_allowed_where_it_is_made() -> None:
    """The actions alone don't say it: each statement has its own keys."""
    package = "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/3"
    card = package.replace("model-package/churn/3", "model-card/churn")
    of_package = writes("table", package, Linking(follows=(card,), as_of=("",), left=(card,)))
    of_card = writes("table", card, Linking(named=(package,), unnamed=(package,)))
    actions = {"ConditionCheck": "ConditionCheckItem", "Put": "PutItem", "Delete": "DeleteItem", "Update": "UpdateItem"}
    (policy,) = resources_of("template.yaml")["RecordRole"]["Properties"]["Policies"]
    keyed = [each for each in policy["PolicyDocument"]["Statement"] if "Condition" in each]
    for write in of_package + of_card:
        ((kind, made),) = write.items()
        key: Any = made
        pk = (key.get("Key") or key["Item"])["pk"]["S"]
        assert any(
            f"dynamodb:{actions[kind]}" in each["Action"]
            and any(fnmatch(pk, keys) for keys in each["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
            for each in keyed
        ), (kind, pk)
