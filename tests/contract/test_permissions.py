"""What the code says it calls, what its role allows, and what IAM knows: the three have to agree."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
ALWAYS = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}

# Function folder -> its role in template.yaml, the module with its PERMISSIONS, what its infrastructure needs beside.
FUNCTIONS = {
    "plan": ("PlanRole", "planning", set()),
    "verify": ("VerifyRole", "verifying", set()),
    "record": ("RecordRole", "recording", set()),
    "record_approval": ("RecordApprovalRole", "attributing", {"sqs:SendMessage"}),
    "apply_share": ("ApplyShareRole", "apply_shares", set()),
    "apply_fence": ("ApplyFenceRole", "apply_fences", set()),
    "notify": ("NotifyRole", "notifying", set()),
}
# Role in member-template.yaml -> the module with its MEMBER_PERMISSIONS.
MEMBERS = {"ShareRole": "apply_shares", "ObserveRole": "planning", "FenceRole": "apply_fences"}


def allowed(template: str, role: str) -> set[str]:
    resources = yaml_parse((ROOT / template).read_text())["Resources"]
    return {
        action
        for policy in resources[role]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    }


def test_every_function_is_in_the_table() -> None:
    assert {path.parent.name for path in (ROOT / "functions").glob("*/app.py")} == set(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_its_code_declares_and_nothing_else(function: str) -> None:
    role, module, infrastructure = FUNCTIONS[function]
    declared = import_module(f"stagegate.runtime.{module}").PERMISSIONS
    assert allowed("template.yaml", role) == declared | infrastructure | ALWAYS


@pytest.mark.parametrize("role", MEMBERS)
def test_a_member_role_may_do_what_the_code_declares_and_nothing_else(role: str) -> None:
    declared = import_module(f"stagegate.runtime.{MEMBERS[role]}").MEMBER_PERMISSIONS
    assert allowed("member-template.yaml", role) == declared


def test_no_role_of_ours_may_invoke_record_approval() -> None:
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    text = json.dumps({name: r for name, r in resources.items() if r["Type"] == "AWS::IAM::Role"})
    assert "RecordApprovalFunction" not in text


@pytest.mark.parametrize("template", ["template.yaml", "member-template.yaml"])
def test_wildcards_stand_only_where_aws_has_no_resource(template: str) -> None:
    resources = yaml_parse((ROOT / template).read_text())["Resources"]
    unscoped = {
        action
        for resource in resources.values()
        if resource["Type"] == "AWS::IAM::Role"
        for policy in resource["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Resource"] == "*"
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    }
    services = {action.split(":")[0] for action in unscoped}
    assert services <= {"logs", "organizations", "ram", "xray"}
    assert not {action for action in unscoped if action.endswith("*")}
    assert {action for action in unscoped if action.startswith("organizations")} <= {
        "organizations:CreatePolicy",
        "organizations:ListPolicies",
    }
