"""A package's approval on SageMaker's own word: prod opens though CloudTrail's record never comes, and only then."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.kernel.delays import Delays, delays
from sandbox.kernel.spelling import TimeSpelling, spellings
from tests.integration.packages.test_package_approvals import kept
from tests.support.fixtures import without
from tests.support.printed import has_what_is_printed
from tests.support.registry import ALL, Registry
from tests.support.registry import registry as a_registry
from tests.support.shipped import by_approval_alone

QUICKLY_S = 0.3
NEVER_S = 10 * 24 * 3600
RULES = by_approval_alone().replace("[packages]\n", '[packages]\napproval_source = "state_change"\n')


@pytest.fixture
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("settings")
    with a_registry(folder, Delays(cloudtrail=QUICKLY_S, wait_factor=0.2), rules=RULES) as environment:
        has_what_is_printed(environment.organization, folder / "governance.toml", "prod", "ModelOperator")
        spellings.times = TimeSpelling.MILLISECONDS
        yield environment


def approves(registry: Registry, who: str = "approver", **more: Any) -> None:
    """Somebody sets Approved in the middle of a second, some time after the last change; what follows has happened."""
    clock = registry.organization.clock
    clock.sleep(20)
    clock.next_second()
    clock.sleep(0.123)
    registry.organization.client("sagemaker", who).update_model_package(
        ModelPackageArn=registry.package, ModelApprovalStatus="Approved", **more
    )
    clock.sleep(30)


def rejects(registry: Registry) -> None:
    """The approver takes it back, and CloudTrail's record has come, some minutes later."""
    registry.organization.client("sagemaker", "approver").update_model_package(
        ModelPackageArn=registry.package, ModelApprovalStatus="Rejected"
    )
    registry.organization.clock.sleep(200)
    assert registry.may("prod") == frozenset()


def sources(registry: Registry) -> list[tuple[str, str]]:
    """Who is on record for Approved, and on whose word."""
    records = [item for item in kept(registry, registry.package) if item.get("status") == "Approved"]
    in_order = sorted(records, key=lambda item: int(item["number"]))
    return [(item["actor"].split("/")[1], item.get("source", "cloudtrail")) for item in in_order]


def test_prod_opens_though_cloudtrails_record_never_comes_and_its_coming_changes_nothing(registry: Registry) -> None:
    delays.cloudtrail = 3600
    approves(registry)
    assert registry.may("prod") == ALL
    assert sources(registry) == [("ModelApprover", "state_change")]
    told = len(registry.organization.outbox)
    registry.organization.client("stepfunctions", "governance").start_execution(
        stateMachineArn=registry.organization.outputs["GovernStateMachine"],
        input=json.dumps({"subject": registry.package}),
    )
    registry.organization.clock.sleep(3700)
    assert sources(registry) == [("ModelApprover", "state_change"), ("ModelApprover", "cloudtrail")]
    assert registry.may("prod") == ALL
    assert len(registry.organization.outbox) == told, "agreement is nothing to tell"
    rejects(registry)


def test_what_is_less_than_certain_waits_for_cloudtrail(registry: Registry) -> None:
    """A writer, a call that does more, an approver's edit a moment later, and times in whole seconds."""
    delays.cloudtrail = 60
    clock = registry.organization.clock
    approves(registry, "governance")
    assert (registry.may("prod"), sources(registry)) == (frozenset(), [])
    clock.sleep(200)
    rejects(registry)
    approves(registry, CustomerMetadataProperties={"reviewed": "yes"})
    assert (registry.may("prod"), sources(registry)[-1][1]) == (frozenset(), "cloudtrail")
    clock.sleep(200)
    assert registry.may("prod") == ALL, "CloudTrail's record decides, as ever"
    rejects(registry)
    spellings.times = TimeSpelling.SECONDS
    approves(registry)
    assert registry.may("prod") == frozenset()
    clock.sleep(200)
    assert registry.may("prod") == ALL
    assert {source for _, source in sources(registry)} == {"cloudtrail"}


def test_a_writers_approval_beside_an_approvers_edit_in_one_second_opens_nothing(registry: Registry) -> None:
    """The event says that the status was set, and the description names the approver: of two changes."""
    delays.cloudtrail = NEVER_S
    delays.event = 5
    clock = registry.organization.clock
    clock.next_second()
    clock.sleep(0.123)
    for who, what in (
        ("governance", {"ModelApprovalStatus": "Approved"}),
        ("approver", {"CustomerMetadataProperties": {"reviewed": "yes"}}),
    ):
        registry.organization.client("sagemaker", who).update_model_package(ModelPackageArn=registry.package, **what)
    clock.sleep(60)
    described = registry.admin("sagemaker").describe_model_package(ModelPackageName=registry.package)
    assert "ModelApprover" in described["LastModifiedBy"]["IamIdentity"]["Arn"]
    assert (registry.may("prod"), sources(registry)) == (frozenset(), [])


def test_a_role_that_nobody_can_look_up_waits_for_cloudtrail(registry: Registry) -> None:
    """What the record's role may list roles for: the ARN of a session leaves out the path of its role."""
    delays.cloudtrail = NEVER_S
    with without(registry, ("stagegate-record-approval", "FindRoles"), account="governance"):
        approves(registry)
    assert (registry.may("prod"), sources(registry)) == (frozenset(), [])
