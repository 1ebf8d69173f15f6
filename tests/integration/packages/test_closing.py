"""A close that fails keeps nothing else open: every other one is made, the run says what is left, and tries again."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import combinations

import pytest

from sandbox.kernel.delays import Delays
from sandbox.services.stepfunctions.executions.execution import Execution
from tests.support.fixtures import without
from tests.support.registry import (
    BUCKET,
    DATA,
    REPOSITORY,
    TESTS_BUCKET,
    Registry,
    trusting_nobody,
    two_accounts,
    works,
)

HALF_A_DAY = 43200
AGES = 300
"""Seconds after which bytes are older than any approval that is given then."""
BOTH = frozenset({"dev's data", "test's data", "pull"})
NOT_CLOSED = {"dev's data": f"bucket {BUCKET} of", "test's data": f"bucket {TESTS_BUCKET} of", "pull": "repository"}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """One package with data in two accounts, and an image in a third."""
    with two_accounts(tmp_path_factory.mktemp("settings"), Delays(cloudtrail=0.3, wait_factor=0.2)) as found:
        yield found


def readable(registry: Registry) -> frozenset[str]:
    """What prod's role can read of the package, found out by doing it."""
    s3, ecr = registry.organization.client("s3", "prod"), registry.organization.client("ecr", "prod")
    where = {"registryId": registry.organization.accounts["governance"], "repositoryName": REPOSITORY}
    attempts = {
        "dev's data": lambda: s3.get_object(Bucket=BUCKET, Key=DATA),
        "test's data": lambda: s3.get_object(Bucket=TESTS_BUCKET, Key=DATA),
        "pull": lambda: ecr.batch_get_image(**where, imageIds=[{"imageTag": "v1"}]),
    }
    return frozenset(name for name, attempt in attempts.items() if works(attempt))


def runs_after(registry: Registry, before: int) -> list[Execution]:
    return [run for run in registry.organization.executions()[before:] if run.status != "SUCCEEDED"]


BREAKS = {
    "dev's data": lambda registry: trusting_nobody(registry, "dev"),
    "test's data": lambda registry: trusting_nobody(registry, "test"),
    "pull": lambda registry: without(registry, ("stagegate-apply-policy", "WriteRepositories")),
}
CASES = [*combinations(BREAKS, 1), *combinations(BREAKS, 2)]


@pytest.mark.parametrize("broken", CASES, ids=" and ".join)
def test_what_can_be_closed_is_closed_whatever_cannot(registry: Registry, broken: tuple[str, ...]) -> None:
    registry.sets("approver", "PendingManualApproval")
    registry.sets("approver", "Approved")
    assert readable(registry) == BOTH
    before = len(registry.organization.executions())
    with ExitStack() as stack:
        for each in broken:
            stack.enter_context(BREAKS[each](registry))
        registry.sets("approver", "Rejected")
        assert readable(registry) == frozenset(broken)
        failed = runs_after(registry, before)
        assert {run.error for run in failed} == {"StillOpenError"}
        said = json.loads(failed[0].cause or "{}")["errorMessage"]
        assert len(said.splitlines()) == len(broken) + ("dev's data" in broken), said  # dev's key is there, too
        assert all(NOT_CLOSED[each] in said for each in broken)
        assert said.count("open for prod (") == len(said.splitlines())
        mail = registry.organization.outbox[-1]
        assert (mail.subject or "").startswith("FAILED StillOpenError")
        assert "too little and not too much" not in mail.text
        # A run that looks at everything, as a sweep's does, is no blinder: it fails by what it tries.
        assert registry.manual_run().error == "StillOpenError"
        assert readable(registry) == frozenset(broken)
    assert registry.changed_by_manual_run() == "changes"
    assert readable(registry) == frozenset()
    assert registry.changed_by_manual_run() == "unchanged"


def test_an_alarm_stays_on_until_nothing_is_open_that_should_be_closed(registry: Registry) -> None:
    registry.sets("approver", "PendingManualApproval")
    registry.sets("approver", "Approved")
    with trusting_nobody(registry, "dev"):
        registry.sets("approver", "Rejected")
        registry.organization.clock.advance(HALF_A_DAY + 1)
        assert registry.organization.settle()
        registry.sweeps()
        assert registry.alarm("-still-open") == "ALARM"
        assert readable(registry) == {"dev's data"}
    registry.sweeps()
    assert readable(registry) == frozenset(), "the sweep has tried again"
    registry.sweeps()
    assert registry.alarm("-still-open") == "OK"


@pytest.fixture
def without_a_bucket(registry: Registry) -> Iterator[None]:
    """Prod is let in, then test deletes its bucket, and another account takes the name."""
    registry.sets("approver", "PendingManualApproval")
    registry.sets("approver", "Approved")
    registry.sets("approver", "Approved")  # the answer to the question about what lies there anew, the second time
    assert readable(registry) == BOTH
    mine, theirs = registry.admin("s3", "test"), registry.admin("s3", "hosting")
    mine.delete_object(Bucket=TESTS_BUCKET, Key=DATA)
    mine.delete_bucket(Bucket=TESTS_BUCKET)
    theirs.create_bucket(Bucket=TESTS_BUCKET)
    yield
    theirs.delete_bucket(Bucket=TESTS_BUCKET)
    mine.create_bucket(Bucket=TESTS_BUCKET)
    mine.put_object(Bucket=TESTS_BUCKET, Key=DATA, Body=b"weights")
    registry.organization.clock.advance(AGES)


@pytest.mark.usefixtures("without_a_bucket")
def test_a_bucket_that_another_account_has_by_now_keeps_nothing_open(registry: Registry) -> None:
    """S3 says AccessDenied of it, as of a bucket that may not be touched."""
    before = len(registry.organization.executions())
    registry.sets("approver", "Rejected")
    assert [(run.error, run.cause) for run in runs_after(registry, before)] == []
    assert readable(registry) == frozenset()
    assert registry.changed_by_manual_run() == "unchanged"


@pytest.mark.usefixtures("without_a_bucket")
def test_what_should_be_open_there_is_a_finding_and_closes(registry: Registry) -> None:
    run = registry.sweeps()
    assert run.status == "SUCCEEDED", (run.error, run.cause)
    assert readable(registry) == frozenset(), "of a package, a part that is there is no use"
    findings = json.loads(registry.manual_run().output or "{}")["findings"]
    assert [each["code"] for each in findings if each["severity"] == "block"] == ["BucketGone"]
    registry.sets("approver", "Rejected")


def test_what_is_gone_is_closed(registry: Registry) -> None:
    """The repository was deleted: that keeps nothing open."""
    registry.sets("approver", "PendingManualApproval")
    registry.sets("approver", "Approved")
    registry.sets("approver", "Approved")  # the answer to the question about the bucket's new bytes
    assert readable(registry) == BOTH
    registry.admin("ecr").delete_repository(repositoryName=REPOSITORY, force=True)
    s3 = registry.admin("s3", "test")
    s3.delete_object(Bucket=TESTS_BUCKET, Key=DATA)
    s3.delete_bucket(Bucket=TESTS_BUCKET)
    before = len(registry.organization.executions())
    registry.sets("approver", "Rejected")
    assert [(run.error, run.cause) for run in runs_after(registry, before)] == []
    assert not works(lambda: registry.organization.client("s3", "prod").get_object(Bucket=BUCKET, Key=DATA))
    assert registry.changed_by_manual_run() == "unchanged"
