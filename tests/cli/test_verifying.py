"""`verify`: of a ledger that is what was recorded, and of one that somebody has written into."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from demo.people import OWNER
from stagegate.ledger import items
from stagegate_cli import codes
from stagegate_cli.commands.verify import Verified
from tests.cli.command import Command, is_golden
from tests.support.builders import GOVERNANCE
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


@contextmanager
def forged(environment: CardEnvironment, documents: Mapping[str, bytes], **how: str) -> Iterator[None]:
    """Somebody has put objects beside those that are kept; afterwards they are gone without a trace."""
    s3, bucket = environment.admin("s3"), environment.organization.outputs["EvidenceBucket"]
    put = [(f"heads/2099-01-01/{name}.json", body) for name, body in documents.items()]
    made = [(key, s3.put_object(Bucket=bucket, Key=key, Body=body, **how)["VersionId"]) for key, body in put]
    try:
        yield
    finally:
        for key, version in made:
            s3.delete_object(Bucket=bucket, Key=key, VersionId=version)


def kept_flaws(stagegate: Command) -> dict[str, str]:
    """What is wrong with what is kept: the last part of its key -> what is said."""
    ran = stagegate("verify", "--json")
    flaws = ran.json(Verified)["flaws"]
    assert {flaw["kind"] for flaw in flaws} <= {"kept"}
    assert ran.code == (codes.FAILED if flaws else codes.OK)
    return {flaw["key"].rpartition("/")[2]: flaw["detail"] for flaw in flaws}


def test_what_somebody_has_put_there_is_a_flaw_and_the_rest_is_compared(
    stagegate: Command, environment: CardEnvironment
) -> None:
    """Each of these once broke the command for good: nobody may delete what is kept."""
    documents = {
        "naive": b'{"at": "2026-01-01T00:00:00", "heads": {}}',
        "infinite": b'{"at": "2026-01-01T00:00:00Z", "heads": {"a": {"history": [Infinity, "x"]}}}',
        "deep": b"[" * 100_000,
        "bytes": b"\xff\xfe",
    }
    with forged(environment, documents):
        found = kept_flaws(stagegate)
        assert found.keys() == {f"{name}.json" for name in documents}
        assert all(said.startswith("no ends of chains") for name, said in found.items() if name != "bytes.json")
        assert stagegate("verify").out.count("  - kept: ") == len(documents)
    assert kept_flaws(stagegate) == {}


def test_what_its_key_keeps_from_the_reader_is_a_flaw_and_the_rest_is_compared(
    stagegate: Command, environment: CardEnvironment
) -> None:
    """An object under another key than the bucket's, which its writer alone may use."""
    its_writer = {"AWS": f"arn:aws:iam::{GOVERNANCE}:role/stagegate-evidence"}
    statement = {"Effect": "Allow", "Principal": its_writer, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    key = environment.admin("kms").create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]["Arn"]
    with forged(environment, {"locked": b"{}"}, ServerSideEncryption="aws:kms", SSEKMSKeyId=key):
        found = kept_flaws(stagegate)
    assert "GetObject was refused (AccessDenied)" in found["locked.json"]
    assert found.keys() == {"locked.json"}


def test_when_ends_were_kept_is_what_the_bucket_says(stagegate: Command, environment: CardEnvironment) -> None:
    """Ends of a later time than all would otherwise say for ever that the last ones are new."""
    with forged(environment, {"future": b'{"at": "2099-01-01T00:00:00+00:00", "heads": {}}'}):
        assert "it says that it is of 2099-01-01T00:00:00+00:00" in kept_flaws(stagegate)["future.json"]
        assert "2099" not in stagegate("verify", "--json").json(Verified)["last_kept"]
    assert kept_flaws(stagegate) == {}


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


def test_another_bucket_than_that_of_the_chains_is_found_out(stagegate: Command, environment: CardEnvironment) -> None:
    """Whoever may change the function's environment names a bucket of theirs, with the ends of a forged ledger."""
    s3, functions = environment.admin("s3"), environment.admin("lambda")
    environment.organization.clock.sleep(4 * 3600)
    s3.create_bucket(Bucket="stagegate-evidence-of-mine")
    name = {"FunctionName": "stagegate-evidence"}
    was = functions.get_function_configuration(**name)["Environment"]["Variables"]
    functions.update_function_configuration(
        **name, Environment={"Variables": {**was, "STAGEGATE_EVIDENCE": "stagegate-evidence-of-mine"}}
    )
    now = environment.organization.clock.datetime()
    try:
        for hours in (9, 0):
            body = json.dumps({"at": (now - timedelta(hours=hours)).isoformat(), "heads": {}}).encode()
            s3.put_object(Bucket="stagegate-evidence-of-mine", Key=f"heads/of-{hours}.json", Body=body)
        found = kept_flaws(stagegate)
    finally:
        functions.update_function_configuration(**name, Environment={"Variables": was})
    assert found.keys() == {"of-9.json", ""}
    assert "are there others, in another bucket?" in found[""]
