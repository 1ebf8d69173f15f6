"""What every governance.toml says of stages and approvers, worked out without the product."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # TOML


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as the file names it."""

    name: str
    accounts: tuple[str, ...]
    roles: tuple[str, ...]
    fence: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One list of approvers."""

    stage: str
    risks: tuple[str, ...]
    principals: tuple[str, ...]


def document_of(settings: Path) -> dict[str, Any]:
    """Return the file's tables."""
    return tomllib.loads(settings.read_text())


def stages_in(document: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return the stages, in the file's order."""
    return tuple(
        Stage(stage["name"], tuple(stage["accounts"]), tuple(stage.get("roles", ())), stage.get("fence", "scp"))
        for stage in document["stages"]
    )


def gates_in(document: Mapping[str, Any]) -> tuple[Gate, ...]:
    """Return the lists of approvers, which are for every risk unless they say otherwise."""
    return tuple(
        Gate(gate["stage"], tuple(gate.get("risks", ("High", "Medium", "Low", "Unknown"))), tuple(gate["principals"]))
        for gate in document.get("approvers", ())
    )


def approvers_for(gates: Collection[Gate], stage: str, risk: str) -> frozenset[str] | None:
    """Return who may let a model of that risk into the stage, by ARN; None if the stage asks nobody."""
    here = [gate for gate in gates if gate.stage == stage]
    return frozenset(who for gate in here if risk in gate.risks for who in gate.principals) if here else None
