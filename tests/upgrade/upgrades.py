"""An organization that two releases are deployed into by turns, with something of everything that a run is about."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.services.stepfunctions.executions.holds import Hold
from sandbox.stagegate.organization import Organization
from stagegate.evidence.model import Kind
from stagegate.evidence.verify import Known, verify
from stagegate.ledger.chains.trails import trails
from tests.integration.hubs.hub_environment import HUB, MODELS
from tests.integration.hubs.hub_environment import RULES as HUBS
from tests.integration.imports import import_environment as importing
from tests.integration.imports.import_environment import Hosted
from tests.support.builders import DEV
from tests.support.registry import MANIFEST, REPOSITORY, a_version, image

GUARDRAIL, FOREIGN = "no-claude", "hf-llm-other"
BUCKET, GROUP = "model-artifacts-churn", "churn"
PUBLIC = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/"
RULES = f"""{importing.RULES}{HUBS}
[[guardrails]]
name = "{GUARDRAIL}"
by = "scp"
accounts = ["{DEV}"]
bedrock = {{ deny = ["anthropic.claude-*"] }}
"""
DELAYS = Delays(
    cloudtrail=0.02,
    ram_association=0.02,
    card_deletion=0.0,
    hub=0.02,
    delivery_retry=0.01,
    model_import=0.02,
    wait_factor=0.01,
)
PATIENCE_S = 900.0
"""Longer than a run may take."""


@dataclass
class Upgrades:
    """The organization, the two trees, and which of them is deployed."""

    organization: Organization
    trees: Mapping[str, Path]
    deployed: str
    hosted: Hosted
    turn: int = 1
    """Of two models the one is imported in odd turns, the other in even ones; and then it goes again."""
    met: set[tuple[str, str, str]] = field(default_factory=set)
    """Which release's run of what was held before which state."""

    def admin(self, service: str, account: str = "governance") -> Any:
        return self.organization.admin(service, account)

    def settles(self) -> None:
        assert self.organization.settle(PATIENCE_S), "something is going on still"

    def deploys(self, name: str) -> None:
        """Deploy one of the trees, and wait for nobody."""
        self.organization.deploy(self.trees[name])
        self.deployed = name

    def upgrades_while(self, holds: Mapping[str, Hold], happens: Callable[[], object]) -> list[Execution]:
        """Let it happen up to the holds, deploy the other release, and let all go on; what was started of it."""
        before, began_with = len(self.organization.executions()), self.deployed
        happens()
        self.settles()
        self.met |= {(began_with, what, hold.state) for what, hold in holds.items() if hold.is_held}
        self.deploys(next(name for name in self.trees if name != began_with))
        for hold in holds.values():
            hold.release()
        self.settles()
        return self.organization.executions()[before:]

    def starts(self, machine: str, **given: Any) -> str:
        """A person starts a run; its ARN."""
        started = self.organization.client("stepfunctions", "governance").start_execution(
            stateMachineArn=self.organization.outputs[machine], input=json.dumps(given)
        )
        return str(started["executionArn"])

    def run(self, arn: str) -> Execution:
        """An execution, once everything is over."""
        self.settles()
        (found,) = [each for each in self.organization.executions() if each.execution_arn == arn]
        return found

    def drift(self) -> Mapping[str, int]:
        """What a plan of everything says that there is to do, or could not be looked at."""
        run = self.run(self.starts("SweepStateMachine", mode="plan"))
        assert run.status == "SUCCEEDED", (run.error, run.cause)
        found = json.loads(run.output or "{}")
        totals = found["totals"]
        return {name: totals[name] for name in ("drifting", "failed", "to_close") if totals.get(name)}

    def flaws(self) -> set[Kind]:
        """What doesn't fit in the histories that both releases have written."""
        found = trails(self.admin("dynamodb"), self.organization.outputs["LedgerTable"])
        return {flaw.kind for flaw in verify(found, Known())}

    # --- of which there is one each ---------------------------------------------------------------------------------

    @property
    def imported(self) -> int:
        """Which version of the model is to be there."""
        return 1 + self.turn % 2

    def changes_one_of_each(self) -> None:
        """The other model is approved; the guardrail is taken off, and something foreign is put into the hub."""
        self.turn += 1
        self.organization.clock.next_second()
        approver = self.organization.client("sagemaker", "approver")
        for version, arn in self.hosted.packages.items():
            status = "Approved" if version == self.imported else "Rejected"
            approver.update_model_package(ModelPackageArn=arn, ModelApprovalStatus=status)
        self.takes_off()
        self.starts("GovernStateMachine", subject=f"guardrail/{GUARDRAIL}")
        self.admin("sagemaker").create_hub_content_reference(
            HubName=HUB, SageMakerPublicHubContentArn=f"{PUBLIC}{FOREIGN}"
        )
        self.starts("GovernStateMachine", subject=self.hub)

    @property
    def hub(self) -> str:
        """Its ARN."""
        return f"arn:aws:sagemaker:us-east-1:{self.organization.accounts['governance']}:hub/{HUB}"

    def takes_off(self) -> None:
        """Somebody takes the guardrail off."""
        organizations = self.admin("organizations", "management")
        for policy in self._guardrails():
            organizations.detach_policy(PolicyId=policy, TargetId=DEV)

    def _guardrails(self) -> list[str]:
        organizations = self.admin("organizations", "management")
        found = organizations.list_policies_for_target(TargetId=DEV, Filter="SERVICE_CONTROL_POLICY")["Policies"]
        return [policy["Id"] for policy in found if GUARDRAIL in policy["Name"]]

    def wrong_of_one_each(self) -> list[str]:
        """What isn't as it should be after that."""
        listed = self.admin("sagemaker").list_hub_contents(HubName=HUB, HubContentType="ModelReference")
        references = {each["HubContentName"] for each in listed["HubContentSummaries"]}
        there = [f"mistral-{self.imported}"]
        said = {
            "the guardrail is off": not self._guardrails(),
            "the hub has what is foreign": FOREIGN in references,
            f"models: found {self.hosted.models()}; allowed: {there}": self.hosted.models() != there,
            f"on record as imported: {self.hosted.recorded()}": self.hosted.recorded() != [self.imported],
        }
        return [name for name, is_so in said.items() if is_so]

    # --- of which there are many ------------------------------------------------------------------------------------

    def card(self, name: str) -> str:
        return f"arn:aws:sagemaker:us-east-1:{self.organization.accounts['governance']}:model-card/{name}"

    def creates_cards(self, names: Iterable[str], status: str) -> None:
        for name in names:
            self.admin("sagemaker").create_model_card(ModelCardName=name, Content="{}", ModelCardStatus=status)

    def sets_cards(self, names: Iterable[str], status: str) -> None:
        for name in names:
            self.admin("sagemaker").update_model_card(ModelCardName=name, ModelCardStatus=status)

    def registers(self, number: int) -> list[str]:
        """So many packages, waiting to be approved, each with data and an image; their ARNs."""
        container = {"Image": image(self.organization), "ModelDataUrl": f"s3://{BUCKET}/{GROUP}/model.tar.gz"}
        return [a_version(self.organization, container, group=GROUP) for _ in range(number)]

    def sets_packages(self, arns: Iterable[str], status: str) -> None:
        self.organization.clock.next_second()
        approver = self.organization.client("sagemaker", "approver")
        for arn in arns:
            approver.update_model_package(ModelPackageArn=arn, ModelApprovalStatus=status)

    def seen(self, cards: Iterable[str]) -> set[str]:
        """Which of the cards dev can see, found out by looking."""
        look = self.organization.client("sagemaker", "dev").describe_model_card
        return {name for name in cards if _works(look, ModelCardName=self.card(name))}

    def opened(self, packages: Iterable[str]) -> set[str]:
        """Which of the packages prod can see, found out by looking."""
        look = self.organization.client("sagemaker", "prod").describe_model_package
        return {arn for arn in packages if _works(look, ModelPackageName=arn)}


def _works(attempt: Callable[..., object], **request: str) -> bool:
    try:
        attempt(**request)
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        return False
    return True


@contextmanager
def upgrades(folder: Path, trees: Mapping[str, Path]) -> Iterator[Upgrades]:
    """The first of the trees is deployed, by rules that both can read; one model is imported."""
    first = next(iter(trees))
    text = (trees[first] / "layers" / "settings" / "governance.toml").read_text()
    text = text.replace("[cards]\n", importing.STAGE, 1).replace("[packages]\n", importing.APPROVERS, 1)
    settings = folder / "governance.toml"
    settings.write_text(f"{text}{RULES}")
    with Organization.start(settings, delays=DELAYS, root=trees[first]) as organization:
        organization.public_hub.refill(MODELS)
        made = Upgrades(organization, trees, first, Hosted(organization, settings, "", {}))
        made.starts("SweepStateMachine")
        _make_artifacts(organization)
        for group in (GROUP, importing.GROUP):
            organization.client("sagemaker", "governance").create_model_package_group(ModelPackageGroupName=group)
        for version in (1, 2):
            made.hosted.registers(version)
        made.changes_one_of_each()
        made.settles()
        assert made.wrong_of_one_each() == []
        yield made


def _make_artifacts(organization: Organization) -> None:
    s3, ecr = organization.admin("s3", "dev"), organization.admin("ecr", "governance")
    for bucket in (BUCKET, importing.BUCKET):
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=BUCKET, Key=f"{GROUP}/model.tar.gz", Body=b"weights")
    ecr.create_repository(repositoryName=REPOSITORY)
    ecr.put_image(repositoryName=REPOSITORY, imageManifest=MANIFEST, imageTag="v1")
