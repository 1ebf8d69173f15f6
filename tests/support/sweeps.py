"""An organization with cards in it, and hands that change things so that no event tells of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.kernel.delays import Delays
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.stagegate.organization import ROOT, Organization

SHIPPED = ROOT / "layers" / "settings" / "governance.toml"
NOTHING = dict.fromkeys(("subjects", "drifting", "failed", "open", "closes", "opens"), 0)
LIMITS = "ask_above_grants = 10\nask_above_percent = 20"


@dataclass
class SweepEnvironment:
    """The organization, and what can be done to its cards."""

    organization: Organization

    def admin(self, service: str, account: str = "governance") -> Any:
        return self.organization.admin(service, account)

    def arn(self, name: str) -> str:
        return f"arn:aws:sagemaker:us-east-1:{self.organization.accounts['governance']}:model-card/{name}"

    def creates(self, *names: str) -> None:
        """New cards in Draft, which opens them for dev."""
        for name in names:
            self.admin("sagemaker").create_model_card(ModelCardName=name, Content="{}", ModelCardStatus="Draft")
        assert self.organization.settle()

    def deletes_all(self) -> None:
        """No card is there any more, and everybody has heard of it."""
        for card in self.admin("sagemaker").list_model_cards(MaxResults=100)["ModelCardSummaries"]:
            self.admin("sagemaker").delete_model_card(ModelCardName=card["ModelCardName"])
        assert self.organization.settle()

    def sets(self, name: str, status: str) -> None:
        self.admin("sagemaker").update_model_card(ModelCardName=name, ModelCardStatus=status)

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """All events of what is done in the block are lost."""
        self.organization.deliveries.hold()
        yield
        assert self.organization.settle()
        self.organization.deliveries.release(lambda _held: [])

    def loses(self, name: str, status: str) -> None:
        """Somebody sets a status, and no event of it arrives."""
        with self.unheard():
            self.sets(name, status)

    def seen_by_dev(self, name: str) -> bool:
        try:
            self.organization.client("sagemaker", "dev").describe_model_card(ModelCardName=self.arn(name))
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDeniedException":
                raise
            return False
        return True

    def sweeps(self, given: dict[str, Any] | None = None) -> Execution:
        """A sweep that a person starts, once it and all that it has started is over."""
        started = self.organization.client("stepfunctions", "governance").start_execution(
            stateMachineArn=self.organization.outputs["SweepStateMachine"], input=json.dumps(given or {})
        )
        assert self.organization.settle(60)
        (run,) = [e for e in self.organization.executions() if e.execution_arn == started["executionArn"]]
        return run

    def runs(self, machine: str = "SweepStateMachine") -> list[Execution]:
        """Every execution of a state machine so far, but for those that only start the packages of a card."""
        arn = self.organization.outputs[machine]
        return [
            run
            for run in self.organization.executions()
            if run.state_machine_arn == arn and "card" not in json.loads(run.execution_input)
        ]

    def alarm(self, name: str) -> str:
        alarms = self.admin("cloudwatch").describe_alarms()["MetricAlarms"]
        (state,) = [alarm["StateValue"] for alarm in alarms if alarm["AlarmName"].endswith(name)]
        return str(state)


def output(run: Execution) -> dict[str, Any]:
    """What an execution that has succeeded put out."""
    assert run.status == "SUCCEEDED", (run.error, run.cause)
    found: dict[str, Any] = json.loads(run.output or "")
    return found


def settings(folder: Path, *changes: tuple[str, str]) -> Path:
    """The shipped rules with some text replaced."""
    text = SHIPPED.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = folder / "governance.toml"
    path.write_text(text)
    return path


@contextmanager
def sweeping(path: Path) -> Iterator[SweepEnvironment]:
    delays = Delays(cloudtrail=0.02, ram_association=0.02, card_deletion=0.0, delivery_retry=0.01, wait_factor=0.01)
    with Organization.start(path, delays=delays) as organization:
        yield SweepEnvironment(organization)
