"""A member that keeps Stagegate from looking keeps nothing open by it for long; an outage of ours closes nothing."""

import json
from collections.abc import Iterator

import pytest

from sandbox.kernel.delays import Delays
from tests.support.registry import BUCKET, DATA, OBSERVER, TESTS_BUCKET, Registry, trusting_nobody, two_accounts, works


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with two_accounts(tmp_path_factory.mktemp("settings"), Delays(cloudtrail=0.1, wait_factor=0.05)) as found:
        yield found


@pytest.fixture(autouse=True)
def approved(registry: Registry) -> None:
    registry.sets("approver", "PendingManualApproval")
    registry.sets("approver", "Approved")
    assert reads(registry)


def reads(registry: Registry) -> bool:
    """Whether prod can get the package's data, in both accounts or in neither."""
    s3 = registry.organization.client("s3", "prod")
    found = {works(lambda bucket=bucket: s3.get_object(Bucket=bucket, Key=DATA)) for bucket in (BUCKET, TESTS_BUCKET)}
    assert len(found) == 1
    return found.pop()


def told(registry: Registry, since: int, code: str) -> list[str]:
    return [
        line
        for message in registry.organization.outbox[since:]
        for line in message.text.splitlines()
        if f"] {code}: " in line
    ]


def test_what_three_sweeps_could_not_look_at_closes(registry: Registry) -> None:
    before = len(registry.organization.outbox)
    with trusting_nobody(registry, "test", (OBSERVER,)):
        registry.admin("s3", "test").put_object(Bucket=TESTS_BUCKET, Key=DATA, Body=b"others")
        for number in (1, 2):
            sweep = registry.sweeps()
            assert (sweep.status, sweep.error) == ("FAILED", "SubjectsNotPlannedError"), "nobody overlooks it"
            assert registry.package in (sweep.cause or "")
            assert reads(registry)
            assert any(f"{number} of 3 sweeps" in line for line in told(registry, before, "Blind"))
        registry.sweeps({"mode": "plan"})
        assert reads(registry), "a sweep that only shows isn't one of them"
        assert registry.manual_run().status == "FAILED", "nor is a run by hand"
        registry.sweeps()
        assert not reads(registry)
        assert told(registry, before, "BlindTooLong")
        messages = len(registry.organization.outbox)
        registry.sweeps()
        assert not reads(registry)
        assert not told(registry, messages, "BlindTooLong"), "it is told once"
    registry.sweeps()
    assert not reads(registry), "other bytes lie there than were approved"
    assert told(registry, before, "BytesChanged")
    registry.sets("approver", "PendingManualApproval")
    registry.sets("approver", "Approved")
    assert reads(registry)


def test_a_sweep_that_sees_starts_anew(registry: Registry) -> None:
    for _ in range(2):
        with trusting_nobody(registry, "test", (OBSERVER,)):
            registry.sweeps()
            registry.sweeps()
        assert registry.sweeps().status == "SUCCEEDED"
        assert reads(registry)


def test_an_outage_of_ours_closes_nothing_and_asks(registry: Registry) -> None:
    before = len(registry.organization.outbox)
    with trusting_nobody(registry, "test", (OBSERVER,)), trusting_nobody(registry, "dev", (OBSERVER,)):
        for _ in range(4):
            assert registry.sweeps().error == "AccountsUnseenError"
        assert reads(registry)
        assert registry.alarm("-sweeps-failed") == "ALARM"
        question = registry.organization.outbox[-1]
        assert "could not look into 2 of 3 accounts" in (question.subject or "")
        # A rejection closes at once all the same.
        registry.sets("approver", "Rejected")
        assert not reads(registry)
    assert len(registry.organization.outbox) > before
    registry.sweeps()
    assert json.loads(registry.manual_run().output or "{}")["outcome"] == "unchanged"
