"""A package is in a private hub while it is open for all who have the hub: found by its consumers' own calls."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from tests.support.fixtures import without
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

    def __init__(self, registry: Registry, folder: Path) -> None:
        self.registry, self.folder = registry, folder
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

    @property
    def hand(self) -> Any:
        """Somebody who may do everything in the hub's account."""
        return self.registry.admin("sagemaker")

    def imports(self, name: str, kind: str = "Model", version: str = "9.0.0") -> dict[str, str]:
        """Somebody puts something into the hub; return what it is deleted by."""
        content = {
            "HubName": HUB,
            "HubContentType": kind,
            "HubContentName": name,
            "HubContentVersion": version,
        }
        self.hand.import_hub_content(**content, DocumentSchemaVersion="2.3.0", HubContentDocument="{}")
        assert self.registry.organization.settle()
        return content

    def package_findings(self) -> set[str]:
        """The codes of what a person is told of hubs who starts the package's run."""
        run = self.registry.manual_run()
        assert run.status == "SUCCEEDED", (run.error, run.cause)
        codes = {each["code"] for each in json.loads(run.output or "{}")["findings"]}
        return {code for code in codes if code.startswith("Hub")}

    def rules(self, text: str = RULES) -> None:
        """Other rules are deployed."""
        settings = self.folder / "governance.toml"
        settings.write_text(settings.read_text().partition("\n[[hubs]]")[0] + text)
        self.registry.organization.update_settings(settings)
        assert self.registry.organization.settle()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Prod's role has what `make consumer-policy` prints, and nothing else."""
    folder = tmp_path_factory.mktemp("settings")
    delays = Delays(cloudtrail=0.3, wait_factor=0.2)
    with a_registry(folder, delays, more_rules=RULES, rules=SHIPPED) as registry:
        has_what_is_printed(registry.organization, folder / "governance.toml", "prod", "ModelOperator")
        made = Hub(registry, folder)
        assert made.findings() == set()
        yield made


@pytest.fixture(scope="module")
def registry(hub: Hub) -> Registry:
    return hub.registry


@pytest.fixture(scope="module")
def cards(registry: Registry) -> Cards:
    return Cards(registry.organization, GROUP)


@pytest.fixture(scope="module")
def followed(registry: Registry, cards: Cards) -> Registry:
    """The package has an approved card."""
    found = registry.admin("sagemaker").list_model_cards()["ModelCardSummaries"]
    if GROUP not in {each["ModelCardName"] for each in found}:
        cards.makes()
        cards.is_approved()
    return registry


@pytest.fixture(autouse=True)
def nothing_left(hub: Hub) -> Iterator[None]:
    yield
    hub.registry.sets("approver", "Rejected")
    assert hub.models() == {}


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


def test_each_version_comes_and_goes_by_itself(followed: Registry, hub: Hub) -> None:
    followed.sets("approver", "Approved")
    first = followed.package
    data = f"s3://model-artifacts-churn/{DATA}"
    followed.package = a_version(followed.organization, {"Image": image(followed.organization), "ModelDataUrl": data})
    assert followed.organization.settle()
    assert hub.models() == {GROUP: "1.0.1"}
    followed.sets("approver", "Approved")
    assert hub.models() == {GROUP: "1.0.2"}
    assert hub.deploys()
    followed.organization.client("sagemaker", "governance").delete_model_package(ModelPackageName=followed.package)
    assert followed.organization.settle()
    assert hub.models() == {GROUP: "1.0.1"}
    followed.package = first


def test_what_others_put_there_stays_and_is_reported(followed: Registry, hub: Hub) -> None:
    theirs = hub.imports(GROUP)
    followed.sets("approver", "Approved")
    assert hub.models() == {GROUP: "9.0.0"}, "the name is taken"
    assert hub.package_findings() == {"HubNameTaken"}
    assert "get data" in followed.may("prod"), "all else is open"
    assert hub.findings() == {"ForeignContent"}
    hub.hand.delete_hub_content(**theirs)
    assert hub.package_findings() == set()
    assert hub.models() == {GROUP: "1.0.1"}

    welcome, other = hub.imports("welcome", "Notebook"), hub.imports("other", "Notebook")
    assert hub.findings() == {"ForeignContent"}
    hub.hand.delete_hub_content(**other)
    assert hub.findings() == set()
    hub.hand.delete_hub_content(**welcome)


def test_what_somebody_deletes_is_put_back_and_so_is_the_hub(followed: Registry, hub: Hub) -> None:
    followed.sets("approver", "Approved")
    ours = {"HubContentType": "Model", "HubContentName": GROUP, "HubContentVersion": "1.0.1"}
    hub.hand.delete_hub_content(HubName=HUB, **ours)
    assert followed.changed_by_manual_run() == "changes"
    assert hub.models() == {GROUP: "1.0.1"}

    hub.hand.delete_hub_content(HubName=HUB, **ours)
    followed.organization.clock.advance(60)
    hub.hand.delete_hub(HubName=HUB)
    followed.organization.clock.advance(60)
    assert hub.package_findings() == {"HubMissing"}
    assert hub.findings() == set()
    assert hub.package_findings() == set()
    assert hub.models() == {GROUP: "1.0.1"}


def test_a_function_that_dies_before_or_after_leaves_it_as_it_should_be(followed: Registry, hub: Hub) -> None:
    for status, found in (("Approved", {GROUP: "1.0.1"}), ("Rejected", {})):
        for moment in ("before", "after"):
            followed.organization.faults.crash("stagegate-apply-hub", moment)
            followed.sets("approver", status)
            assert hub.models() == found, moment
            followed.sets("approver", "PendingManualApproval" if status == "Rejected" else status)


def test_what_the_rules_do_not_keep_any_more_goes_by_the_hubs_own_run(followed: Registry, hub: Hub) -> None:
    followed.sets("approver", "Approved")
    assert hub.models() == {GROUP: "1.0.1"}
    hub.rules(RULES.replace('"customer-*"', '"other-*"'))
    assert hub.models() == {GROUP: "1.0.1"}, "the sweep after a deployment reports"
    assert hub.findings() == set()
    assert hub.models() == {}
    assert followed.changed_by_manual_run() == "changes"
    hub.rules()
    assert followed.changed_by_manual_run() == "changes"
    assert hub.models() == {GROUP: "1.0.1"}


@pytest.mark.parametrize("sid", ["ImportPackages", "KeepDesiredGrants"])
def test_a_missing_statement_is_noticed(followed: Registry, hub: Hub, sid: str) -> None:
    with without(followed, ("stagegate-apply-hub", sid)):
        followed.sets("approver", "Approved")
        assert hub.models() == {}
        assert followed.manual_run().status == "FAILED"
    assert followed.changed_by_manual_run() == "changes"
    assert hub.models() == {GROUP: "1.0.1"}
