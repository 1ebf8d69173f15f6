"""An account of a package's bucket is closed, opened again, or leaves the organization."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.kernel.delays import Delays
from sandbox.services import organizations
from tests.support.leaving import left
from tests.support.registry import (
    BUCKET,
    DATA,
    OBSERVER,
    TESTS_BUCKET,
    Registry,
    trusting_nobody,
    two_accounts,
    works,
)

WRITER = "stagegate-member-policy"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with two_accounts(tmp_path_factory.mktemp("settings"), Delays(cloudtrail=0.1, wait_factor=0.05)) as found:
        yield found


@pytest.fixture(autouse=True)
def approved(registry: Registry) -> None:
    registry.sets("approver", "PendingManualApproval")
    registry.sets("approver", "Approved")
    assert reads(registry) == {BUCKET, TESTS_BUCKET}


def reads(registry: Registry) -> set[str]:
    """The buckets whose data prod can get."""
    s3 = registry.organization.client("s3", "prod")
    buckets = (BUCKET, TESTS_BUCKET)
    return {bucket for bucket in buckets if works(lambda bucket=bucket: s3.get_object(Bucket=bucket, Key=DATA))}


def stands(registry: Registry) -> list[Any]:
    """Our statements in the policy of the account's bucket, whether anybody can use them or not."""
    s3 = registry.admin("s3", "test")
    try:
        text = s3.get_bucket_policy(Bucket=TESTS_BUCKET)["Policy"]
    except s3.exceptions.ClientError:
        return []
    return [each for each in json.loads(text)["Statement"] if each["Sid"].startswith("Stagegate")]


def said(registry: Registry, since: int) -> str:
    return "\n".join(message.text for message in registry.organization.outbox[since:])


def test_what_is_in_a_closed_account_is_closed_on_record_and_for_good(registry: Registry) -> None:
    account, before = registry.organization.accounts["test"], len(registry.organization.outbox)
    registry.admin("organizations", "management").close_account(AccountId=account)
    assert reads(registry) == {BUCKET}, "nobody can use what is in it"
    sweep = registry.sweeps()
    assert sweep.status == "SUCCEEDED", (sweep.error, sweep.cause)
    assert "AccountClosed" in said(registry, before)
    assert "Blind" not in said(registry, before)
    assert reads(registry) == set(), "a part of the package is no package"
    assert stands(registry), "nobody could take it out"
    told = len(registry.organization.outbox)
    assert registry.sweeps().status == "SUCCEEDED"
    registry.sets("approver", "Rejected")
    assert registry.sweeps().status == "SUCCEEDED"
    assert "could not" not in said(registry, told)
    assert registry.alarm("-sweeps-failed") != "ALARM"
    organizations.reopen(account)
    assert reads(registry) == {TESTS_BUCKET}, "AWS has opened it again, and what stood there stands"
    assert registry.sweeps().status == "SUCCEEDED"
    assert (reads(registry), stands(registry)) == (set(), [])


def test_one_that_has_left_closes_once_the_stack_is_told_of_it(registry: Registry) -> None:
    """Until then nothing of it is entered, whoever has made roles of these names there; every sweep names it."""
    account = registry.organization.accounts["test"]
    with left(registry.organization, "test"):
        registry.sets("approver", "Rejected")
        assert reads(registry) == {TESTS_BUCKET}
        sweep = registry.sweeps()
        assert sweep.error == "SubjectsNotPlannedError"
        assert f"{account} has left the organization" in str(sweep.cause)
        assert "MemberAccounts" in str(sweep.cause)
        registry.organization.tell_of_left(account)
        registry.sweeps()
        assert (reads(registry), stands(registry)) == (set(), [])
    registry.organization.tell_of_left()


def test_one_that_has_left_and_lets_nobody_in_is_named_by_every_sweep(registry: Registry) -> None:
    with (
        left(registry.organization, "test"),
        trusting_nobody(registry, "test", (WRITER, OBSERVER)),
        trusting_nobody(registry, "dev", (OBSERVER,)),
    ):
        for _ in range(2):
            sweep = registry.sweeps()
            assert sweep.error == "SubjectsNotPlannedError", "of two accounts that refuse, one is no outage of ours"
            assert f"{registry.organization.accounts['test']} has left the organization" in str(sweep.cause)


@pytest.mark.parametrize("sweep", ["9", "9999-12-31T235959-00000000"])
def test_whoever_may_start_a_run_keeps_no_sweep_from_asking(registry: Registry, sweep: str) -> None:
    """The id that a run is given is taken for a sweep's only where it can be one that has begun."""
    for more in ({"mode": "plan"}, {"trigger": "sweep"}):
        registry.manual_run(sweep=sweep, **more)
    with left(registry.organization, "prod"):
        assert registry.sweeps().status == "SUCCEEDED"
        assert reads(registry) == set()
    registry.sweeps()
    assert reads(registry) == {BUCKET, TESTS_BUCKET}, "it is back"


def test_an_account_of_a_stage_that_leaves_loses_everything_though_the_rules_name_it(registry: Registry) -> None:
    before = len(registry.organization.outbox)
    with left(registry.organization, "prod"):
        assert reads(registry) == {BUCKET, TESTS_BUCKET}, "no service takes it out of a document by itself"
        sweep = registry.sweeps()
        assert sweep.status == "SUCCEEDED", (sweep.error, sweep.cause)
        assert (reads(registry), stands(registry)) == (set(), [])
        assert "AccountOutside" in said(registry, before)
        registry.sets("approver", "PendingManualApproval")
        registry.sets("approver", "Approved")
        assert reads(registry) == set(), "an approval opens nothing for it either"
