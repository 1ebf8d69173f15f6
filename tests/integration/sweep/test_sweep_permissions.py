"""Every statement that a sweep needs is needed: without it what has drifted stays so, and somebody hears of it."""

from collections.abc import Iterator

import pytest

from sandbox.kernel.place import REGION
from sandbox.services import cloudformation
from sandbox.services import events as bus
from sandbox.stagegate.deployment import STACK
from sandbox.stagegate.members import GOVERNANCE
from tests.support.fixtures import without
from tests.support.handed import handed
from tests.support.sweeps import NOTHING, SweepEnvironment, output, settings, sweeping

STATEMENTS = [
    ("stagegate-sweep", "ListCards"),
    ("stagegate-sweep", "ListGroups"),
    ("stagegate-sweep", "ListHubs"),
    ("stagegate-sweep", "ListPackages"),
    ("stagegate-sweep", "ListSubjects"),
    ("stagegate-sweep", "ReadClaims"),
    ("stagegate-sweep", "KeepAccounts"),
    ("stagegate-sweep", "KeepBooks"),
    ("stagegate-sweep", "Withdraw"),
    ("stagegate-run-sweep", "Functions"),
    ("stagegate-run-sweep", "StartGovern"),
    ("stagegate-run-sweep", "EncryptHistory"),
    ("stagegate-start-sweep", "Start"),
]
AT_THE_LIMIT = {"sweep": "2026-03-02T120000-0a1b2c3d", "trigger": "person", "pages": 9, "totals": NOTHING}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SweepEnvironment]:
    at_once = ('after_deployment = "report"', 'after_deployment = "apply"')
    with sweeping(settings(tmp_path_factory.mktemp("settings"), at_once)) as opened:
        opened.creates("steady")
        yield opened


def deployed(environment: SweepEnvironment) -> None:
    """The stack has been deployed."""
    stack = cloudformation.stacks.find(GOVERNANCE, REGION, STACK)
    assert stack is not None
    detail = {"stack-id": stack.stack_id, "status-details": {"status": "UPDATE_COMPLETE", "status-reason": ""}}
    bus.emit(GOVERNANCE, REGION, "aws.cloudformation", "CloudFormation Stack Status Change", detail)
    assert environment.organization.settle(60)


def mended(environment: SweepEnvironment) -> bool:
    """Let a card drift, and tell whether the next sweep puts it right."""
    drifts_to = "Archived" if environment.seen_by_dev("steady") else "Draft"
    environment.loses("steady", drifts_to)
    deployed(environment)
    return environment.seen_by_dev("steady") == (drifts_to == "Draft")


def alarming(environment: SweepEnvironment) -> int:
    """How many sweeps have failed and how many events have started none: an alarm is on each of these numbers."""
    sqs = environment.admin("sqs")
    url = sqs.get_queue_url(QueueName="stagegate-undelivered-events")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"]) + sum(run.status == "FAILED" for run in environment.runs())


def test_with_every_statement_it_is_mended_and_nobody_is_troubled(environment: SweepEnvironment) -> None:
    assert mended(environment)
    assert alarming(environment) == 0


@pytest.mark.parametrize(("role", "sid"), STATEMENTS)
def test_a_missing_statement_is_noticed(environment: SweepEnvironment, role: str, sid: str) -> None:
    before = alarming(environment)
    with without(environment, (role, sid)):
        if sid == "KeepAccounts":
            _forget_accounts(environment)
        assert not mended(environment)
    assert alarming(environment) == before + 1


def _forget_accounts(environment: SweepEnvironment) -> None:
    """As before the first sweep of all."""
    environment.admin("dynamodb").delete_item(
        TableName=environment.organization.outputs["LedgerTable"],
        Key={"pk": {"S": "ACCOUNTS"}, "sk": {"S": "CURRENT"}},
    )


def test_without_the_right_to_go_on_a_long_sweep_fails(environment: SweepEnvironment) -> None:
    by = handed(environment.organization, {})["by"]
    requested = {"goes_on": {"phase": "look", "page": 10, "cursor": None, "results": [], "by": by, **AT_THE_LIMIT}}
    with without(environment, ("stagegate-run-sweep", "GoOn")):
        assert environment.sweeps(requested).error == "StepFunctions.AWSStepFunctionsException"
    assert output(environment.sweeps(requested))["outcome"] == "goes on in another execution"
