"""Who approves a package: by CloudTrail's record or by SageMaker's own word, and whatever others do meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sandbox.kernel.delays import Delays, delays
from stagegate.ledger import items
from tests.support.printed import has_what_is_printed
from tests.support.registry import ALL, GROUP, Registry
from tests.support.registry import registry as a_registry

QUICKLY_S = 0.3


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("settings")
    with a_registry(folder, Delays(cloudtrail=QUICKLY_S, wait_factor=0.2)) as environment:
        has_what_is_printed(environment.organization, folder / "governance.toml", "prod", "ModelOperator")
        yield environment


@contextmanager
def late_records(seconds: float) -> Iterator[None]:
    delays.cloudtrail = seconds
    try:
        yield
    finally:
        delays.cloudtrail = QUICKLY_S


def kept(registry: Registry, package: str) -> list[dict[str, Any]]:
    """The package's approvals in the ledger, but for what counts now."""
    found = registry.admin("dynamodb").query(
        TableName=registry.organization.outputs["LedgerTable"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": items.approvals_key(package)}},
    )["Items"]
    return [item for item in map(items.values, found) if item["sk"] != items.CURRENT]


def test_whoever_repeats_a_status_takes_no_approval_away(registry: Registry) -> None:
    """Before the approval's own record has come: SageMaker names who repeated it for the last change."""
    clock = registry.organization.clock
    with late_records(5):
        for who in ("approver", "governance", "governance"):
            clock.next_second()
            sagemaker = registry.organization.client("sagemaker", who)
            sagemaker.update_model_package(ModelPackageArn=registry.package, ModelApprovalStatus="Approved")
        assert registry.may("prod") == frozenset(), "the record has yet to come"
        assert registry.organization.settle()
    assert registry.may("prod") == ALL
    registry.sets("approver", "Rejected")
    assert registry.may("prod") == frozenset()


def test_who_registers_a_package_as_approved_is_recorded_on_sagemakers_own_word_and_asked(registry: Registry) -> None:
    containers = registry.admin("sagemaker").describe_model_package(ModelPackageName=registry.package)
    specification = containers["InferenceSpecification"]
    with late_records(20):
        made = registry.admin("iam")
        made.put_role_policy(
            RoleName="ModelApprover",
            PolicyName="registers",
            PolicyDocument='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action":'
            ' "sagemaker:CreateModelPackage", "Resource": "*"}]}',
        )
        package = str(
            registry.organization.client("sagemaker", "approver").create_model_package(
                ModelPackageGroupName=GROUP, ModelApprovalStatus="Approved", InferenceSpecification=specification
            )["ModelPackageArn"]
        )
        assert registry.organization.clock.until(lambda: kept(registry, package), 10), "nothing waits for CloudTrail"
        (own, *_) = kept(registry, package)
        assert own["id"].startswith("sagemaker-")
        assert "assumed-role/ModelApprover/" in own["actor"]
        assert registry.organization.settle()
    assert "ApprovalNotAsked" in registry.organization.outbox[-1].text
    assert any("asked" in item for item in kept(registry, package))
