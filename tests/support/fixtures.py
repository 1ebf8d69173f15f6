"""A running organization with the demo's people in it, for tests that play parts of its story."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from demo.card import expectations
from demo.card.actions import Actions, card_arn
from demo.card.observers import CardObservers
from demo.judge.costs import Cost
from demo.observers import describe
from demo.people import APPROVER, OWNER
from demo.story import Stage, Step, StepResult
from sandbox.kernel.delays import Delays
from sandbox.stagegate.deployment import Company
from sandbox.stagegate.organization import ROOT, Organization

SHIPPED = ROOT / "layers" / "settings" / "governance.toml"
FOUR_STAGES = Path(__file__).parents[1] / "integration" / "cards" / "four_stages.toml"


@dataclass
class CardEnvironment:
    """`does` plays one step. `actions` makes steps, and knows what has been done so far."""

    organization: Organization
    settings: Path
    actions: Actions
    stage: Stage

    def does(self, step: Step) -> StepResult:
        (result,) = self.stage.play("test", iter([step]), lambda _: None)
        return result

    def begins_anew(self) -> None:
        """The story may be played again, with nobody remembering what was done."""
        self.actions = _actions(self.organization, self.settings)
        self.stage = Stage(self.organization, self.actions.observers)

    def admin(self, service: str, account: str = "governance") -> Any:
        return self.organization.admin(service, account)

    def holder(self) -> str | None:
        """Who holds the claim on the card."""
        found = self.admin("dynamodb").get_item(
            TableName=self.organization.outputs["LedgerTable"],
            Key={"pk": {"S": f"SUBJECT#{self.actions.arn}"}, "sk": {"S": "CLAIM"}},
        )
        holder: str | None = found.get("Item", {}).get("holder", {}).get("S")
        return holder

    def items(self) -> list[dict[str, Any]]:
        """Everything on record about the card, its approvals among it, as DynamoDB has it."""
        return [
            item
            for partition in ("SUBJECT", "VIEW", "APPROVALS")
            for item in self.admin("dynamodb").query(
                TableName=self.organization.outputs["LedgerTable"],
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": f"{partition}#{self.actions.arn}"}},
            )["Items"]
        ]

    def alarm(self, name: str) -> str:
        """An alarm's state, by the end of its name."""
        alarms = self.admin("cloudwatch").describe_alarms()["MetricAlarms"]
        (state,) = [alarm["StateValue"] for alarm in alarms if alarm["AlarmName"].endswith(name)]
        return str(state)


@contextmanager
def card_environment(
    settings: Path, delays: Delays | None = None, company: Company | None = None
) -> Iterator[CardEnvironment]:
    timing = delays or Delays(cloudtrail=0.3, wait_factor=0.2)
    with Organization.start(settings, delays=timing, company=company) as organization:
        actions = _actions(organization, settings)
        yield CardEnvironment(organization, settings, actions, Stage(organization, actions.observers))


def problems(result: StepResult) -> list[str]:
    """What wasn't as expected in a step."""
    return [
        f"{result.step.action}: expected {finding.expected!r}, observed {finding.observed!r}"
        for finding in result.findings
        if not finding.ok
    ]


def failed_visibly(environment: CardEnvironment, result: StepResult, failed: Cost, error: str) -> None:
    """Everything that a named failure has to come with."""
    assert failed.execution.status == "FAILED"
    assert failed.execution.error == error
    assert any((message.subject or "").startswith(f"FAILED {error}") for message in environment.organization.outbox)
    assert environment.alarm("-executions-failed") == "ALARM"
    assert environment.holder() is None
    assert describe(result.observed).startswith("dev rw")


class Administered(Protocol):
    """Whatever gives an administrator's client of an account."""

    def admin(self, service: str, account: str) -> Any: ...


@contextmanager
def without(environment: Administered, *removed: tuple[str, str], account: str = "governance") -> Iterator[None]:
    """Take statements, as (role, Sid), out of the policies of an account's roles, and put them back."""
    iam = environment.admin("iam", account)
    there: set[tuple[str, str]] = set()
    with ExitStack() as put_back:
        for role in {of for of, _ in removed}:
            for policy in _policies(iam, role):
                document = policy["PolicyDocument"]
                there |= {(role, each["Sid"]) for each in document["Statement"]}
                left = [each for each in document["Statement"] if (role, each["Sid"]) not in removed]
                _put(iam, role, policy["PolicyName"], {**document, "Statement": left})
                put_back.callback(_put, iam, role, policy["PolicyName"], document)
            for arn, statements in _attached(iam, role):
                there |= {(role, each["Sid"]) for each in statements}
                left = [each for each in statements if (role, each["Sid"]) not in removed]
                if len(left) < len(statements):
                    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
                    put_back.callback(iam.attach_role_policy, RoleName=role, PolicyArn=arn)
                    if left:
                        name = arn.rpartition("/")[2]
                        _put(iam, role, name, {"Version": "2012-10-17", "Statement": left})
                        put_back.callback(iam.delete_role_policy, RoleName=role, PolicyName=name)
        assert set(removed) <= there
        yield


def _policies(iam: Any, role: str) -> list[dict[str, Any]]:
    """The policies in a role, of which a condition of the template may have added some."""
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return [iam.get_role_policy(RoleName=role, PolicyName=name) for name in names]


def _attached(iam: Any, role: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The managed policies of a role with their statements: those over the lists of the parameters."""
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = policy["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        yield arn, iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]["Statement"]


def _put(iam: Any, role: str, name: str, document: dict[str, Any]) -> None:
    if document["Statement"]:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    else:
        iam.delete_role_policy(RoleName=role, PolicyName=name)


def _actions(organization: Organization, settings: Path) -> Actions:
    observers = CardObservers(organization, settings, card_arn(organization))
    return Actions(organization, expectations.read(settings), observers, judged=False)


def asking_an_approver_alone(folder: Path) -> Path:
    """The file of four stages in that folder, with a gate that asks for an approver and for nothing else."""
    settings = folder / "governance.toml"
    text = FOUR_STAGES.read_text()
    for line in ('required_sections = ["model_overview", "business_details"]\n', 'risks = ["Medium", "High"]\n'):
        assert line in text
        text = text.replace(line, "")
    settings.write_text(text)
    return settings


@contextmanager
def approved_card(folder: Path) -> Iterator[CardEnvironment]:
    """A card that has come to be approved."""
    delays = Delays(cloudtrail=0.1, lambda_retry=0.02, wait_factor=0.05)
    with card_environment(asking_an_approver_alone(folder), delays) as opened:
        opened.does(opened.actions.creates("Draft"))
        opened.does(opened.actions.sets(OWNER, "PendingReview"))
        opened.does(opened.actions.sets(APPROVER, "Approved"))
        yield opened
