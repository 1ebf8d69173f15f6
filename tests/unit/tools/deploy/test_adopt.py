"""A new stack begins with what an earlier one retained, once, and with nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

from tests.support.scripted import Answer, Scripted, refusal
from tools.deploy.adopt import adopt
from tools.deploy.retained import only_retained, retained_ids

ROOT = Path(__file__).parents[4]
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
TABLE = {
    "Table": {"TableStatus": "ACTIVE", "SSEDescription": {"KMSMasterKeyArn": f"arn:aws:kms:eu-west-1:1:key/{KEY}"}}
}
NO_STACK = refusal("ValidationError", "Stack with id stagegate does not exist")
NO_CHANGE_SET = refusal("ChangeSetNotFound", "ChangeSet [adopt] does not exist")
VALUES = {"Prefix": "stagegate", "MemberAccounts": "210987654321,310987654321"}


def stack_in(status: str) -> dict[str, Any]:
    return {"Stacks": [{"StackName": "stagegate", "CreationTime": "2026-11-30T00:00:00Z", "StackStatus": status}]}


class Cloud:
    """CloudFormation, which imports what it is asked to, and what else is asked."""

    def __init__(self, *stacks: Answer, table: Answer = TABLE, change_set: Answer | None = None) -> None:
        self.cloudformation = Scripted(
            "cloudformation",
            DescribeStacks=list(stacks),
            DeleteChangeSet=change_set or NO_CHANGE_SET,
            CreateChangeSet={},
            DescribeChangeSet={"Status": "CREATE_COMPLETE"},
            ExecuteChangeSet={},
        )
        self.dynamodb = Scripted("dynamodb", DescribeTable=table)
        self.logs = Scripted("logs", DescribeLogGroups={"logGroups": []})

    def adopts(self, template: Any = TEMPLATE) -> list[str]:
        clients = (self.cloudformation.client, self.dynamodb.client, self.logs.client)
        return list(adopt(*clients, template=template, values=VALUES, stack="stagegate"))


@pytest.mark.parametrize("stack", [NO_STACK, stack_in("REVIEW_IN_PROGRESS")])
@pytest.mark.parametrize("change_set", [NO_CHANGE_SET, {}])
def test_the_ledger_and_its_key_are_imported_as_they_stand(stack: Answer, change_set: Answer) -> None:
    cloud = Cloud(stack, stack_in("IMPORT_COMPLETE"), change_set=change_set)
    assert cloud.adopts() == ["stack stagegate: importing Key, Ledger of an earlier installation"]
    (asked,) = cloud.cloudformation.of("CreateChangeSet")
    assert asked["ChangeSetType"] == "IMPORT"
    assert {each["LogicalResourceId"]: each["ResourceIdentifier"] for each in asked["ResourcesToImport"]} == {
        "Ledger": {"TableName": "stagegate-ledger"},
        "Key": {"KeyId": KEY},
    }
    sent = json.loads(asked["TemplateBody"])
    assert sent["Resources"] == {id_: TEMPLATE["Resources"][id_] for id_ in ("Key", "Ledger")}
    assert "Transform" not in sent
    assert "Outputs" not in sent
    assert len(asked["TemplateBody"]) < 51_200, "as large as a body may be (CreateChangeSet, API reference)"
    assert cloud.cloudformation.operations[-2:] == ["ExecuteChangeSet", "DescribeStacks"]


@pytest.mark.parametrize("status", ["IMPORT_COMPLETE", "CREATE_COMPLETE", "UPDATE_COMPLETE"])
def test_a_stack_that_is_there_has_nothing_to_adopt(status: str) -> None:
    cloud = Cloud(stack_in(status))
    assert cloud.adopts() == ["stack stagegate is there: nothing to adopt"]
    assert cloud.cloudformation.operations == ["DescribeStacks"]


def test_without_a_ledger_there_is_nothing_to_adopt() -> None:
    cloud = Cloud(NO_STACK, table=refusal("ResourceNotFoundException"))
    assert cloud.adopts() == ["table stagegate-ledger isn't there: nothing to adopt"]


def test_why_cloudformation_does_not_take_it_is_said() -> None:
    cloud = Cloud(NO_STACK)
    failed = {"Status": "FAILED", "StatusReason": "Ledger is already managed by another stack"}
    cloud.cloudformation._answers["DescribeChangeSet"] = [failed]
    with pytest.raises(ValueError, match="doesn't import it: Ledger is already managed by another stack"):
        cloud.adopts()


def test_a_log_group_that_stays_is_imported_if_it_is_there() -> None:
    group = {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "RetainExceptOnCreate"}
    group["Properties"] = {"LogGroupName": {"Fn::Sub": "/aws/lambda/${Prefix}-plan"}}  # type: ignore[assignment]
    template = {**TEMPLATE, "Resources": {**TEMPLATE["Resources"], "Kept": group}}
    for there in ([], [{"logGroupName": "/aws/lambda/stagegate-plan"}]):
        cloud = Cloud(NO_STACK, stack_in("IMPORT_COMPLETE"))
        cloud.logs = Scripted("logs", DescribeLogGroups={"logGroups": there})
        (said,) = cloud.adopts(template)
        assert ("Kept" in said) is bool(there)


def test_what_it_cannot_import_is_named() -> None:
    template = {**TEMPLATE, "Resources": {"Odd": {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain"}}}
    with pytest.raises(ValueError, match="Odd: found AWS::SNS::Topic among what is retained"):
        Cloud(NO_STACK).adopts(template)


def test_a_retained_resource_that_needs_another_could_not_be_imported_alone() -> None:
    assert only_retained(TEMPLATE, retained_ids(TEMPLATE))
    broken = {"Resources": {"Kept": {"DeletionPolicy": "Retain", "Properties": {"A": {"Fn::GetAtt": "Plan.Arn"}}}}}
    with pytest.raises(ValueError, match="found references to Plan"):
        only_retained(broken, ["Kept"])
