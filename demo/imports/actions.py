"""Who touches the versions and their weights, and what is expected then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.imports.checks import stands, their_statements_stay
from demo.imports.environment import ImportEnvironment, version
from demo.imports.host import Host
from demo.imports.observers import ImportObservers
from demo.imports.rules import GROUP, STAGE
from demo.judge.checks import asks_the_approvers, finds, tells
from demo.judge.expectations import approvers_for
from demo.judge.limits import within_limits
from demo.judge.runs import start
from demo.observers import Observer
from demo.package.expectations import Expectations, Expected, VersionState
from demo.package.group_card import GroupCard
from demo.package.registrars import registrar
from demo.people import APPROVER, OWNER, another_second
from demo.story import Check, Step
from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization

PENDING, APPROVED = "PendingManualApproval", "Approved"
_RISK = "Unknown"
"""That of a version without a card of its own."""


@dataclass(slots=True)
class Actions:
    """Each method makes a step, or does something in one; what is expected then comes from the rules and from what has
    been done so far. `judged`: whether the runs have to keep to the limits. `denied`: whether the other team denies the
    bucket to all other accounts, which keeps version 1 closed.
    """

    organization: Organization
    expectations: Expectations
    card: GroupCard
    environment: ImportEnvironment
    host: Host
    observers: ImportObservers
    judged: bool
    versions: dict[int, VersionState] = field(default_factory=dict)
    denied: bool = False
    calls: int = 0
    """How many calls had been made before the last manual run."""
    _last_set: float = 0.0

    @property
    def imported(self) -> bool:
        """Whether version 1 has to be a model now. No other version of the story can be imported."""
        found = self.versions.get(1)
        if found is None or found.status != APPROVED or self.denied or not self.card.lets(STAGE):
            return False
        return any(map(self.approves, found.setters))

    def approves(self, who: str) -> bool:
        """Whether the role of that ARN may let a version be imported."""
        return who in (approvers_for(self.expectations.gates, STAGE, _RISK) or ())

    def step(
        self,
        action: str,
        act: Callable[[], object],
        checks: Sequence[Check] = (),
        *,
        before: Callable[[], object] | None = None,
        column: str | None = None,
    ) -> Step:
        """Return a step after which exactly what is expected now has to hold."""
        expected = self.observers.expected(
            gets=() if self.denied else self._deployers(1),
            decrypts=[
                observer
                for number in self.versions
                if number != 1 or not self.denied
                for observer in self._deployers(number)
            ],
            imported=self.imported,
            denied=self.denied,
        )
        always = [
            stands(self.environment, self.host, imported=self.imported),
            their_statements_stay(self.environment, denied=self.denied),
            *([within_limits] if self.judged else []),
        ]
        return Step(action, act, expected, [*checks, *always], before, column)

    def makes_the_card(self, status: str) -> Step:
        """The owner makes the card that the versions follow."""
        self.card.is_made(status)
        return self.step(f"{OWNER} makes the model card {GROUP}, {status}", lambda: self.card.make(status))

    def sets_the_card(self, who: str, status: str, *, column: str | None = None) -> Step:
        """Somebody sets the card's status. Its versions follow."""
        self.card.is_set(who, status)
        wait = self.card.wait if who == APPROVER else None
        return self.step(
            f"{who} sets the card {status}", lambda: self.card.set(who, status), before=wait, column=column
        )

    def registers(self, number: int) -> Step:
        """Whoever may registers a version, for somebody to decide on."""
        who, register = self._registration(number)
        asked = [asks_the_approvers, tells(f"{APPROVED} opens {STAGE}, to import it")]
        checks = asked if PENDING in self.expectations.asks else []
        return self.step(f"{who} registers {_named(number)}, {PENDING}", register, checks)

    def sets(
        self,
        who: str,
        number: int,
        status: str,
        checks: Sequence[Check] = (),
        *,
        before: Callable[[], object] = lambda: None,
        action: str = "{who} sets {version} {status}",
        column: str,
    ) -> Step:
        """Somebody sets a status, an approver in another second than whoever set the one before. `before`: what has
        happened then, which `action` may tell of too.
        """
        self.versions[number].set_status(status, self.organization.profiles[who].arn)
        findings = self._expected(self.versions[number]).findings
        notified = [finds(findings, notified=True)] if findings else []
        sagemaker = self.organization.client("sagemaker", who)

        def act() -> None:
            self._last_set = clock.now()
            sagemaker.update_model_package(ModelPackageArn=version(number), ModelApprovalStatus=status)

        def first() -> None:
            before()
            if who == APPROVER:
                another_second(self._last_set)

        said = action.format(who=who, version=_named(number), status=status)
        return self.step(said, act, [*notified, *checks], before=first, column=column)

    def registers_and_sets(
        self, who: str, number: int, status: str, checks: Sequence[Check], *, what: str, column: str
    ) -> Step:
        """Whoever may registers a version of `what`, and somebody sets its status."""
        registrar_, register = self._registration(number)

        def registered() -> None:
            register()
            self.organization.settle()

        action = f"{registrar_} registers {{version}}, {what}, and {{who}} sets it {{status}}"
        return self.sets(who, number, status, checks, before=registered, action=action, column=column)

    def deletes(self, number: int, checks: Sequence[Check] = (), *, column: str | None) -> Step:
        """The owner deletes a version."""
        del self.versions[number]

        def act() -> None:
            self.organization.client("sagemaker", OWNER).delete_model_package(ModelPackageName=version(number))

        return self.step(f"{OWNER} deletes {_named(number)}", act, checks, column=column)

    def starts(self, number: int) -> None:
        """The owner starts a manual run."""
        self.calls = len(self.organization.calls)
        start(self.organization, version(number))

    def _registration(self, number: int) -> tuple[str, Callable[[], None]]:
        """Who registers a version, and how."""
        profile, role = registrar(self.organization, self.expectations.registrars(GROUP))
        account = self.organization.profiles[profile].account
        self.versions[number] = VersionState(_RISK, None)
        self.versions[number].set_status(PENDING, f"arn:{PARTITION}:iam::{account}:role/{role}")
        sagemaker = self.organization.client("sagemaker", profile, role)

        def register() -> None:
            self._last_set = clock.now()
            sagemaker.create_model_package(**self.environment.registration(number))

        return profile, register

    def _deployers(self, number: int) -> list[Observer]:
        """Who else may use a version's weights: the stages that deploy it with SageMaker."""
        found = self.versions.get(number)
        stages = self._expected(found).stages if found else frozenset()
        return [each for each in self.observers.all if self.expectations.may_deploy(stages, each.account, each.role)]

    def _expected(self, version: VersionState) -> Expected:
        """What is expected of the stages that deploy it with SageMaker."""
        has_card = self.card.state.status is not None
        return self.expectations.hold_for(version, self.card.opens, has_card=has_card)


def _named(number: int) -> str:
    return f"{GROUP}/{number}"
