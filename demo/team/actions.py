"""The people of both teams: what each of them does, and what is expected then."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from demo.content import customer_churn
from demo.judge.runs import start
from demo.observers import Observer
from demo.people import APPROVER, OWNER, minutes_after_an_edit, next_second
from demo.story import Check, Step
from demo.team.observers import TeamAccess, TeamObservers
from demo.team.seeding import registration
from demo.team.teams import Team
from sandbox.kernel.clock import clock

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

REVIEWED, PENDING, APPROVED, ARCHIVED = "PendingReview", "PendingManualApproval", "Approved", "Archived"
_DEPLOYS = "vbki"


@dataclass(slots=True)
class State:
    """What the story has done so far to what is one team's. Without a status, a card or a version isn't there; an
    approval is that of the team's own approver.
    """

    card: str = ""
    is_card_approved: bool = False
    version: str = ""
    is_version_approved: bool = False
    has_hub: bool = False

    def letters(self, stage: str) -> str:
        """What the team's own role of a stage may do, by the story's governance.toml."""
        sees_card = {
            "dev": self.card in (REVIEWED, APPROVED),
            "test": self.card in (REVIEWED, APPROVED),
            "prod": self.card == APPROVED and self.is_card_approved,
        }[stage]
        deploys = {
            "dev": False,
            "test": self.version in (PENDING, APPROVED),
            "prod": self.version == APPROVED and self.is_version_approved,
        }[stage]
        is_in_hub = self.card == APPROVED and self.is_card_approved and self.version == APPROVED
        is_in_hub &= self.is_version_approved
        letters = "" if not sees_card else "rw" if stage == "dev" else "r"
        if sees_card and deploys:
            letters += f"{_DEPLOYS}m" if stage == "prod" else _DEPLOYS
        if self.has_hub and stage in ("test", "prod"):
            letters += "ho" if is_in_hub else "h"
        return letters


@dataclass(slots=True)
class Actions:
    """Each method does something; what is expected then is kept in `states`, by the team's name."""

    organization: Organization
    teams: Sequence[Team]
    observers: TeamObservers
    states: Mapping[str, State]
    _edited: float = field(default=0.0)

    def step(
        self,
        action: str,
        act: Callable[[], object],
        checks: Sequence[Check] = (),
        *,
        before: Callable[[], object] | None = None,
        column: str = "",
    ) -> Step:
        """Return a step after which exactly what is expected now has to hold."""
        return Step(action, act, self._expected(), checks, before, column or None)

    def makes_hubs(self) -> None:
        """The owner starts a run for each team's hub."""
        for team in self.teams:
            start(self.organization, team.hub_arn)

    def creates_cards(self) -> None:
        """The owner creates each team's card, for its approver to decide on."""
        sagemaker = self._sagemaker(OWNER)
        for team in self.teams:
            sagemaker.create_model_card(
                ModelCardName=team.model, Content=json.dumps(customer_churn()), ModelCardStatus=REVIEWED
            )
        self._edited = clock.now()

    def registers(self) -> None:
        """The owner registers a version for each team."""
        for team in self.teams:
            self._sagemaker(OWNER).create_model_package(**registration(team))

    def sets_card(self, team: Team, status: str, role: str | None = None) -> None:
        """An approver of that role sets a card's status; the owner, without one."""
        who = self._sagemaker(OWNER if role is None else APPROVER, role)
        who.update_model_card(ModelCardName=team.card, ModelCardStatus=status)

    def approves_cards(self) -> None:
        """Each team's approver approves its card."""
        for team in self.teams:
            self.sets_card(team, APPROVED, team.approver)

    def approves_versions(self) -> None:
        """Each team's approver approves its version."""
        for team in self.teams:
            approver = self._sagemaker(APPROVER, team.approver)
            approver.update_model_package(ModelPackageArn=team.version, ModelApprovalStatus=APPROVED)

    def has_been_read(self) -> None:
        """An approver has taken the time that reading takes."""
        next_second()
        minutes_after_an_edit(self._edited)

    def _expected(self) -> dict[Observer, TeamAccess]:
        found = {}
        for observer in self.observers.all:
            team = self.observers.team_of(observer)
            stage = next(name for name, account in team.stages.items() if account == observer.account)
            found[observer] = TeamAccess(self.states[team.name].letters(stage))
        return found

    def _sagemaker(self, profile: str, role: str | None = None) -> Any:
        return self.organization.client("sagemaker", profile, role)
