"""A share of ours is ours by the record too: without its tag it closes, and what it gives is put back."""

from collections.abc import Iterator

import pytest

from stagegate.surfaces.shares.changes import CARD_EXPORT_PERMISSION, CARD_PERMISSION
from tests.support.fixtures import without
from tests.support.sweeps import SweepEnvironment, output, settings, sweeping

MARK = "stagegate:resource-type"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SweepEnvironment]:
    with sweeping(settings(tmp_path_factory.mktemp("settings"))) as opened:
        yield opened


@pytest.fixture(autouse=True)
def churn(environment: SweepEnvironment) -> Iterator[None]:
    environment.creates("churn")
    assert environment.seen_by_dev("churn")
    yield
    environment.deletes_all()


def share(environment: SweepEnvironment) -> str:
    """The share that holds the card."""
    found = environment.admin("ram").get_resource_share_associations(
        associationType="RESOURCE", resourceArn=environment.arn("churn")
    )["resourceShareAssociations"]
    (arn,) = [each["resourceShareArn"] for each in found if each["status"] == "ASSOCIATED"]
    return str(arn)


def tags(environment: SweepEnvironment, arn: str) -> set[str]:
    (found,) = environment.admin("ram").get_resource_shares(resourceOwner="SELF", resourceShareArns=[arn])[
        "resourceShares"
    ]
    return {tag["key"] for tag in found["tags"]}


def given(environment: SweepEnvironment, arn: str) -> list[str]:
    found = environment.admin("ram").list_resource_share_permissions(resourceShareArn=arn)["permissions"]
    return [each["name"] for each in found]


@pytest.mark.parametrize("taken", [(MARK,), (MARK, "stagegate:stage", "stagegate:permission", "stagegate:shard")])
def test_a_card_is_closed_in_a_share_without_our_tags(environment: SweepEnvironment, taken: tuple[str, ...]) -> None:
    arn = share(environment)
    environment.admin("ram").untag_resource(resourceShareArn=arn, tagKeys=list(taken))
    environment.admin("sagemaker").update_model_card(ModelCardName="churn", ModelCardStatus="Archived")
    assert environment.organization.settle(60)
    assert environment.runs("GovernStateMachine")[-1].status == "SUCCEEDED"
    assert not environment.seen_by_dev("churn")
    assert set(taken) <= tags(environment, arn)


def test_what_cannot_be_put_back_is_said(environment: SweepEnvironment) -> None:
    arn = share(environment)
    environment.admin("ram").associate_resource_share_permission(
        resourceShareArn=arn, permissionArn=f"arn:aws:ram::aws:permission/{CARD_EXPORT_PERMISSION}", replace=True
    )
    for statement in ("LimitShares", "ReadWhatSharesGive"):
        with without(environment, ("stagegate-apply-share", statement)):
            environment.sweeps()
            run = environment.runs("GovernStateMachine")[-1]
            assert run.error == "StillOpenError"
            assert CARD_EXPORT_PERMISSION in (run.cause or "")
        environment.admin("ram").associate_resource_share_permission(
            resourceShareArn=arn, permissionArn=f"arn:aws:ram::aws:permission/{CARD_EXPORT_PERMISSION}", replace=True
        )
    environment.sweeps()
    assert given(environment, arn) == [CARD_PERMISSION]


def test_what_cannot_be_looked_at_is_said(environment: SweepEnvironment) -> None:
    with without(environment, ("stagegate-plan", "ReadWhatSharesGive")):
        assert environment.sweeps().error == "SubjectsNotPlannedError"


def test_a_sweep_puts_tags_and_permission_back(environment: SweepEnvironment) -> None:
    arn = share(environment)
    ram = environment.admin("ram")
    ram.untag_resource(resourceShareArn=arn, tagKeys=[MARK])
    ram.associate_resource_share_permission(
        resourceShareArn=arn, permissionArn=f"arn:aws:ram::aws:permission/{CARD_EXPORT_PERMISSION}", replace=True
    )
    assert given(environment, arn) == [CARD_EXPORT_PERMISSION]
    assert output(environment.sweeps())["totals"]["drifting"] == 1
    assert given(environment, arn) == [CARD_PERMISSION]
    assert MARK in tags(environment, arn)
    assert share(environment) == arn
    assert any(CARD_EXPORT_PERMISSION in message.text for message in environment.organization.outbox)
    assert output(environment.sweeps())["totals"]["drifting"] == 0
