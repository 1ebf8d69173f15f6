"""The people of the story: what each of them does to a version, and what is promised then."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.demo.checks import asks_the_approvers, finds
from sandbox.demo.limits import within_limits
from sandbox.demo.observers import Table
from sandbox.demo.package.checks import nothing_is_left, opens_on
from sandbox.demo.package.observers import PackageObservers
from sandbox.demo.package.promises import Promised, Promises, VersionState
from sandbox.demo.package.registry import GROUP, Registry, card
from sandbox.demo.people import APPROVER, OWNER, another_second
from sandbox.demo.story import Check, Step

if TYPE_CHECKING:
    from sandbox.organization import Organization

PENDING = "PendingManualApproval"


@dataclass(slots=True)
class Hands:
    """Everybody who touches a version. Each method makes the step in which somebody does something; the expectation
    comes from governance.toml and from what has been done so far, and from nowhere else. `judged`: whether the runs
    have to keep to the limits.
    """

    organization: Organization
    promises: Promises
    registry: Registry
    observers: PackageObservers
    judged: bool
    versions: dict[int, VersionState] = field(default_factory=dict)
    _last_set: float = 0.0

    @property
    def promised(self) -> dict[int, Promised]:
        """What is promised for each version that is there."""
        return {number: self.promises.hold_for(version) for number, version in self.versions.items()}

    def surfaces(self, number: int) -> set[str]:
        """Return the surfaces on which a version has to be open: for accounts that what is there isn't of."""
        stages = self.promises.hold_for(self.versions[number]).stages
        accounts = self.promises.accounts(stages)
        return {surface for surface, home in self.registry.homes.items() if accounts - {home}}

    def registers(self, number: int, *, column: str | None = None, also: Sequence[Check] = ()) -> Step:
        """The owner registers a version, for somebody to decide on."""
        risk = card()["intended_uses"]["risk_rating"]
        self.versions[number] = VersionState(risk, self.registry.lifecycle)
        self.versions[number].set_status(PENDING, self._role(OWNER))
        checks = [*self._told(number, PENDING, news=True), *also]

        def act() -> None:
            self._last_set = time.time()
            self._sagemaker(OWNER).create_model_package(**self.registry.registration(number))

        return self.step(f"{OWNER} registers {_named(number)}, {PENDING}", act, checks, column=column)

    def sets(
        self, who: str, number: int, status: str, *, column: str | None = None, also: Sequence[Check] = ()
    ) -> Step:
        """Somebody sets a status. An approver does in another second than whoever set the one before."""
        news = status != self.versions[number].status
        before = self.surfaces(number)
        self.versions[number].set_status(status, self._role(who))
        opened = self.surfaces(number) - before
        checks = [
            *self._told(number, status, news=news),
            *([opens_on(opened)] if opened else []),
            *self._emptied(),
            *also,
        ]

        def act() -> None:
            self._last_set = time.time()
            self._sagemaker(who).update_model_package(
                ModelPackageArn=self.registry.version(number), ModelApprovalStatus=status
            )

        def before_act() -> None:
            another_second(self._last_set)

        action = f"{who} sets {_named(number)} {status}{'' if news else ' again'}"
        return self.step(action, act, checks, before=before_act if who == APPROVER else None, column=column)

    def annotates(self, number: int, also: Sequence[Check]) -> Step:
        """The owner edits a version's metadata, which is nothing that anybody has approved."""

        def act() -> None:
            self._sagemaker(OWNER).update_model_package(
                ModelPackageArn=self.registry.version(number), CustomerMetadataProperties={"reviewed": "2026-03"}
            )

        return self.step(f"{OWNER} edits the metadata of {_named(number)}", act, also)

    def deletes(self, number: int, also: Sequence[Check], *, column: str) -> Step:
        """The owner deletes a version."""
        del self.versions[number]

        def act() -> None:
            self._sagemaker(OWNER).delete_model_package(ModelPackageName=self.registry.version(number))

        return self.step(f"{OWNER} deletes {_named(number)}", act, [*self._emptied(), *also], column=column)

    def step(
        self,
        action: str,
        act: Callable[[], object],
        checks: Sequence[Check] = (),
        *,
        before: Callable[[], object] | None = None,
        column: str | None = None,
    ) -> Step:
        """Return a step after which exactly what is promised for the versions' present states has to hold."""
        return Step(action, act, self.expected(), [*checks, *([within_limits] if self.judged else [])], before, column)

    def expected(self, *, without_bucket: bool = False) -> Table:
        """Return what every observer is promised now."""
        return self.observers.expected(self.promises, self.promised, without_bucket=without_bucket)

    def _told(self, number: int, status: str, *, news: bool) -> list[Check]:
        findings = self.promises.hold_for(self.versions[number]).findings
        return [
            *([asks_the_approvers] if news and status in self.promises.asks else []),
            *([finds(findings, told=news)] if findings else []),
        ]

    def _emptied(self) -> list[Check]:
        """Once nothing is promised to anybody any more, nothing may be left of what was."""
        return [] if any(found.stages for found in self.promised.values()) else [nothing_is_left(self.registry)]

    def _role(self, profile: str) -> str:
        return self.organization.profiles[profile].arn

    def _sagemaker(self, profile: str) -> Any:
        return self.organization.client("sagemaker", profile)


def _named(number: int) -> str:
    return f"{GROUP}/{number}"
