"""Who touches the hubs: the team that writes the rules, AWS, and somebody who edits a hub by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from demo.deploying import deploy
from demo.hub import rules
from demo.hub.checks import holds
from demo.hub.observers import MODELS, HubObservers
from demo.judge.expectations import Stage
from demo.judge.runs import start
from demo.people import OWNER
from demo.story import Check, Step
from sandbox.services.sagemaker.hubs.catalogue import Entry
from sandbox.stagegate.members import GOVERNANCE

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


@dataclass(slots=True)
class Actions:
    """Each method does something; what is expected then is kept here: whether the hub is `shared` with the stage, the
    public one `denied` to it, and which `models` the hub has (None: there is no hub).
    """

    organization: Organization
    settings: Path
    stage: Stage
    observers: HubObservers
    models: frozenset[str] | None = None
    shared: bool = False
    denied: bool = False
    calls: int = 0
    """How many calls had been made before the last manual run."""

    def step(self, action: str, act: Callable[[], object], checks: Sequence[Check] = (), *, column: str = "") -> Step:
        """Return a step after which exactly what is expected now has to hold."""
        letters = [letter for letter, name in MODELS.items() if name in (self.models or ())]
        expected = self.observers.expected(self.stage.accounts, shared=self.shared, denied=self.denied, models=letters)
        also = holds(self.organization, self.models)
        return Step(action, act, expected, [*checks, also], column=column or None)

    def deploy(self, text: str) -> None:
        """Deploy other rules."""
        deploy(self.organization, text)

    def run(self, subject: str) -> None:
        """Start a manual run."""
        self.calls = len(self.organization.calls)
        start(self.organization, subject)

    def sync(self) -> None:
        """Start a manual run for the hub."""
        self.run(rules.ARN)

    def sweep(self) -> None:
        """Start a manual sweep."""
        machine = self.organization.outputs["SweepStateMachine"]
        self.organization.client("stepfunctions", OWNER).start_execution(stateMachineArn=machine, input="{}")

    def publish(self) -> None:
        """AWS publishes a model."""
        self.organization.public_hub.publish(
            Entry(id=rules.NEWCOMER, version="1.0.0", framework="meta", provider="Meta", gated=True)
        )
        self.sync()

    def deprecate(self) -> None:
        """AWS calls it deprecated."""
        self.organization.public_hub.set_support_status(rules.NEWCOMER, "Deprecated")
        self.sync()

    def tamper(self) -> None:
        """Somebody takes a reference out of the hub and puts one in that no rule lets in."""
        sagemaker = self.organization.admin("sagemaker", GOVERNANCE)
        sagemaker.delete_hub_content_reference(
            HubName=rules.HUB, HubContentType="ModelReference", HubContentName=rules.CURATED
        )
        sagemaker.create_hub_content_reference(
            HubName=rules.HUB,
            HubContentName=rules.OTHER,
            SageMakerPublicHubContentArn=self.organization.public_hub.model_arn(rules.OTHER),
        )
