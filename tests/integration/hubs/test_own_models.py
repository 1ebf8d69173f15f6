"""A package is in a private hub while it is open for all who have the hub: found by its consumers' own calls."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from tests.support.linked import Cards
from tests.support.printed import has_what_is_printed
from tests.support.registry import DATA, GROUP, Registry, a_version, image
from tests.support.registry import registry as a_registry
from tests.support.shipped import SHIPPED

HUB = "own-models"
RULES = f"""
[[hubs]]
name = "{HUB}"
description = "Models of our own"
packages = ["customer-*"]
stays = [{{ type = "notebook", names = ["welcome"] }}]
shares = [{{ stage = "prod" }}]
"""


class Hub:
    """The hub, as prod's role finds it, and as it is."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        home = registry.package.partition(":model-package/")[0]
        self.arn, self.card = f"{home}:hub/{HUB}", f"{home}:model-card/{GROUP}"

    def models(self, profile: str = "prod") -> dict[str, str]:
        """The models in it, each with its latest version, as the stage's role finds them; and nothing in none."""
        sagemaker = self.registry.organization.client("sagemaker", profile)
        try:
            page = sagemaker.list_hub_contents(HubName=self.arn, HubContentType="Model")
        except ClientError as error:
            if error.response["Error"]["Code"] in ("AccessDeniedException", "ResourceNotFound"):
                return {}
            raise
        return {each["HubContentName"]: each["HubContentVersion"] for each in page["HubContentSummaries"]}

    def deploys(self, name: str = GROUP, profile: str = "prod") -> bool:
        """Whether the stage's role can make a model of what the hub says, as SageMaker's SDK does it."""
        sagemaker = self.registry.organization.client("sagemaker", profile)
        account = self.registry.organization.accounts[profile]
        try:
            found = sagemaker.describe_hub_content(HubName=self.arn, HubContentType="Model", HubContentName=name)
            package = json.loads(found["HubContentDocument"])["HostingModelPackageArn"]
            sagemaker.create_model(
                ModelName="from-hub",
                ExecutionRoleArn=f"arn:aws:iam::{account}:role/ModelOperator",
                PrimaryContainer={"ModelPackageName": package},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("AccessDeniedException", "ResourceNotFound"):
                return False
            raise
        self.registry.admin("sagemaker", profile).delete_model(ModelName="from-hub")
        return True

    def findings(self) -> set[str]:
        """The codes of what a person is told who starts the hub's own run."""
        run = self.registry.manual_run(self.arn)
        assert run.status == "SUCCEEDED", (run.error, run.cause)
        return {each["code"] for each in json.loads(run.output or "{}")["findings"]} - {"ModelNotPublished"}

    def admin(self) -> Any:
        """Somebody who may do everything in the hub's account."""
        return self.registry.admin("sagemaker")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with a_registry(tmp_path, Delays(cloudtrail=0.3, wait_factor=0.2), more_rules=RULES, rules=SHIPPED) as environment:
        has_what_is_printed(environment.organization, tmp_path / "governance.toml", "prod", "ModelOperator")
        yield environment


@pytest.fixture
def hub(registry: Registry) -> Hub:
    made = Hub(registry)
    assert made.findings() == set()
    return made


@pytest.fixture
def cards(registry: Registry) -> Cards:
    return Cards(registry.organization, GROUP)


def test_a_package_is_in_the_hub_while_it_and_its_card_are_approved(registry: Registry, hub: Hub, cards: Cards) -> None:
    registry.sets("approver", "Approved")
    assert hub.models() == {}, "it has no card yet"
    cards.makes()
    cards.is_approved()
    assert hub.models() == {GROUP: "1.0.1"}
    assert hub.deploys()
    assert registry.changed_by_manual_run() == "unchanged"
    assert hub.findings() == set()
    assert hub.models() == {GROUP: "1.0.1"}

    cards.sets("Archived")
    assert hub.models() == {}, "it has gone with its card"
    assert not hub.deploys()
    cards.sets("Draft")
    cards.sets("Approved")
    assert hub.models() == {GROUP: "1.0.1"}
    registry.sets("approver", "Rejected")
    assert hub.models() == {}
    failed = [run for run in registry.organization.executions() if run.status != "SUCCEEDED"]
    assert [(run.name, run.error, run.cause) for run in failed] == []


def test_each_version_comes_and_goes_by_itself(registry: Registry, hub: Hub, cards: Cards) -> None:
    cards.makes()
    cards.is_approved()
    registry.sets("approver", "Approved")
    first = registry.package
    registry.package = a_version(
        registry.organization,
        {"Image": image(registry.organization), "ModelDataUrl": f"s3://model-artifacts-churn/{DATA}"},
    )
    assert registry.organization.settle()
    assert hub.models() == {GROUP: "1.0.1"}
    registry.sets("approver", "Approved")
    assert hub.models() == {GROUP: "1.0.2"}
    assert hub.deploys()
    registry.organization.client("sagemaker", "governance").delete_model_package(ModelPackageName=registry.package)
    assert registry.organization.settle()
    assert hub.models() == {GROUP: "1.0.1"}
    registry.package = first
    registry.sets("approver", "Rejected")
    assert hub.models() == {}
