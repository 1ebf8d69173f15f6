"""A model package's approval opens all that it is made of to the role that deploys it, and its rejection closes it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import ROOT
from tests.support.numbers import stated
from tests.support.printed import has_what_is_printed
from tests.support.registry import ALL, BUCKET, Registry
from tests.support.registry import registry as a_registry

(MOST_STATES,) = stated(r"four surfaces \(group, bucket, key, repository\) enters (\d+) states")
ANOTHER_STACKS = {
    "Sid": "Stagegate0123456789abcdef",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::777788889999:root"},
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/x",
}
"""A statement of a Stagegate that another governance account has."""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Prod's role has what `make consumer-policy` prints, and nothing else."""
    folder = tmp_path_factory.mktemp("settings")
    with a_registry(folder, Delays(cloudtrail=0.3, wait_factor=0.2)) as environment:
        has_what_is_printed(environment.organization, folder / "governance.toml", "prod", "ModelOperator")
        yield environment


def test_the_story_of_a_package(registry: Registry) -> None:
    assert registry.may("prod") == frozenset()
    assert any("customer-churn" in (message.subject or "") for message in registry.organization.outbox)

    registry.sets("governance", "Approved")
    assert registry.may("prod") == frozenset(), "its owner is no approver"

    registry.sets("approver", "PendingManualApproval")
    before = len(registry.organization.executions())
    registry.sets("approver", "Approved")
    assert registry.may("prod") == ALL
    assert registry.may("prod", "Administrator") == frozenset(), "the role is named, not the account"
    assert registry.may("test") == frozenset()
    runs = registry.organization.executions()[before:]
    assert [(run.status, run.error, run.cause) for run in runs if run.status != "SUCCEEDED"] == []
    entered = [
        sum(event["type"].endswith("StateEntered") for event in registry.organization.history(run.execution_arn))
        for run in runs
    ]
    assert max(entered) <= MOST_STATES, entered

    registry.sets("approver", "Rejected")
    assert registry.may("prod") == frozenset()
    assert (registry.sids("bucket"), registry.sids("repository")) == (["Auditors"], ["Auditors"])
    assert registry.admin("kms", "dev").list_grants(KeyId=registry.key)["Grants"] == []


def test_what_somebody_took_out_is_found_by_a_manual_run_and_put_back(registry: Registry) -> None:
    registry.sets("approver", "Approved")
    s3 = registry.admin("s3", "dev")
    document = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    foreign = [*(each for each in document["Statement"] if each["Sid"] == "Auditors"), ANOTHER_STACKS]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({**document, "Statement": foreign}))
    assert registry.may("prod") == ALL - {"get data"}
    assert registry.changed_by_manual_run() == "changes"
    assert registry.may("prod") == ALL
    assert registry.sids("bucket")[:2] == ["Auditors", ANOTHER_STACKS["Sid"]]
    assert registry.changed_by_manual_run() == "unchanged"


def test_a_deleted_package_leaves_nothing_open(registry: Registry) -> None:
    registry.organization.client("sagemaker", "governance").delete_model_package(ModelPackageName=registry.package)
    assert registry.organization.settle()
    assert registry.may("prod") & {"get data", "decrypt", "pull", "describe group", "list packages"} == frozenset()
    assert (registry.sids("bucket"), registry.sids("repository")) == (["Auditors", ANOTHER_STACKS["Sid"]], ["Auditors"])
    assert [e.cause for e in registry.organization.executions() if e.status == "FAILED"] == []


def test_the_shipped_example_events_can_be_read(registry: Registry) -> None:
    """Each envelope in events/ that goes to the state machine gets past its first state."""
    for name in ("package_changed.json", "package_deleted.json", "manual_package.json", "run_stopped.json"):
        started = registry.organization.client("stepfunctions", "governance").start_execution(
            stateMachineArn=registry.organization.outputs["GovernStateMachine"],
            input=Path(ROOT / "events" / name).read_text(),
        )
        assert registry.organization.settle()
        (run,) = [e for e in registry.organization.executions() if e.execution_arn == started["executionArn"]]
        assert run.status == "SUCCEEDED", (name, run.error, run.cause)
