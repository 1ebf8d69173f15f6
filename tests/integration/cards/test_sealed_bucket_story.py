"""The package's story by other rules: a bucket with a key, whole accounts, whole folders, a stage without approvers,
accounts of two stages, one of which has the artifacts, and a lifecycle."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.package import prepare
from demo.package.registry import GROUP
from demo.prepare import PreparedStory
from demo.story import Stage, StepResult
from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import Organization
from tests.support.fixtures import problems

pytestmark = pytest.mark.slow

SETTINGS = Path(__file__).with_name("sealed_bucket.toml")
STEPS = 16


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    with Organization.start(SETTINGS, delays=Delays(cloudtrail=0.2, wait_factor=0.2)) as started:
        yield started


@pytest.fixture(scope="module")
def story(organization: Organization) -> PreparedStory:
    heard = prepare.prepare(organization, SETTINGS, judged=False)
    assert isinstance(heard, PreparedStory)
    return heard


@pytest.fixture(scope="module")
def results(organization: Organization, story: PreparedStory) -> list[StepResult]:
    return list(Stage(organization, story.observers).play("package", story.steps, lambda _: None))


def test_every_observation_is_the_expected_one(results: list[StepResult]) -> None:
    assert [problem for result in results for problem in problems(result)] == []
    assert len(results) == STEPS


def test_the_rules_are_told_apart_by_what_was_seen(results: list[StepResult]) -> None:
    access = {
        result.step.column: {f"{o.account} {o.role}": str(found) for o, found in result.observed.items()}
        for result in results
        if result.step.column
    }
    registered, approved = access["1 PendingManualApproval"], access["1 Approved by an approver"]
    assert registered["202020202020 ModelUser"] == "glki/pa/a"  # asks no approver, and opens the whole folder
    assert registered["303030303030 Operator"] == "-"
    assert registered["101010101010 Operator"] == "ki/a/a"  # what lies in one's own account
    assert approved["101010101010 Operator"] == "glki/pa/a"
    assert approved["303030303030 Administrator"] == "glki/pa/a"  # whole accounts
    assert set(access["2 deleted"].values()) == {"-", "ki/a/a"}


@pytest.mark.usefixtures("results")
def test_a_role_that_could_approve_is_seen(organization: Organization, story: PreparedStory) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::303030303030:root"},
        "Action": "sagemaker:UpdateModelPackage",
        "Resource": "arn:aws:sagemaker:us-east-1:111122223333:model-package/customer-churn/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sagemaker = organization.admin("sagemaker", "governance")
    sagemaker.put_model_package_group_policy(ModelPackageGroupName=GROUP, ResourcePolicy=policy)
    seen = {f"{o.account} {o.role}": found for o, found in story.observers.look_around().items()}
    # Version 2 is gone: nobody can change that.
    for role in ("Administrator", "Operator"):
        assert (str(seen[f"303030303030 {role}"]), seen[f"303030303030 {role}"].style) == ("-/u/-", ("red", "bold"))
    assert str(seen["202020202020 Administrator"]) == "-"
