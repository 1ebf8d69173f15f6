"""The people of the story: what each of them does to the card, and what is expected then."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from demo.card.expectations import CardState, Expectations, Expected
from demo.card.observers import CardAccess, CardObservers
from demo.content import customer_churn
from demo.judge.checks import finds
from demo.judge.limits import within_limits
from demo.observers import Observer
from demo.people import APPROVER, OWNER, minutes_after_an_edit, next_second
from demo.story import Check, Step
from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION, REGION

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

CARD = "Customer-Churn-Model-Card"


def card_arn(organization: Organization) -> str:
    """Return the ARN of the story's card."""
    return f"arn:{PARTITION}:sagemaker:{REGION}:{organization.accounts['governance']}:model-card/{CARD}"


@dataclass(slots=True)
class Actions:
    """Everybody who touches the card. Each method makes the step in which somebody does something; the expectation
    comes from governance.toml and from what has been done so far, and from nowhere else. `judged`: whether the runs
    have to keep to the limits.
    """

    organization: Organization
    expectations: Expectations
    observers: CardObservers
    judged: bool
    card: CardState = field(default_factory=CardState)
    expected: Expected = field(default_factory=lambda: Expected({}, frozenset()))
    _edited: float = 0.0

    @property
    def arn(self) -> str:
        """The card's ARN."""
        return card_arn(self.organization)

    def writer(self) -> str:
        """Who edits the card now: the first stage that may, or else its owner."""
        writing = [stage.name for stage in self.expectations.stages if self.expected.stages.get(stage.name)]
        return writing[0] if writing else OWNER

    def creates(self, status: str) -> Step:
        """The owner creates the card, with hardly more in it than a name."""
        content = {
            "model_overview": {"model_owner": "Head of Customer Analytics", "problem_type": "Binary classification"}
        }
        self.card.edit(self._role(OWNER), content, "Unknown")
        self.card.set_status(status, self._role(OWNER))

        def act() -> None:
            self._sagemaker(OWNER).create_model_card(
                ModelCardName=CARD, Content=json.dumps(content), ModelCardStatus=status
            )

        return self.step(f"{OWNER} creates {CARD} in {status}", act, column=status)

    def fills_in(self, who: str, what: str) -> Step:
        """Somebody writes another full content. `what` is put into it, so that no two contents are alike."""
        content: dict[str, Any] = customer_churn()
        content["additional_information"]["custom_details"]["review"] = what
        self.card.edit(self._role(who), content, content["intended_uses"]["risk_rating"])
        after_approval = self._has_been_approved()
        self._look_up_expectations()
        checks = [finds(self.expected.findings, notified=True)] if after_approval and self.expected.findings else []

        def act() -> None:
            self._edited = clock.now()
            self._sagemaker(who).update_model_card(ModelCardName=self.arn, Content=json.dumps(content))

        return self.step(f"{who} {what}", act, checks)

    def sets(
        self, who: str, status: str, *, column: str | None = None, also: Sequence[Check] = (), notified: bool = True
    ) -> Step:
        """Somebody sets a status. An approver does in a second of their own, as they would in life."""
        news = status != self.card.status
        self.card.set_status(status, self._role(who))
        self._look_up_expectations()
        checks = list(also)
        if self.expected.findings:
            checks.append(finds(self.expected.findings, notified=notified and news))

        def act() -> None:
            self._sagemaker(who).update_model_card(ModelCardName=self.arn, ModelCardStatus=status)

        def before() -> None:
            next_second()
            minutes_after_an_edit(self._edited)

        action = f"{who} sets {status}" if news else f"{who} sets {status} again"
        return self.step(action, act, checks, before=before if who == APPROVER else None, column=column)

    def deletes(self, check: Check, column: str) -> Step:
        """The owner deletes the card."""
        self.card = CardState()

        def act() -> None:
            self._sagemaker(OWNER).delete_model_card(ModelCardName=CARD)

        return self.step(f"{OWNER} deletes the card", act, [check], column=column)

    def step(
        self,
        action: str,
        act: Callable[[], object],
        checks: Sequence[Check] = (),
        *,
        before: Callable[[], object] | None = None,
        column: str | None = None,
    ) -> Step:
        """Return a step after which exactly what is expected for the card's present state has to hold."""
        self._look_up_expectations()
        every_check = [*checks, *([within_limits] if self.judged else [])]
        return Step(action, act, self.expected_access(), every_check, before, column)

    def expected_access(self) -> dict[Observer, CardAccess]:
        """Return what every observer is expected to be let do now."""
        return self.observers.expected(self.expectations, self.expected)

    def _look_up_expectations(self) -> None:
        self.expected = self.expectations.hold_for(self.card, self.expected.stages)

    def _has_been_approved(self) -> bool:
        return any(by == self._role(APPROVER) for by, _ in self.card.setters)

    def _role(self, profile: str) -> str:
        return self.organization.profiles[profile].arn

    def _sagemaker(self, profile: str) -> Any:
        return self.organization.client("sagemaker", profile)
