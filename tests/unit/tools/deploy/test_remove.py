"""A stack isn't deleted while something is open, says what stays, and is deleted by whoever tries again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

from stagegate.ledger import items, withdrawal
from stagegate.targets.target import ACCOUNT_CLOSED
from tests.support.scripted import Answer, Scripted, refusal
from tools.deploy import ledger
from tools.deploy.remove import Removal, remove

ROOT = Path(__file__).parents[4]
ID = "arn:aws:cloudformation:eu-west-1:110987654321:stack/stagegate/1"
SWEEP = "arn:aws:states:eu-west-1:110987654321:stateMachine:stagegate-sweep"
TEMPLATE = (ROOT / "template.yaml").read_text()
NO_STACK = refusal("ValidationError", "Stack with id stagegate does not exist")
GONE: Mapping[str, Any] = {
    "Stacks": [{"StackName": "stagegate", "CreationTime": "2026-11-30T00:00:00Z", "StackStatus": "DELETE_COMPLETE"}]
}
WITHDRAWN = {"Item": {"pk": {"S": "WITHDRAWAL"}}}
CLOSED: list[tuple[str, str]] = []
CARD = ("SUBJECT#arn:card", "VIEW")
ON_TARGET = ("TARGET#bucket-policy/1/r/b", "DESIRED#arn:package")
NOTED = ("SUBJECT#arn:package", "WRITTEN#bucket-policy/1/r/b")


def stack_in(status: str) -> dict[str, Any]:
    found = {"StackName": "stagegate", "StackId": ID, "CreationTime": "2026-11-30T00:00:00Z", "StackStatus": status}
    return {"Stacks": [{**found, "Outputs": [{"OutputKey": "SweepStateMachine", "OutputValue": SWEEP}]}]}


def resources(status: str = "CREATE_COMPLETE", **more: str) -> dict[str, Any]:
    found = {
        "Ledger": ("AWS::DynamoDB::Table", "stagegate-ledger"),
        "Key": ("AWS::KMS::Key", "key-id"),
        "Approvers": ("AWS::SNS::Topic", "arn:topic"),
    }
    return {
        "StackResourceSummaries": [
            {
                "LogicalResourceId": id_,
                "ResourceType": type_,
                "PhysicalResourceId": name,
                "LastUpdatedTimestamp": "2026-11-30T00:00:00Z",
                "ResourceStatus": status if id_ == "Approvers" else "CREATE_COMPLETE",
                **more,
            }
            for id_, (type_, name) in found.items()
        ]
    }


class Account:
    """A governance account with a stack, and a ledger in which these items say that something is open."""

    def __init__(
        self,
        *stacks: Answer,
        open_: list[tuple[str, str]] = CLOSED,
        mark: Mapping[str, Any] = WITHDRAWN,
        running: bool = False,
        table: Answer | None = None,
        listed: Answer | None = None,
    ) -> None:
        found = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in open_]
        run = {"executionArn": "e", "stateMachineArn": SWEEP, "name": "n", "status": "RUNNING", "startDate": 0}
        self.clients = {
            "cloudformation": Scripted(
                "cloudformation",
                DescribeStacks=list(stacks),
                GetTemplate={"TemplateBody": TEMPLATE},
                ListStackResources=listed or resources(),
                UpdateTerminationProtection={},
                DeleteStack={},
            ),
            "dynamodb": Scripted(
                "dynamodb", DescribeTable=table or {"Table": {}}, Scan={"Items": found}, GetItem=dict(mark)
            ),
            "stepfunctions": Scripted("stepfunctions", ListExecutions={"executions": [run] if running else []}),
        }

    def client(self, name: str) -> Any:
        return self.clients[name].client

    def removes(self, **how: bool) -> list[str]:
        what = Removal(stack="stagegate", prefix="stagegate", region="eu-west-1", **how)
        return list(remove(what, cast("boto3.Session", self)))

    @property
    def changed(self) -> list[str]:
        names = [each for client in self.clients.values() for each in client.operations]
        return [each for each in names if each.startswith(("Update", "Delete"))]


STAYS = [
    "- AWS::DynamoDB::Table stagegate-ledger",
    "- AWS::KMS::Key key-id",
    "aws dynamodb delete-table --table-name stagegate-ledger --region eu-west-1",
    "aws kms schedule-key-deletion --key-id key-id --region eu-west-1 --pending-window-in-days 30",
]


def test_once_nothing_is_open_it_goes_and_what_stays_is_named() -> None:
    account = Account(stack_in("UPDATE_COMPLETE"), stack_in("UPDATE_COMPLETE"), GONE)
    said = account.removes()
    assert account.changed == ["UpdateTerminationProtection", "DeleteStack"]
    assert [line for line in said if line in STAYS] == STAYS
    assert not any("SNS" in line for line in said)


def test_shown_it_changes_nothing() -> None:
    account = Account(stack_in("UPDATE_COMPLETE"))
    said = account.removes(shows=True)
    assert account.changed == []
    assert [line for line in said if line in STAYS] == STAYS


@pytest.mark.parametrize("open_", [[CARD], [ON_TARGET], [NOTED], [CARD, ON_TARGET, NOTED]])
def test_what_is_open_keeps_it(open_: list[tuple[str, str]]) -> None:
    account = Account(stack_in("UPDATE_COMPLETE"), open_=open_)
    with pytest.raises(ValueError, match=r"(?s)found .* allowed: none.*Try again what is left: .*nothing was deleted"):
        account.removes()
    assert account.changed == []
    account = Account(stack_in("UPDATE_COMPLETE"), stack_in("UPDATE_COMPLETE"), GONE, open_=open_)
    account.removes(keeps_open=True)
    assert "DeleteStack" in account.changed


def test_a_subject_and_the_target_that_it_is_open_on_are_counted_once_each() -> None:
    account = Account(stack_in("UPDATE_COMPLETE"), open_=[CARD, ON_TARGET, NOTED])
    with pytest.raises(ValueError, match="found 1 subjects with something open, and 1 targets"):
        account.removes()


def test_what_was_never_withdrawn_may_open_again_and_keeps_it() -> None:
    account = Account(stack_in("UPDATE_COMPLETE"), mark={})
    with pytest.raises(ValueError, match="Stagegate isn't withdrawn") as error:
        account.removes()
    assert f'--state-machine-arn {SWEEP} --input \'{{"mode": "withdraw"}}\'' in str(error.value)


def test_a_run_under_way_keeps_it() -> None:
    account = Account(stack_in("UPDATE_COMPLETE"), running=True)
    with pytest.raises(ValueError, match="found a run under way"):
        account.removes()
    assert account.changed == []


def test_who_runs_it_again_finds_nothing_or_does_what_is_left() -> None:
    account = Account(NO_STACK)
    assert account.removes() == ["stack stagegate: there is none in eu-west-1"]
    for status in ("DELETE_IN_PROGRESS", "DELETE_FAILED"):
        account = Account(stack_in(status), stack_in(status), GONE)
        account.removes()
        assert account.changed == ["UpdateTerminationProtection", "DeleteStack"]


def test_a_stack_at_work_is_waited_for_by_whoever_asks() -> None:
    with pytest.raises(ValueError, match="found UPDATE_IN_PROGRESS; allowed: a stack at rest"):
        Account(stack_in("UPDATE_IN_PROGRESS")).removes()


def test_what_could_not_be_deleted_is_named_with_why() -> None:
    failed = resources("DELETE_FAILED", ResourceStatusReason="it is in use")
    account = Account(
        stack_in("UPDATE_COMPLETE"), stack_in("UPDATE_COMPLETE"), stack_in("DELETE_FAILED"), listed=failed
    )
    with pytest.raises(ValueError, match=r"Approvers: it is in use\nstack stagegate isn't deleted; run this again"):
        account.removes()


def test_a_ledger_that_is_gone_has_nothing_open() -> None:
    account = Account(
        stack_in("UPDATE_COMPLETE"), stack_in("UPDATE_COMPLETE"), GONE, table=refusal("ResourceNotFoundException")
    )
    account.removes()
    assert "DeleteStack" in account.changed


def test_it_reads_what_the_product_writes() -> None:
    account = Account(stack_in("UPDATE_COMPLETE"))
    ledger.standing(account.client("dynamodb"), "ledger")
    (asked,) = account.clients["dynamodb"].of("Scan")
    values = {each["S"] for each in asked["ExpressionAttributeValues"].values() if "S" in each}
    assert values == {items.VIEW, items.DESIRED, items.WRITTEN}


def test_a_subject_counts_once_and_what_lies_in_a_closed_account_doesnt() -> None:
    card = "arn:aws:sagemaker:eu-west-1:111122223333:model-card/churn"
    kept = [
        items.item(items.view_key(card), items.VIEW, {}),
        items.item(items.subject_key(card), items.VIEW, {}),
        items.item(items.subject_key(card), f"{items.WRITTEN}bucket-policy/a", {"digest": ACCOUNT_CLOSED}),
        items.item(items.subject_key(card), f"{items.WRITTEN}bucket-policy/b", {"digest": "0a1b"}),
        items.item(items.target_key("bucket-policy/b"), f"{items.DESIRED}{card}", {}),
    ]
    found = Scripted("dynamodb", Scan={"Items": kept}, GetItem={"Item": withdrawal.key()})
    assert ledger.standing(found.client, "ledger") == ledger.Standing(is_withdrawn=True, subjects=1, targets=1)
