"""`doctor`: what is wrong is found, each single thing, and nothing where all is well."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.stagegate.members import MANAGEMENT
from stagegate_cli import codes
from stagegate_cli.commands.doctor import Diagnosis
from stagegate_cli.doctor.members import trusts_wrong
from tests.cli.command import Command, somebody
from tests.support.builders import DEV, GOVERNANCE
from tests.support.fixtures import SHIPPED, CardEnvironment

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NOT_IN_THE_SANDBOX = {"sharing", "trail", "concurrency", "stack"}
"""What the sandbox has no calls for: unknown, and said to be."""


@pytest.fixture(scope="module")
def people(environment: CardEnvironment, profiles: Path) -> Iterator[None]:
    approve = {"TopicArn": environment.organization.outputs["ApproversTopic"], "Protocol": "sqs"}
    operate = {"TopicArn": environment.organization.outputs["OperationsTopic"], "Protocol": "sqs"}
    for topic in (approve, operate):
        environment.admin("sns").subscribe(**topic, Endpoint=f"arn:aws:sqs:us-east-1:{GOVERNANCE}:heard")
    with (
        somebody(environment, profiles, EVERYTHING, "looking"),
        somebody(environment, profiles, EVERYTHING, "managing", MANAGEMENT),
        somebody(environment, profiles, EVERYTHING, "inside", DEV),
    ):
        yield


def diagnosis(stagegate: Command, *more: str) -> dict[str, dict[str, str]]:
    ran = stagegate("doctor", "--json", "--management", "managing", "--member", "inside", *more, profile="looking")
    return {check["name"]: check for check in ran.json(Diagnosis)["checks"]}


def wrong(found: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: check["found"] for name, check in found.items() if check["state"] == "wrong"}


@pytest.mark.usefixtures("people")
def test_where_all_is_well_nothing_is_wrong(stagegate: Command) -> None:
    assert stagegate("sweep", "--json").code == codes.OK
    found = diagnosis(stagegate)
    assert wrong(found) == {}
    assert {name for name, check in found.items() if check["state"] == "unknown"} == NOT_IN_THE_SANDBOX
    assert len(found) > 15


def _disables_a_rule(environment: CardEnvironment) -> Callable[[], Any]:
    events = environment.admin("events")
    name = events.list_rule_names_by_target(TargetArn=environment.organization.outputs["GovernStateMachine"])[
        "RuleNames"
    ][0]
    events.disable_rule(Name=name)
    return lambda: events.enable_rule(Name=name)


def _unprotects_the_ledger(environment: CardEnvironment) -> Callable[[], Any]:
    dynamodb = environment.admin("dynamodb")
    dynamodb.update_table(TableName="stagegate-ledger", DeletionProtectionEnabled=False)
    return lambda: dynamodb.update_table(TableName="stagegate-ledger", DeletionProtectionEnabled=True)


def _disables_the_key(environment: CardEnvironment) -> Callable[[], Any]:
    kms = environment.admin("kms")
    key = kms.describe_key(KeyId="alias/stagegate")["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=key)
    return lambda: kms.enable_key(KeyId=key)


def _sets_an_alarm(environment: CardEnvironment) -> Callable[[], Any]:
    alarm = {"AlarmName": "stagegate-still-open", "StateReason": "a test"}
    cloudwatch = environment.admin("cloudwatch")
    cloudwatch.set_alarm_state(**alarm, StateValue="ALARM")
    return lambda: cloudwatch.set_alarm_state(**alarm, StateValue="OK")


def _leaves_something_in_a_queue(environment: CardEnvironment) -> Callable[[], Any]:
    sqs = environment.admin("sqs")
    url = sqs.get_queue_url(QueueName="stagegate-undelivered-events")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    return lambda: sqs.purge_queue(QueueUrl=url)


def _trusts_somebody_else(environment: CardEnvironment) -> Callable[[], Any]:
    iam = environment.admin("iam", "dev")
    role = "stagegate-member-share"
    document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    changed = json.dumps(document).replace(GOVERNANCE, "999999999999")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=changed)
    return lambda: iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(document))


@contextmanager
def broken(environment: CardEnvironment, breaks: Callable[[CardEnvironment], Callable[[], Any]]) -> Iterator[None]:
    mend = breaks(environment)
    try:
        yield
    finally:
        mend()


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("breaks", "name", "said"),
    [
        (_disables_a_rule, "event rules", "disabled: "),
        (_unprotects_the_ledger, "ledger", "anybody who may can delete it"),
        (_disables_the_key, "key", "it is Disabled"),
        (_sets_an_alarm, "alarms", "stagegate-still-open"),
        (_leaves_something_in_a_queue, "queues", "stagegate-undelivered-events has 1 message"),
        (_trusts_somebody_else, "member roles' trust", "stagegate-member-share: trusts "),
    ],
)
def test_each_single_thing_that_is_wrong_is_found_and_nothing_else(
    stagegate: Command,
    environment: CardEnvironment,
    breaks: Callable[[CardEnvironment], Callable[[], Any]],
    name: str,
    said: str,
) -> None:
    with broken(environment, breaks):
        found = wrong(diagnosis(stagegate))
    assert list(found) == [name]
    assert said in found[name]


@pytest.mark.usefixtures("people")
def test_rules_of_another_organization_are_found_before_a_deployment(stagegate: Command, tmp_path: Path) -> None:
    other = tmp_path / "governance.toml"
    other.write_text(
        SHIPPED.read_text().replace("o-stagegate01", "o-another0001").replace("444455556666", "444455556667")
    )
    found = wrong(diagnosis(stagegate, "--before", "--rules", str(other)))
    assert set(found) == {"organization", "accounts of the stages"}
    assert "444455556667 is no member" in found["accounts of the stages"]


def test_what_may_not_be_looked_at_is_unknown_and_says_which_policy_helps(stagegate: Command) -> None:
    ran = stagegate("doctor", profile="governance")
    assert ran.code == codes.WAITS
    assert "unknown  ledger: read the ledger's table: DescribeTable was refused" in ran.out
    assert "-> `stagegate policy doctor` prints what looking takes" in ran.out


def test_the_doctors_policy_is_enough(stagegate: Command, environment: CardEnvironment, profiles: Path) -> None:
    document = json.loads(stagegate("policy", "doctor").out)
    with somebody(environment, profiles, document, "doctor"):
        checks = stagegate("doctor", "--json", profile="doctor").json(Diagnosis)["checks"]
    refused = {each["name"]: each["found"] for each in checks if "AccessDenied" in each["found"]}
    assert list(refused) == ["organization"]  # its root is for the management account to see
    assert "ListRoots was refused" in refused["organization"]


def test_before_a_deployment_the_rules_are_asked_for(stagegate: Command) -> None:
    ran = stagegate("doctor", "--before")
    assert (ran.code, ran.out) == (codes.USAGE, "")
    assert "--rules: found 'nothing'; allowed: with --before, the governance.toml" in ran.err


@pytest.mark.parametrize(
    ("principal", "problem"),
    [
        ({"AWS": f"arn:aws:iam::{GOVERNANCE}:root"}, ""),
        ({"Service": "events.amazonaws.com"}, ""),
        ({"AWS": "*"}, "trusts *"),
        ({"AWS": [f"arn:aws:iam::{GOVERNANCE}:root", f"arn:aws:iam::{DEV}:root"]}, f"trusts arn:aws:iam::{DEV}:root"),
    ],
)
def test_a_trust_is_read(principal: dict[str, Any], problem: str) -> None:
    document = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    assert trusts_wrong(document, GOVERNANCE) == problem
