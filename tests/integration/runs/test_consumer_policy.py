"""Exactly what `make consumer-policy` prints, on a role that has nothing else: with the other half everything opens,
without it nothing does, and each statement is needed."""

from collections.abc import Iterator

import pytest

from sandbox.kernel.delays import Delays
from tests.integration.runs.consumer_environment import ANYBODY, REGISTERS, ConsumerEnvironment, consumer_environment

CARDS = frozenset({"see the card", "read the card"})
PACKAGES = frozenset(
    {
        "describe the group",
        "list the packages",
        "see the package",
        "read the package",
        "deploy the package",
        "get the data",
        "list the data",
        "see the key",
        "pull the image",
        "pull a layer",
    }
)
HUBS = frozenset({"look into one hub", "look into the other hub", "deploy from the other hub"})
DEPLOYS = frozenset({"deploy the package", "deploy from the other hub"})
ALL = ANYBODY | REGISTERS | CARDS | PACKAGES | HUBS

LOST = {
    "ModelCards": CARDS,
    "ModelCardKeys": {"read the card"},
    "PackageGroups": {"describe the group"},
    "PackageLists": {"list the packages"},
    "Packages": {"see the package", "read the package", "deploy the package"},
    "ArtifactBuckets222233334444": {"list the data"},
    "Artifacts222233334444": {"get the data"},
    "ArtifactKeysUsEast1": {"get the data"},
    "SeeArtifactKeys": {"see the key"},
    "PackageKeys": {"read the package"},
    "Images": {"pull the image", "pull a layer"},
    "ImageRegistries": {"sign in to a registry"},
    "RegistryGroups": {"describe its own group"},
    "Registering": {"register"},
    "ReadHubs": {"look into one hub"},
    "UseHubs": {"look into the other hub", "deploy from the other hub"},
    "HubModels": {"read the public bucket"},
    "Models": DEPLOYS,
    "ServingRoles": DEPLOYS,
}
"""What can't be done any more without a statement of the policy."""
WIDER = {"ModelCardKeys": "PackageKeys", "RegistryGroups": "PackageGroups"}
"""Statements that say as much here, where the card's key is its owner's and prod both registers and deploys."""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsumerEnvironment]:
    delays = Delays(cloudtrail=0.1, ram_association=0.02, hub=0.02, delivery_retry=0.01, wait_factor=0.02)
    with consumer_environment(tmp_path_factory.mktemp("settings"), delays) as opened:
        yield opened


@pytest.fixture
def opened(environment: ConsumerEnvironment) -> ConsumerEnvironment:
    """Package and card are approved, and the hubs are there."""
    if environment.may() != ALL:
        environment.registry.sets("approver", "PendingManualApproval")
        environment.registry.sets("approver", "Approved")
        environment.card.sets("governance", "PendingReview")
        environment.card.sets("approver", "Approved")
        for subject in (environment.hubs.arn, environment.hubs.arn.replace("allowed", "seen")):
            assert environment.registry.changed_by_manual_run(subject) in ("changes", "unchanged")
    return environment


def test_before_anything_is_approved_the_policy_opens_nothing(environment: ConsumerEnvironment) -> None:
    assert environment.may() == ANYBODY | REGISTERS


def test_after_the_approvals_it_opens_everything_and_no_more(opened: ConsumerEnvironment) -> None:
    assert opened.may() == ALL


def test_without_the_policy_the_approvals_open_nothing(opened: ConsumerEnvironment) -> None:
    statements = opened.policy["Statement"]
    opened.has([each for each in statements if each["Sid"] == "StagegateImageRegistries"])
    assert opened.may() == {"sign in to a registry"}
    opened.has(statements)


def test_each_statement_is_needed(opened: ConsumerEnvironment) -> None:
    statements = {each["Sid"].removeprefix("Stagegate"): each for each in opened.policy["Statement"]}
    assert set(statements) == set(LOST)
    lost = {}
    for removed in statements:
        wider = WIDER.get(removed)
        opened.has([each for sid, each in statements.items() if sid not in (removed, wider)])
        lost[removed] = ALL - opened.may() - LOST.get(wider or "", set())
    opened.has([*statements.values()])
    assert lost == LOST


def test_what_is_sent_back_is_closed_again(opened: ConsumerEnvironment) -> None:
    opened.registry.sets("approver", "Rejected")
    opened.card.sets("governance", "Archived")
    assert opened.may() == ANYBODY | REGISTERS | HUBS
