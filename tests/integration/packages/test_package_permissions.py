"""Every statement that model packages need is needed: without it an approval doesn't open everything, or somebody sees
that a run or a record has failed."""

import json
from collections.abc import Iterator

import pytest

from sandbox.kernel.delays import Delays
from tests.support.fixtures import without
from tests.support.registry import ALL, Registry
from tests.support.registry import registry as a_registry

STATEMENTS = [
    ("governance", "stagegate-apply-policy", "EnterMembers"),
    ("governance", "stagegate-apply-policy", "WriteGroupPolicies"),
    ("governance", "stagegate-apply-policy", "WriteRepositories"),
    ("governance", "stagegate-apply-policy", "WriteDesiredGrants"),
    ("governance", "stagegate-plan", "ReadGroups"),
    ("governance", "stagegate-plan", "ReadPackages"),
    ("governance", "stagegate-plan", "ReadRepositories"),
    ("governance", "stagegate-record-approval", "ReadPackages"),
    ("dev", "stagegate-member-observe", "ReadBuckets"),
    ("dev", "stagegate-member-observe", "ReadKeys"),
    ("dev", "stagegate-member-policy", "MakeGrants"),
    ("dev", "stagegate-member-policy", "ReadAndRevokeGrants"),
    ("dev", "stagegate-member-policy", "WriteBuckets"),
    ("prod", "stagegate-member-observe", "FindRoles"),
]
UNSEEN = ("RolesUnseen", "TargetUnseen")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    delays = Delays(cloudtrail=0.1, delivery_retry=0.01, lambda_retry=0.02, wait_factor=0.02)
    with a_registry(tmp_path_factory.mktemp("settings"), delays) as environment:
        yield environment


def unrecorded(registry: Registry) -> int:
    """How many calls could not be put on record."""
    sqs = registry.admin("sqs")
    url = sqs.get_queue_url(QueueName="stagegate-failed-records")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"])


def goes_wrong(registry: Registry) -> bool:
    """Approve the package, and have a person look at everything: tell whether anything isn't as it should be."""
    before = unrecorded(registry)
    registry.sets("approver", "Approved")
    manual = registry.manual_run()
    is_unseen = any(each["code"] in UNSEEN for each in json.loads(manual.output or '{"findings": []}')["findings"])
    return registry.may("prod") != ALL or manual.status != "SUCCEEDED" or unrecorded(registry) > before or is_unseen


@pytest.fixture(autouse=True)
def closed(registry: Registry) -> Iterator[None]:
    yield
    registry.sets("approver", "Rejected")
    assert registry.manual_run().status == "SUCCEEDED"
    assert registry.may("prod") == frozenset()


def test_with_every_statement_nothing_goes_wrong(registry: Registry) -> None:
    assert not goes_wrong(registry)


@pytest.mark.parametrize(("account", "role", "sid"), STATEMENTS)
def test_a_missing_statement_is_noticed(registry: Registry, account: str, role: str, sid: str) -> None:
    with without(registry, (role, sid), account=account):
        assert goes_wrong(registry)
