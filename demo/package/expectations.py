"""What a governance.toml lets be expected of packages, worked out without the product, which is held to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any  # TOML

from demo.judge.expectations import Gate, Stage, approvers_for, document_of, gates_in, stages_in


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where artifacts lie. `name` may end in `*`; `whole_group` opens the folder that is called as the group."""

    name: str
    account: str
    key: str | None
    whole_group: bool


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The ModelLifeCycle that one stage asks for."""

    stage: str
    wanted: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Registration:
    """Who registers in which groups, whose names may end in `*`."""

    stage: str
    groups: tuple[str, ...]
    roles: tuple[str, ...]

    def fits(self, group: str) -> bool:
        """Whether it is about a group of that name."""
        return any(group.startswith(each[:-1]) if each.endswith("*") else each == group for each in self.groups)


@dataclass(slots=True)
class VersionState:
    """What the story itself has done to one version so far. `setters` are those who have set the present status since
    the version came into it, as role ARNs. Without a status the version isn't there.
    """

    risk: str
    lifecycle: tuple[str, str] | None
    status: str | None = None
    setters: list[str] = field(default_factory=list)

    def set_status(self, status: str, by: str) -> None:
        """Somebody has set a status, which may be the one that it has."""
        if status != self.status:
            self.setters.clear()
        self.status = status
        self.setters.append(by)


@dataclass(frozen=True, slots=True)
class Expected:
    """What must hold now for one version: the stages that may deploy it, and the findings that say why others don't."""

    stages: frozenset[str] = frozenset()
    findings: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expectations:
    """The file, as far as the story needs it."""

    stages: tuple[Stage, ...]
    gates: tuple[Gate, ...]
    opens: Mapping[str, tuple[str, ...]]
    asks: frozenset[str]
    to_accounts: bool
    lifecycle: tuple[Lifecycle, ...]
    buckets: tuple[Bucket, ...]
    registrations: tuple[Registration, ...]
    card: str

    def hold_for(
        self, version: VersionState, by_card: Collection[str] | None = None, *, has_card: bool = True
    ) -> Expected:
        """Return what is expected for a version to which that has been done. `by_card`: the stages that its card opens
        for it, None where no card has a say; `has_card`: whether there is one.
        """
        stages: set[str] = set()
        findings: set[str] = set()
        for stage in self.opens.get(version.status or "", ()):
            found = self._blocker(version, stage)
            if found is None and by_card is not None and stage not in by_card:
                found = "CardClosed" if has_card else "CardMissing"
            if found is None:
                stages.add(stage)
            else:
                findings.add(found)
        return Expected(frozenset(stages), frozenset(findings))

    def accounts(self, stages: Collection[str]) -> frozenset[str]:
        """Return the accounts of these stages."""
        return frozenset(account for stage in self.stages if stage.name in stages for account in stage.accounts)

    def may_deploy(self, stages: Collection[str], account: str, role: str) -> bool:
        """Whether that role, which its own policies would let, may deploy what is open for these stages."""
        here = [stage for stage in self.stages if stage.name in stages and account in stage.accounts]
        return bool(here) and (self.to_accounts or any(role in stage.roles for stage in here))

    def registrars(self, group: str) -> tuple[tuple[str, str], ...]:
        """Return who may register in a group from another account, as (account, role)."""
        return tuple(
            (account, role)
            for registration in self.registrations
            if registration.fits(group)
            for stage in self.stages
            if stage.name == registration.stage
            for account in stage.accounts
            for role in registration.roles or stage.roles
        )

    def _blocker(self, version: VersionState, stage: str) -> str | None:
        asked = [rule.wanted for rule in self.lifecycle if rule.stage == stage]
        if asked and version.lifecycle not in asked:
            return "OutsideLifecycle"
        approvers = approvers_for(self.gates, stage, version.risk)
        if approvers is None:
            return None
        if not approvers:
            return "NoApprover"
        return None if approvers & set(version.setters) else "NotAnApprover"


def read(settings: Path) -> Expectations | None:
    """Return what is to be expected of a governance.toml, with the defaults that its comments document; None if it has
    no rules for packages.
    """
    document = document_of(settings)
    packages: dict[str, Any] | None = document.get("packages")
    if packages is None:
        return None
    statuses: dict[str, Any] = packages["status"]
    return Expectations(
        stages=stages_in(document),
        gates=gates_in(document),
        opens={status: tuple(rule["opens"]) for status, rule in statuses.items()},
        asks=frozenset(status for status, rule in statuses.items() if rule.get("ask_approvers", False)),
        to_accounts=packages.get("principals", "roles") == "account",
        lifecycle=tuple(
            Lifecycle(rule["stage"], (rule["lifecycle_stage"], rule["lifecycle_status"]))
            for rule in packages.get("lifecycle", ())
        ),
        buckets=tuple(
            Bucket(each["name"], each["account"], each.get("key"), each.get("scope", "exact") == "group")
            for each in document.get("buckets", ())
        ),
        registrations=tuple(
            Registration(each["stage"], tuple(each["groups"]), tuple(each.get("roles", ())))
            for each in document.get("registrations", ())
        ),
        card=packages.get("card", "ignored"),
    )
