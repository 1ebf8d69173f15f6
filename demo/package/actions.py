"""The people of the story: what each of them does to a version, and what is expected then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo.judge.checks import asks_the_approvers, finds, runs
from demo.judge.limits import within_limits
from demo.observers import Table
from demo.package import others
from demo.package.checks import Traces, opens_on
from demo.package.expectations import Expectations, Expected, VersionState
from demo.package.group_card import GroupCard
from demo.package.observers import PackageObservers
from demo.package.pipeline import Pipeline
from demo.package.registrars import registrar
from demo.package.registry import GROUP, Registry, card
from demo.people import APPROVER, OWNER, another_second
from demo.story import Aftermath, Check, Finding, Step
from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

PENDING, APPROVED = "PendingManualApproval", "Approved"


@dataclass(slots=True)
class Actions:
    """Everybody who touches a version. Each method makes the step in which somebody does something; the expectation
    comes from governance.toml and from what has been done so far, and from nowhere else. `judged`: whether the runs
    have to keep to the limits. `pipeline`: what deploys by itself in prod, None where nothing does.
    """

    organization: Organization
    expectations: Expectations
    registry: Registry
    card: GroupCard
    observers: PackageObservers
    judged: bool
    traces: Traces
    pipeline: Pipeline | None = None
    versions: dict[int, VersionState] = field(default_factory=dict)
    _last_set: float = 0.0

    @property
    def expected(self) -> dict[int, Expected]:
        """What is expected for each version that is there."""
        return {number: self._expected(version) for number, version in self.versions.items()}

    def surfaces(self, number: int) -> set[str]:
        """Return the surfaces on which a version has to be open: for accounts that what is there isn't of."""
        return {surface for version, surface, _ in self._open_to() if version == number}

    def registrar(self) -> tuple[str, str]:
        """Return who registers, as (profile, role): a training account's role, or the owner where there is none, or
        where a version has to say its lifecycle, which only the owner's account may.
        """
        return registrar(self.organization, () if self.registry.lifecycle else self.expectations.registrars(GROUP))

    def makes_the_group(self) -> Step:
        """The owner makes the group, and another team has a statement in its policy at once."""

        def act() -> None:
            self._sagemaker(OWNER).create_model_package_group(ModelPackageGroupName=GROUP)
            others.take_part(self.registry, "group")

        return self.step(f"{OWNER} makes the group {GROUP}", act, [others.stay(self.registry)])

    def may_not_register_approved(self, number: int) -> Step:
        """A training account tries to register a version that is Approved already."""
        profile, role = self.registrar()
        refused: list[str] = []

        def act() -> None:
            request = {**self.registry.registration(number), "ModelApprovalStatus": "Approved"}
            try:
                self.organization.client("sagemaker", profile, role).create_model_package(**request)
            except ClientError as error:
                refused.append(error.response["Error"]["Code"])

        def is_refused(_: Aftermath) -> Finding:
            ok = refused == ["AccessDeniedException"]
            return Finding("refused", f"refused: {refused[0]}" if refused else "it was let", ok=ok)

        return self.step(f"{profile} tries to register {_named(number)} as Approved", act, [is_refused, runs(0, 0)])

    def makes_the_card(self, status: str) -> Step:
        """The owner makes the card that the versions follow."""
        self.card.is_made(status)
        action = f"{OWNER} makes the model card {GROUP}, {status}"
        return self.step(action, lambda: self.card.make(status), [*self._opened(frozenset()), *self._emptied()])

    def sets_the_card(self, who: str, status: str, *, column: str | None = None) -> Step:
        """Somebody sets the card's status. Its versions follow."""
        before = self._open_to()
        self.card.is_set(who, status)
        wait = self.card.wait if who == APPROVER else None
        checks = [*self._opened(before), *self._emptied()]
        action = f"{who} sets the card {status}"
        return self.step(action, lambda: self.card.set(who, status), checks, before=wait, column=column)

    def registers(self, number: int, *, column: str | None = None, also: Sequence[Check] = ()) -> Step:
        """Whoever may registers a version, for somebody to decide on."""
        profile, role = self.registrar()
        risk = card()["intended_uses"]["risk_rating"]
        self.versions[number] = VersionState(risk, self.registry.lifecycle)
        account = self.organization.profiles[profile].account
        before = self._open_to()
        self.versions[number].set_status(PENDING, f"arn:{PARTITION}:iam::{account}:role/{role}")
        checks = [*self._told(number, PENDING, news=True), *self._opened(before), *also]

        def act() -> None:
            self._last_set = clock.now()
            self.organization.client("sagemaker", profile, role).create_model_package(
                **self.registry.registration(number)
            )

        return self.step(f"{profile} registers {_named(number)}, {PENDING}", act, checks, column=column)

    def sets(
        self, who: str, number: int, status: str, *, column: str | None = None, also: Sequence[Check] = ()
    ) -> Step:
        """Somebody sets a status. An approver does in another second than whoever set the one before."""
        news = status != self.versions[number].status
        before = self._open_to()
        self.versions[number].set_status(status, self._role(who))
        checks = [*self._told(number, status, news=news), *self._opened(before), *self._emptied(), *also]

        def act() -> None:
            self._last_set = clock.now()
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

    def deletes(self, number: int, also: Sequence[Check], *, column: str | None) -> Step:
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
        """Return a step after which exactly what is expected for the versions' present states has to hold."""
        follows = [self.pipeline.follows(self._deployable(self.pipeline))] if self.pipeline else []
        every_check = [*checks, *follows, *([within_limits] if self.judged else [])]
        return Step(action, act, self.expected_access(), every_check, before, column)

    def expected_access(self, *, without_bucket: bool = False) -> Table:
        """Return what every observer is expected now."""
        return self.observers.expected(self.expectations, self.expected, without_bucket=without_bucket)

    def _expected(self, version: VersionState) -> Expected:
        has_card = self.card.state.status is not None
        return self.expectations.hold_for(version, self.card.opens, has_card=has_card)

    def _deployable(self, pipeline: Pipeline) -> set[int]:
        """The versions that the pipeline's role may deploy: SageMaker deploys none that isn't Approved."""
        may = self.expectations.may_deploy
        return {
            number
            for number, found in self.expected.items()
            if may(found.stages, pipeline.account, pipeline.role) and self.versions[number].status == APPROVED
        }

    def _open_to(self) -> frozenset[tuple[int, str, str]]:
        """Where versions have to be open: each with the surface, and an account that what is there isn't of."""
        return frozenset(
            (number, surface, account)
            for number, found in self.expected.items()
            for surface, home in self.registry.homes.items()
            for account in self.expectations.accounts(found.stages) - {home}
        )

    def _opened(self, before: Collection[tuple[int, str, str]]) -> list[Check]:
        opened = {surface for _, surface, _ in self._open_to().difference(before)}
        return [opens_on(opened)] if opened else []

    def _told(self, number: int, status: str, *, news: bool) -> list[Check]:
        findings = self._expected(self.versions[number]).findings
        return [
            *([asks_the_approvers] if news and status in self.expectations.asks else []),
            *([finds(findings, notified=news)] if findings else []),
        ]

    def _emptied(self) -> list[Check]:
        """Once nothing is expected to anybody any more, nothing may be left of what was."""
        return [] if any(found.stages for found in self.expected.values()) else [self.traces.nothing_is_left]

    def _role(self, profile: str) -> str:
        return self.organization.profiles[profile].arn

    def _sagemaker(self, profile: str) -> Any:
        return self.organization.client("sagemaker", profile)


def _named(number: int) -> str:
    return f"{GROUP}/{number}"
