"""governance.toml as the oracle reads it, with the defaults that docs/rules.md documents."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RISKS = ("High", "Medium", "Low", "Unknown")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: its accounts, and the names of the roles that use models there."""

    name: str
    accounts: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Approvers:
    """Who may let subjects of some risks into a stage."""

    stage: str
    principals: frozenset[str]
    risks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Allowed:
    """A rule of a hub: names of models, perhaps with `*`, and the version from which on they are let in."""

    models: tuple[str, ...]
    minimum: str | None


@dataclass(frozen=True, slots=True)
class Hub:
    """A private hub. `shares`: stage -> what it may do with it."""

    name: str
    allow: tuple[Allowed, ...]
    keep_out: tuple[str, ...]
    shares: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Guardrail:
    """What some roles may not invoke: patterns of Bedrock's models. Roles of a domain aren't among them."""

    roles: tuple[str, ...]
    denied: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force. `card_opens`: status -> stage -> whether it may write; `package_opens`: status -> stages.

    `registering`: stage -> the names of groups where its roles register versions, or the starts of names and a *.
    """

    paused: bool
    stages: tuple[Stage, ...]
    approvers: tuple[Approvers, ...]
    card_opens: Mapping[str, Mapping[str, bool]]
    card_asks: frozenset[str]
    required_sections: frozenset[str]
    four_eyes: bool
    edit_closes: bool
    package_opens: Mapping[str, frozenset[str]]
    package_asks: frozenset[str]
    package_four_eyes: bool
    change_closes: bool
    registering: Mapping[str, tuple[str, ...]]
    close_after_blind_sweeps: int = 3
    hubs: tuple[Hub, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    imports: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Stages, each with the names of groups whose approved packages become models of Bedrock there."""

    def stage(self, name: str) -> Stage:
        """The stage of that name."""
        return next(stage for stage in self.stages if stage.name == name)

    def package_stages(self, group: str, status: str) -> frozenset[str]:
        """The stages that may deploy a group's packages of that status, or where they are imported."""
        imported = {stage for stage, groups in self.imports if any(fits(each, group) for each in groups)}
        return self.package_opens[status] | (imported if status == "Approved" else set())

    def is_gated(self, stage: str) -> bool:
        """Whether somebody has to approve what opens for the stage: without approvers, it opens by status alone."""
        return any(entry.stage == stage for entry in self.approvers)

    def principals(self, stage: str, risk: str) -> frozenset[str]:
        """Who may let a subject of that risk into the stage."""
        return frozenset(
            principal
            for entry in self.approvers
            if entry.stage == stage and risk in entry.risks
            for principal in entry.principals
        )


def fits(pattern: str, name: str) -> bool:
    """A pattern is a whole name, or the start of one and a *."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def read(path: Path) -> Rules:
    """The rules of a file."""
    document = tomllib.loads(path.read_text())
    cards: dict[str, Any] = document["cards"]
    packages: dict[str, Any] = document.get("packages", {"status": {}})
    return Rules(
        paused=document.get("paused", False),
        stages=tuple(Stage(s["name"], tuple(s["accounts"]), tuple(s.get("roles", ()))) for s in document["stages"]),
        approvers=tuple(
            Approvers(entry["stage"], frozenset(entry["principals"]), frozenset(entry.get("risks", RISKS)))
            for entry in document.get("approvers", ())
        ),
        card_opens={
            status: {opened["stage"]: opened.get("write", False) for opened in rule.get("opens", ())}
            for status, rule in cards["status"].items()
        },
        card_asks=frozenset(status for status, rule in cards["status"].items() if rule.get("ask_approvers")),
        required_sections=frozenset(cards.get("required_sections", ())),
        four_eyes=cards.get("four_eyes", False),
        edit_closes=cards.get("after_edit", "close") == "close",
        package_opens={status: frozenset(rule.get("opens", ())) for status, rule in packages["status"].items()},
        package_asks=frozenset(status for status, rule in packages["status"].items() if rule.get("ask_approvers")),
        package_four_eyes=packages.get("four_eyes", False),
        change_closes=packages.get("after_change", "close") == "close",
        registering={
            stage["name"]: tuple(
                group
                for each in document.get("registrations", ())
                if each["stage"] == stage["name"]
                for group in each["groups"]
            )
            for stage in document["stages"]
        },
        hubs=tuple(_hub(entry) for entry in document.get("hubs", ())),
        guardrails=tuple(
            Guardrail(tuple(entry.get("roles", ())), tuple(entry["bedrock"]["deny"]))
            for entry in document.get("guardrails", ())
        ),
        imports=tuple((entry["stage"], tuple(entry["groups"])) for entry in document.get("imports", ())),
        close_after_blind_sweeps=document.get("sweep", {}).get("close_after_blind_sweeps", 3),
    )


def _hub(entry: dict[str, Any]) -> Hub:
    def named(rule: dict[str, Any]) -> tuple[str, ...]:
        return (*rule.get("ids", ()), *rule.get("names", ()))

    return Hub(
        entry["name"],
        tuple(Allowed(named(rule), rule.get("minimum")) for rule in entry.get("allow", ())),
        tuple(name for rule in entry.get("keep_out", ()) for name in named(rule)),
        {share["stage"]: share.get("access", "use") for share in entry.get("shares", ())},
    )
