"""A running organization with the demo's people in it, for tests that play parts of its story."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.delays import Delays
from sandbox.demo import promises
from sandbox.demo.hands import Hands, card_arn
from sandbox.demo.observers import Observers
from sandbox.demo.story import Stage, Step, StepResult
from sandbox.organization import ROOT, Organization

SHIPPED = ROOT / "layers" / "settings" / "governance.toml"
FOUR_STAGES = Path(__file__).parents[1] / "sandbox" / "four_stages.toml"


@dataclass
class Scene:
    """`does` plays one step. `hands` makes steps, and knows what has been done so far."""

    organization: Organization
    settings: Path
    hands: Hands
    stage: Stage

    def does(self, step: Step) -> StepResult:
        (result,) = self.stage.play("test", iter([step]), lambda _: None)
        return result

    def begins_anew(self) -> None:
        """The story may be played again, with nobody remembering what was done."""
        self.hands = _hands(self.organization, self.settings)
        self.stage = Stage(self.organization, self.hands.observers)

    def admin(self, service: str, account: str = "governance") -> Any:
        return self.organization.admin(service, account)

    def holder(self) -> str | None:
        """Who holds the claim on the card."""
        found = self.admin("dynamodb").get_item(
            TableName=self.organization.outputs["LedgerTable"],
            Key={"pk": {"S": f"SUBJECT#{self.hands.arn}"}, "sk": {"S": "CLAIM"}},
        )
        return found.get("Item", {}).get("holder", {}).get("S")

    def items(self) -> list[dict[str, Any]]:
        """Everything on record about the card, as DynamoDB has it."""
        found = self.admin("dynamodb").query(
            TableName=self.organization.outputs["LedgerTable"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"SUBJECT#{self.hands.arn}"}},
        )
        return list(found["Items"])

    def alarm(self, name: str) -> str:
        """An alarm's state, by the end of its name."""
        alarms = self.admin("cloudwatch").describe_alarms()["MetricAlarms"]
        (state,) = [alarm["StateValue"] for alarm in alarms if alarm["AlarmName"].endswith(name)]
        return str(state)


@contextmanager
def scene(settings: Path, delays: Delays | None = None) -> Iterator[Scene]:
    with Organization.start(settings, delays=delays or Delays(cloudtrail=0.3, wait_factor=0.2)) as organization:
        hands = _hands(organization, settings)
        yield Scene(organization, settings, hands, Stage(organization, hands.observers))


def problems(result: StepResult) -> list[str]:
    """What wasn't as expected in a step."""
    return [
        f"{result.step.action}: expected {finding.expected!r}, observed {finding.observed!r}"
        for finding in result.findings
        if not finding.ok
    ]


def _hands(organization: Organization, settings: Path) -> Hands:
    observers = Observers(organization, settings, card_arn(organization))
    return Hands(organization, promises.read(settings), observers, judged=False)
