"""The card that the versions of a group follow: what is done to it, and what it opens for them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from demo.card.expectations import CardState
from demo.card.expectations import Expectations as CardExpectations
from demo.content import customer_churn
from demo.package.expectations import Expectations
from demo.people import OWNER, minutes_after_an_edit, next_second
from sandbox.kernel.clock import clock

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


@dataclass(slots=True)
class GroupCard:
    """The card of a group's own `name`, in the owner's account, which is made in the course of the story. `packages`
    and `cards` are what governance.toml lets be expected of these.
    """

    organization: Organization
    name: str
    packages: Expectations
    cards: CardExpectations
    state: CardState = field(default_factory=CardState)
    _stages: frozenset[str] = frozenset()
    _made: float = 0.0

    @property
    def is_asked(self) -> bool:
        """Whether governance.toml asks cards: where it doesn't, the story makes none."""
        return self.packages.card != "ignored"

    @property
    def opens(self) -> frozenset[str] | None:
        """Return the stages that it opens for the versions of its group; None where it has no say."""
        has_no_say = not self.is_asked or (self.packages.card == "if_linked" and self.state.status is None)
        return None if has_no_say else self._stages

    def lets(self, stage: str) -> bool:
        """Whether it lets a version into that stage."""
        return self.opens is None or stage in self.opens

    def is_made(self, status: str) -> None:
        """The owner is to make it: from now on that is expected."""
        content = customer_churn()
        self.state.edit(self.organization.profiles[OWNER].arn, content, content["intended_uses"]["risk_rating"])
        self.is_set(OWNER, status)

    def is_set(self, who: str, status: str) -> None:
        """Somebody is to set its status: from now on that is expected."""
        self.state.set_status(status, self.organization.profiles[who].arn)
        self._stages = frozenset(self.cards.hold_for(self.state, self._stages).stages)

    def make(self, status: str) -> None:
        """The owner makes it, with everything filled in."""
        self._made = clock.now()
        self._sagemaker(OWNER).create_model_card(
            ModelCardName=self.name, Content=json.dumps(customer_churn()), ModelCardStatus=status
        )

    def set(self, who: str, status: str) -> None:
        """Somebody sets its status."""
        self._sagemaker(who).update_model_card(ModelCardName=self.name, ModelCardStatus=status)

    def wait(self) -> None:
        """Wait as long as an approver takes, who reads what they approve."""
        next_second()
        minutes_after_an_edit(self._made)

    def _sagemaker(self, who: str) -> Any:
        return self.organization.client("sagemaker", who)
