"""An approval can't be made, changed or taken away by anybody else's role, and is about what was asked."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from sandbox.kernel.delays import Delays, delays
from sandbox.stagegate.organization import ROOT, Organization
from stagegate.ledger import items
from tests.integration.cards.sealed import REVIEWED
from tests.support.sweeps import SHIPPED, SweepEnvironment

ROLES = sorted(
    resource["Properties"]["RoleName"]["Fn::Sub"].replace("${Prefix}", "stagegate")
    for resource in yaml_parse((ROOT / "template.yaml").read_text())["Resources"].values()
    if resource["Type"] == "AWS::IAM::Role"
)
RECORDER = "stagegate-record-approval"
A_LONG_CALL_S = 125
"""After this, no call can be completed that was made before."""


@dataclass
class Cards(SweepEnvironment):
    """The organization, and people who do things to one card after the other."""

    name: str = ""

    def has(self, name: str) -> "Cards":
        """A new card that dev has filled in, for review."""
        self.name = name
        self.creates(name)
        self.writes("first")
        self.does("governance", ModelCardStatus="PendingReview")
        return self

    def does(self, who: str, **change: str) -> None:
        """Somebody changes the card, in a second of their own; everything that follows has happened then."""
        self.organization.clock.next_second()
        named = self.name if who in ("governance", "approver") else self.arn(self.name)
        self.organization.client("sagemaker", who).update_model_card(ModelCardName=named, **change)
        assert self.organization.settle()

    def writes(self, what: str, risk: str = "High") -> None:
        """Dev writes another content, and then minutes pass."""
        content = {**REVIEWED, "model_overview": {"model_description": what}, "intended_uses": {"risk_rating": risk}}
        self.does("dev", Content=json.dumps(content))
        self.organization.clock.sleep(A_LONG_CALL_S)

    def approves(self) -> None:
        self.does("approver", ModelCardStatus="Approved")

    def prod_sees_it(self) -> bool:
        try:
            self.organization.client("sagemaker", "prod").describe_model_card(ModelCardName=self.arn(self.name))
        except ClientError:
            return False
        return True

    def heard(self) -> str:
        """The last message."""
        message = self.organization.outbox[-1]
        return f"{message.subject}\n{message.text}"

    def kept(self) -> list[dict[str, Any]]:
        """The card's approvals in the ledger, as DynamoDB has them."""
        found = self.admin("dynamodb").query(
            TableName=self.organization.outputs["LedgerTable"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": items.approvals_key(self.arn(self.name))}},
        )
        return list(found["Items"])


@pytest.fixture(scope="module")
def cards() -> Iterator[Cards]:
    quick = Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=0.05)
    with Organization.start(SHIPPED, delays=quick) as opened:
        yield Cards(opened)


def test_what_is_approved_is_what_was_asked(cards: Cards) -> None:
    cards.has("asked")
    assert "DECIDE asked: PendingReview" in cards.heard()
    assert "is PendingReview (version 2)" in cards.heard()
    cards.writes("second", risk="Medium")
    assert "is PendingReview (version 3)" in cards.heard(), "an edit asks again"
    assert "- version 2 is now version 3 (asked at " in cards.heard()
    assert "- the risk was High and is Medium (asked at " in cards.heard()
    cards.approves()
    assert cards.prod_sees_it()


def test_an_approval_that_nobody_asked_for_asks_and_its_repeat_answers(cards: Cards) -> None:
    cards.name = "unasked"
    cards.admin("sagemaker").create_model_card(
        ModelCardName="unasked", Content=json.dumps(REVIEWED), ModelCardStatus="Draft"
    )
    assert cards.organization.settle(), "dev sees it then"
    cards.writes("first")
    cards.approves()
    assert not cards.prod_sees_it()
    assert "DECIDE unasked: Approved" in cards.heard()
    assert "ApprovalNotAsked: " in cards.heard()
    cards.approves()
    assert cards.prod_sees_it()


def test_whoever_repeats_a_status_takes_nothing_away(cards: Cards) -> None:
    """Before the record of the approval has come."""
    cards.has("repeated")
    delays.cloudtrail = 5
    try:
        cards.organization.clock.next_second()
        for who in ("approver", "governance", "governance"):
            named = cards.organization.client("sagemaker", who)
            named.update_model_card(ModelCardName="repeated", ModelCardStatus="Approved")
            cards.organization.clock.sleep(1.5)
        assert not cards.prod_sees_it(), "the record has yet to come"
        assert cards.organization.settle()
    finally:
        delays.cloudtrail = 0.1
    assert cards.prod_sees_it()


@pytest.mark.parametrize("late_s", [0.0, 1.0, 45.0, 119.0])
def test_a_call_that_is_completed_late_is_about_what_was_there(cards: Cards, late_s: float) -> None:
    cards.has(f"late-{late_s:.0f}")
    delays.completion = late_s
    try:
        cards.organization.clock.next_second()
        approver, dev = (cards.organization.client("sagemaker", who) for who in ("approver", "dev"))
        approver.update_model_card(ModelCardName=cards.name, ModelCardStatus="Approved")
        if late_s:
            cards.organization.clock.sleep(late_s / 2)
            dev.update_model_card(
                ModelCardName=cards.arn(cards.name),
                Content=json.dumps({**REVIEWED, "model_overview": {"model_description": "unseen"}}),
            )
        assert cards.organization.settle(300)
        assert cards.prod_sees_it() is not bool(late_s), "nobody has seen what dev wrote"
        delays.completion = 0.0
        cards.organization.clock.sleep(A_LONG_CALL_S)
        cards.approves()
        assert cards.prod_sees_it()
    finally:
        delays.completion = 0.0


def attempts(cards: Cards, client: Any, item: dict[str, Any]) -> dict[str, Callable[[], object]]:
    """Each way in which DynamoDB takes a change of an item."""
    table = cards.organization.outputs["LedgerTable"]
    key = {"pk": item["pk"], "sk": item["sk"]}
    names: dict[str, Any] = {
        "UpdateExpression": "SET #s = :s",
        "ExpressionAttributeNames": {"#s": "status"},
        "ExpressionAttributeValues": {":s": {"S": "Approved"}},
    }

    def batch(request: dict[str, Any]) -> Callable[[], object]:
        return lambda: client.batch_write_item(RequestItems={table: [request]})

    def transaction(write: dict[str, Any]) -> Callable[[], object]:
        return lambda: client.transact_write_items(TransactItems=[write])

    return {
        "PutItem": lambda: client.put_item(TableName=table, Item=item),
        "UpdateItem": lambda: client.update_item(TableName=table, Key=key, **names),
        "DeleteItem": lambda: client.delete_item(TableName=table, Key=key),
        "BatchWriteItem, put": batch({"PutRequest": {"Item": item}}),
        "BatchWriteItem, delete": batch({"DeleteRequest": {"Key": key}}),
        "TransactWriteItems, put": transaction({"Put": {"TableName": table, "Item": item}}),
        "TransactWriteItems, update": transaction({"Update": {"TableName": table, "Key": key, **names}}),
        "TransactWriteItems, delete": transaction({"Delete": {"TableName": table, "Key": key}}),
    }


@pytest.mark.parametrize("role", ROLES)
def test_no_other_role_can_write_an_approval_and_none_can_change_one(cards: Cards, role: str) -> None:
    if not cards.name:
        cards.has("guarded").approves()
    before = cards.kept()
    assert before
    client = cards.organization.client("dynamodb", "governance", role)
    done = []
    for name, attempt in attempts(cards, client, before[0]).items():
        try:
            attempt()
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDeniedException":
                raise
        else:
            done.append(name)
    assert done == (["PutItem", "TransactWriteItems, put"] if role == RECORDER else [])
    assert cards.kept() == before


def test_who_replaces_a_record_with_the_recorders_own_role_is_found_by_the_sweep(cards: Cards) -> None:
    cards.has("replaced").approves()
    assert cards.prod_sees_it()
    dynamodb = cards.organization.client("dynamodb", "governance", RECORDER)
    (record,) = (item for item in cards.kept() if item.get("status") == {"S": "Approved"} and "actor" in item)
    forged = {**record, "source_identity": {"S": "somebody else"}}
    dynamodb.put_item(TableName=cards.organization.outputs["LedgerTable"], Item=forged)
    run = cards.sweeps()
    assert run.status == "FAILED"
    assert "replaced: RecordsAltered: The approvals of" in str(run.cause)
    assert any("RecordsAltered" in message.text for message in cards.organization.outbox)
    assert not cards.prod_sees_it(), "what rests on an approval that doesn't count closes"
    cards.admin("dynamodb").put_item(TableName=cards.organization.outputs["LedgerTable"], Item=record)
    assert cards.sweeps().status == "SUCCEEDED"
    assert cards.prod_sees_it()
