"""What is kept as evidence, by its own function: where the chains end, in a bucket that takes new keys alone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.stagegate.organization import ROOT
from stagegate.evidence import heads
from stagegate.evidence.model import Kind, List
from stagegate.evidence.verify import Known, verify
from stagegate.ledger import items
from stagegate.ledger.chains.trails import trails
from tests.support.fixtures import CardEnvironment, approved_card, without

FUNCTION = "stagegate-evidence"
TABLE = "stagegate-ledger"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardEnvironment]:
    """A card that has come to be approved, by a gate that asks for an approver and for nothing else."""
    with approved_card(tmp_path_factory.mktemp("settings")) as opened:
        yield opened


def invoke(environment: CardEnvironment, function: str = FUNCTION, payload: object = None) -> dict[str, Any]:
    answer = environment.admin("lambda").invoke(FunctionName=function, Payload=json.dumps(payload or {}).encode())
    return {"error": answer.get("FunctionError"), **json.loads(answer["Payload"].read())}


def bucket(environment: CardEnvironment) -> str:
    return environment.organization.outputs["EvidenceBucket"]


def keys(environment: CardEnvironment) -> list[str]:
    found = environment.admin("s3").list_objects_v2(Bucket=bucket(environment)).get("Contents", ())
    return [each["Key"] for each in found]


def known(environment: CardEnvironment) -> Known:
    found, s3 = Known(), environment.admin("s3")
    for key in keys(environment):
        text = s3.get_object(Bucket=bucket(environment), Key=key)["Body"].read().decode()
        found.add(heads.heads_of(text))
    return found


def kinds(environment: CardEnvironment, kept: Known) -> set[Kind]:
    return {flaw.kind for flaw in verify(trails(environment.admin("dynamodb"), TABLE), kept)}


def test_where_each_history_and_its_approvals_end_is_kept_and_fits(environment: CardEnvironment) -> None:
    answer = invoke(environment)
    assert (answer["error"], answer["bucket"], answer["key"]) == (None, bucket(environment), keys(environment)[-1])
    kept = known(environment)
    card = environment.actions.arn
    assert set(kept.ends[card]) == {List.HISTORY, List.APPROVALS}
    found = trails(environment.admin("dynamodb"), TABLE)
    assert set(found) >= set(kept.ends)
    assert [entry.begins for entry in sorted(found[card].history, key=lambda entry: entry.number)][:2] == [True, False]
    assert kinds(environment, kept) == set()


def test_it_is_kept_every_hour(environment: CardEnvironment) -> None:
    before = len(keys(environment))
    assert environment.organization.clock.until(lambda: len(keys(environment)) > before, 2 * 3600)


def test_what_is_done_to_the_table_is_found(environment: CardEnvironment) -> None:
    invoke(environment)
    kept, dynamodb = known(environment), environment.admin("dynamodb")
    place = items.history_key(environment.actions.arn)
    found = dynamodb.query(
        TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": place}}
    )["Items"]
    dynamodb.put_item(TableName=TABLE, Item={**found[0], "outcome": {"S": "another"}})
    assert kinds(environment, kept) == {Kind.CHANGED}
    dynamodb.delete_item(TableName=TABLE, Key={name: found[0][name] for name in ("pk", "sk")})
    assert kinds(environment, kept) == {Kind.REMOVED}
    dynamodb.put_item(TableName=TABLE, Item=found[0])
    assert kinds(environment, kept) == set()


def refused(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**request)
    return str(error.value.response["Error"]["Code"])


def test_nothing_is_put_over_what_is_kept_and_nobody_deletes_it(environment: CardEnvironment) -> None:
    invoke(environment)
    s3 = environment.organization.client("s3", "governance", "Administrator")  # each call is authorized
    place = {"Bucket": bucket(environment), "Key": keys(environment)[0]}
    version = s3.head_object(**place)["VersionId"]
    assert refused(s3.put_object, **place, Body=b"{}") == "AccessDenied"
    assert refused(s3.put_object, **place, Body=b"{}", IfNoneMatch="*") == "PreconditionFailed"
    assert refused(s3.delete_object, **place) == "AccessDenied"
    assert refused(s3.delete_object, **place, VersionId=version) == "AccessDenied"
    found = s3.get_object(**place)
    # Under a key of the account, what nobody may delete would be gone with the key.
    assert (found["VersionId"], found["ServerSideEncryption"]) == (version, "AES256")
    lock = s3.get_object_lock_configuration(Bucket=place["Bucket"])["ObjectLockConfiguration"]
    assert lock == {"ObjectLockEnabled": "Enabled"}


@pytest.mark.parametrize("sid", ["ListSubjects", "ReadEnds", "KeepEnds"])
def test_a_missing_statement_is_an_error_and_an_alarm(environment: CardEnvironment, sid: str) -> None:
    with without(environment, (FUNCTION, sid)):
        answer = invoke(environment)
    assert (answer["error"], answer["errorType"]) == ("Unhandled", "RefusedError")
    assert environment.organization.clock.until(lambda: environment.alarm("-evidence-failed") == "ALARM")
    assert environment.organization.clock.until(lambda: environment.alarm("-evidence-failed") == "OK", 1200)


def test_an_hour_that_nobody_keeps_raises_an_alarm(environment: CardEnvironment) -> None:
    events = environment.admin("events")
    (rule,) = [each["Name"] for each in events.list_rules()["Rules"] if "EvidenceDue" in each["Name"]]
    events.disable_rule(Name=rule)
    assert environment.organization.clock.until(lambda: environment.alarm("-no-evidence") == "ALARM", 8 * 3600)
    events.enable_rule(Name=rule)
    assert environment.organization.clock.until(lambda: environment.alarm("-no-evidence") == "OK", 8 * 3600)


def recording(environment: CardEnvironment) -> dict[str, Any]:
    """What the last run that recorded something has handed to `record`."""
    states = environment.admin("stepfunctions")
    machine = environment.organization.outputs["GovernStateMachine"]
    for execution in states.list_executions(stateMachineArn=machine)["executions"]:
        history = states.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)["events"]
        for event in history:
            scheduled = event.get("taskScheduledEventDetails", {}).get("parameters", "{}")
            given = json.loads(scheduled)
            if "function:stagegate-record" in str(given.get("FunctionName")) and "record" in str(given["Payload"]):
                payload: dict[str, Any] = given["Payload"]
                if "before" in payload["request"] and "round" in payload["request"]:
                    return payload
    raise AssertionError("no run has recorded anything")


def test_where_a_history_ends_by_now_is_read_where_others_have_written_since(environment: CardEnvironment) -> None:
    """What a run has handed over is handed over again, by a run that has seen no end: its entry is there already."""
    payload = recording(environment)
    payload["request"]["before"]["chain"] = None
    assert invoke(environment, "stagegate-record", payload)["error"] is None
    with without(environment, ("stagegate-record", "ReadChain")):
        assert invoke(environment, "stagegate-record", payload)["errorType"] == "RefusedError"
    assert kinds(environment, known(environment)) == set()


def test_the_example_of_its_event_is_that_of_a_schedule() -> None:
    event = json.loads((ROOT / "events" / "evidence_due.json").read_text())
    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")
    assert heads.key_of(datetime(2026, 3, 2, 12, tzinfo=UTC)) < heads.key_of(datetime(2026, 3, 2, 13, tzinfo=UTC))
