"""Every statement that a sweep needs is needed: without it what has drifted stays so, and somebody hears of it."""

from collections.abc import Iterator

import pytest

from sandbox.kernel.transport import REGION
from sandbox.services import cloudformation, events
from sandbox.stagegate.deployment import STACK
from sandbox.stagegate.members import GOVERNANCE
from tests.support.scenes import without
from tests.support.sweeps import NOTHING, Swept, output, settings, swept

STATEMENTS = [
    ("stagegate-sweep", "ListCards"),
    ("stagegate-sweep", "ListGroups"),
    ("stagegate-sweep", "ListPackages"),
    ("stagegate-sweep", "ListSubjects"),
    ("stagegate-sweep", "ReadClaims"),
    ("stagegate-sweep", "KeepBooks"),
    ("stagegate-run-sweep", "Functions"),
    ("stagegate-run-sweep", "StartGovern"),
    ("stagegate-start-sweep", "Start"),
]
AT_THE_LIMIT = {"sweep": "2026-03-02T120000-0a1b2c3d", "trigger": "person", "pages": 9, "totals": NOTHING}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swept]:
    at_once = ('after_deployment = "report"', 'after_deployment = "apply"')
    with swept(settings(tmp_path_factory.mktemp("settings"), at_once)) as opened:
        opened.creates("steady")
        yield opened


def deployed(place: Swept) -> None:
    """The stack has been deployed."""
    stack = cloudformation.stacks.find(GOVERNANCE, REGION, STACK)
    assert stack is not None
    detail = {"stack-id": stack.stack_id, "status-details": {"status": "UPDATE_COMPLETE", "status-reason": ""}}
    events.emit(GOVERNANCE, REGION, "aws.cloudformation", "CloudFormation Stack Status Change", detail)
    assert place.organization.settle(60)


def mended(place: Swept) -> bool:
    """Let a card drift, and tell whether the next sweep puts it right."""
    drifts_to = "Archived" if place.seen_by_dev("steady") else "Draft"
    place.loses("steady", drifts_to)
    deployed(place)
    return place.seen_by_dev("steady") == (drifts_to == "Draft")


def alarming(place: Swept) -> int:
    """How many sweeps have failed and how many events have started none: an alarm is on each of these numbers."""
    sqs = place.admin("sqs")
    url = sqs.get_queue_url(QueueName="stagegate-undelivered-events")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"]) + sum(run.status == "FAILED" for run in place.runs())


def test_with_every_statement_it_is_mended_and_nobody_is_troubled(place: Swept) -> None:
    assert mended(place)
    assert alarming(place) == 0


@pytest.mark.parametrize(("role", "sid"), STATEMENTS)
def test_a_missing_statement_is_noticed(place: Swept, role: str, sid: str) -> None:
    before = alarming(place)
    with without(place, (role, sid)):
        assert not mended(place)
    assert alarming(place) == before + 1


def test_without_the_right_to_go_on_a_long_sweep_fails(place: Swept) -> None:
    asked = {"goes_on": {"phase": "look", "page": 10, "cursor": None, "results": [], **AT_THE_LIMIT}}
    with without(place, ("stagegate-run-sweep", "GoOn")):
        assert place.sweeps(asked).error == "StepFunctions.AccessDeniedException"
    assert output(place.sweeps(asked))["outcome"] == "goes on in another execution"
