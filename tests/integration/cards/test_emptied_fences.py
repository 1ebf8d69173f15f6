"""A member stack that is deployed without its fenced roles: the fence that stands stays, and it is heard of."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.observers import describe
from sandbox.kernel.place import REGION
from sandbox.services import cloudformation
from sandbox.stagegate.deployment import MEMBER_STACK
from sandbox.stagegate.members import GOVERNANCE
from sandbox.stagegate.organization import ROOT
from stagegate.rules.load import load
from tests.support.fixtures import CardEnvironment, card_environment, failed_visibly, problems

OUTSIDE = Path(__file__).with_name("outside.toml")


@pytest.fixture(scope="module")
def outside() -> Iterator[CardEnvironment]:
    with card_environment(OUTSIDE) as opened:
        yield opened


def boundary(environment: CardEnvironment) -> list[dict[str, Any]]:
    """The statements that the tester's boundary denies with."""
    iam = environment.admin("iam", "test")
    arn = iam.get_role(RoleName="ModelTester")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    statements: list[dict[str, Any]] = (
        json.loads(document)["Statement"] if isinstance(document, str) else document["Statement"]
    )
    return [each for each in statements if each["Effect"] == "Deny"]


def deploy(environment: CardEnvironment, **more: str) -> None:
    """Deploy the tester's member stack by hand, with these parameters besides those that it needs."""
    template = cloudformation.read(ROOT / "member-template.yaml")
    trusted = {"GovernanceAccountId": GOVERNANCE, "ExternalId": load(OUTSIDE).organization.external_id or ""}
    topic = environment.organization.outputs["OperationsTopic"]
    account = environment.organization.accounts["test"]
    values = {**trusted, "AlarmTopic": topic, **more}
    cloudformation.stacks.deploy(account, REGION, MEMBER_STACK, template, values)


def test_a_fence_outlives_the_parameter_that_made_it_and_nothing_opens_behind_it(outside: CardEnvironment) -> None:
    assert problems(outside.does(outside.actions.creates("Draft"))) == []
    assert problems(outside.does(outside.actions.sets("dev", "PendingReview"))) == []
    (deny,) = boundary(outside)
    deploy(outside)
    assert boundary(outside) == [deny]
    assert problems(outside.does(outside.actions.sets("dev", "Draft"))) == [], "closing needs no fence"
    result = outside.does(outside.actions.sets("dev", "PendingReview"))
    failed = next(cost for cost in result.costs if cost.error)
    failed_visibly(outside, result, failed, "RefusedError")
    assert "test -" in describe(result.observed)
    assert boundary(outside) == [deny]
