"""`verify`: of a ledger that is what was recorded, and of one that somebody has written into."""

from typing import Any

import pytest

from demo.people import OWNER
from stagegate.ledger import items
from stagegate_cli import codes
from stagegate_cli.commands.verify import Verified
from tests.cli.command import Command, is_golden
from tests.support.fixtures import CardEnvironment

CARD = "Customer-Churn-Model-Card"
TABLE = "stagegate-ledger"


@pytest.fixture(scope="module", autouse=True)
def _story(environment: CardEnvironment) -> None:
    does, actions = environment.does, environment.actions
    does(actions.creates("Draft"))
    does(actions.fills_in(actions.writer(), "filled in"))
    environment.admin("lambda").invoke(FunctionName="stagegate-evidence", Payload=b"{}")
    for status in ("PendingReview", "Draft", "PendingReview"):
        does(actions.sets(OWNER, status))
    environment.organization.settle()


def entries(environment: CardEnvironment) -> list[dict[str, Any]]:
    """The card's history, as DynamoDB has it."""
    found: list[dict[str, Any]] = environment.admin("dynamodb").query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": items.history_key(environment.actions.arn)}},
    )["Items"]
    return found


def test_all_of_it_fits(stagegate: Command, environment: CardEnvironment) -> None:
    ran = stagegate("verify")
    is_golden("verify", ran.out)
    assert ran.code == codes.OK
    said = stagegate("verify", CARD, "--json").json(Verified)
    (chain,) = said["chains"]
    assert (said["flaws"], said["kept"], said["gaps"]) == ([], 1, 0)
    assert chain["since"] == said["chains"][0]["since"] != ""
    assert chain["subject"] == environment.actions.arn
    assert chain["entries"] > len(entries(environment)) > 2


def test_what_was_done_is_named_with_the_place(stagegate: Command, environment: CardEnvironment) -> None:
    dynamodb, found = environment.admin("dynamodb"), entries(environment)
    key = {name: found[1][name] for name in ("pk", "sk")}
    dynamodb.put_item(TableName=TABLE, Item={**found[0], "outcome": {"S": "waiting"}})
    dynamodb.delete_item(TableName=TABLE, Key=key)
    try:
        ran = stagegate("verify")
        is_golden("verify-flaws", ran.out)
        assert ran.code == codes.FAILED
        said = stagegate("verify", CARD, "--json").json(Verified)
        assert [(flaw["kind"], flaw["entry"]) for flaw in said["flaws"]] == [("removed", 2), ("changed", 1)]
    finally:
        for entry in found[:2]:
            dynamodb.put_item(TableName=TABLE, Item=entry)
    assert stagegate("verify").code == codes.OK


def test_what_was_kept_is_looked_at_too(stagegate: Command, environment: CardEnvironment) -> None:
    """Whoever takes the bucket's policy away can put something over what is kept: it has two versions then."""
    s3, bucket = environment.admin("s3"), environment.organization.outputs["EvidenceBucket"]
    (kept,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    s3.put_object(Bucket=bucket, Key=kept["Key"], Body=b"{}")
    ran = stagegate("verify", "--json")
    flaws = ran.json(Verified)["flaws"]
    assert ran.code == codes.FAILED
    assert {flaw["kind"] for flaw in flaws} == {"kept"}
    assert {flaw["key"] for flaw in flaws} == {f"{bucket}/{kept['Key']}", ""}
    s3.delete_object(Bucket=bucket, Key=kept["Key"])
    details = [flaw["detail"] for flaw in stagegate("verify", "--json").json(Verified)["flaws"]]
    assert sorted(details)[:2] == [
        "it was deleted",
        "it was replaced or deleted: it has 3 versions",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", "--since", "soon"], "--since: found 'soon'"),
        (["verify", "--bucket", "somebodys-bucket"], "there is no bucket"),
        (["verify", "nothing"], "SUBJECT: found 'nothing'"),
        (["verify", "--prefix", "another"], "found no stack with the prefix another"),
    ],
)
def test_what_cannot_be_compared_is_said(stagegate: Command, arguments: list[str], said: str) -> None:
    ran = stagegate(*arguments)
    assert ran.code != codes.OK
    assert said in ran.err
