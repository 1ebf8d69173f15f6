"""The report, by its own function and role: what the ledger says of a card that the people of the story have moved."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.stagegate.organization import ROOT
from stagegate.rules.load import load
from tests.support.fixtures import CardEnvironment, approved_card, without

FUNCTION = "stagegate-report"
A_DAY_S = 25 * 3600


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardEnvironment]:
    """A card that has come to be approved, by a gate that asks for an approver and for nothing else."""
    with approved_card(tmp_path_factory.mktemp("settings")) as opened:
        yield opened


def invoke(environment: CardEnvironment) -> dict[str, Any]:
    answer = environment.admin("lambda").invoke(FunctionName=FUNCTION, Payload=b"{}")
    return {"error": answer.get("FunctionError"), **json.loads(answer["Payload"].read())}


def bucket(environment: CardEnvironment) -> str:
    return environment.organization.outputs["ReportsBucket"]


def read(environment: CardEnvironment, key: str) -> str:
    found = environment.admin("s3").get_object(Bucket=bucket(environment), Key=key)
    text: str = found["Body"].read().decode()
    return text


def test_it_says_who_can_use_what_and_by_whose_approval(environment: CardEnvironment) -> None:
    answer = invoke(environment)
    assert (answer["error"], answer["models"], answer["bucket"]) == (None, 1, bucket(environment))
    said = json.loads(read(environment, "report.json"))
    (model,) = said["models"]
    open_to = {each["stage"]: said["account_lists"][each["accounts"]] for each in model["access"]}
    rules = load(environment.settings)
    assert open_to == {stage.name: list(stage.accounts) for stage in rules.stages}
    gated = {entry.stage for entry in rules.approvers}
    assert {each["stage"] for each in model["access"] if each["approval"] and each["approved_by"]} == gated
    assert next(event["title"] for event in model["timeline"] if event["what"] == "status") == "Set to Approved"
    rows = list(csv.DictReader(io.StringIO(read(environment, "report.csv"))))
    assert {row["stage"] for row in rows} == set(open_to)
    assert "Content-Security-Policy" in read(environment, "report.html")


def test_each_report_is_a_version_under_the_stacks_key(environment: CardEnvironment) -> None:
    s3 = environment.admin("s3")
    files = [invoke(environment)["files"]["report.html"] for _ in range(2)]
    assert len(set(files)) == 2
    found = s3.get_object(Bucket=bucket(environment), Key="report.html", VersionId=files[0])
    assert (found["ServerSideEncryption"], found["BucketKeyEnabled"]) == ("aws:kms", True)
    assert found["ContentType"] == "text/html; charset=utf-8"


def test_it_is_made_every_day(environment: CardEnvironment) -> None:
    s3 = environment.admin("s3")
    before = s3.list_object_versions(Bucket=bucket(environment), Prefix="report.html").get("Versions", [])

    def is_made() -> bool:
        now = s3.list_object_versions(Bucket=bucket(environment), Prefix="report.html").get("Versions", [])
        return len(now) > len(before)

    assert environment.organization.clock.until(is_made, A_DAY_S)


@pytest.mark.parametrize("sid", ["ReadLedger", "WriteReports"])
def test_a_missing_statement_is_an_error_and_an_alarm(environment: CardEnvironment, sid: str) -> None:
    with without(environment, (FUNCTION, sid)):
        answer = invoke(environment)
    assert (answer["error"], answer["errorType"]) == ("Unhandled", "RefusedError")
    assert environment.organization.clock.until(lambda: environment.alarm("-reports-failed") == "ALARM")
    assert environment.organization.clock.until(lambda: environment.alarm("-reports-failed") == "OK", 1200)


def test_nobody_reads_it_without_encryption(environment: CardEnvironment) -> None:
    policy = json.loads(environment.admin("s3").get_bucket_policy(Bucket=bucket(environment))["Policy"])
    (statement,) = policy["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_example_of_its_event_is_that_of_a_schedule() -> None:
    event = json.loads((ROOT / "events" / "report_due.json").read_text())
    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")
