"""Looking from the consumers' accounts: who looks, and what each role is let do, found out by doing it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Protocol

from sandbox.stagegate import members


@dataclass(frozen=True, slots=True, order=True)
class Observer:
    """A role in a consumer account; `stages` names the stages that the account serves."""

    order: int
    stages: str
    account: str
    role: str
    profile: str


class Access(Protocol):
    """What a role's own calls found. Equal to another one if the same calls succeed."""

    @property
    def calls(self) -> frozenset[str]:
        """The calls that succeed, each as a verb."""

    @property
    def style(self) -> tuple[str, ...]:
        """How a terminal shows it."""

    def __str__(self) -> str:
        """Short, as the matrix shows it."""


Table = Mapping[Observer, Access]


class Observers(ABC):
    """Every role that works in an account of a stage, looking at what a story is about."""

    def __init__(self, settings: Path) -> None:
        self.all = _consumers(settings)

    @abstractmethod
    def look(self, observer: Observer) -> Access:
        """Return what the role is let do now."""

    def look_around(self) -> Table:
        """Return what every role is let do now."""
        return {observer: self.look(observer) for observer in self.all}


def _consumers(settings: Path) -> list[Observer]:
    found = members.read(settings)
    profiles = {role.account: name for name, role in reversed(found.profiles.items())}
    stages: dict[str, list[str]] = {}
    for name, account in found.accounts.items():
        if account in found.stage_accounts:
            stages.setdefault(account, []).append(name)
    ordered = list(stages)
    return sorted(
        Observer(ordered.index(role.account), "+".join(stages[role.account]), role.account, role.name, profile)
        for role in found.roles
        if role.account in stages and role.kind in ("user", "administrator")
        for profile in [profiles[role.account]]
    )


def describe(table: Table) -> str:
    """Return a table as one line: the accounts, and their roles only where these differ."""
    words = []
    for _, group in groupby(sorted(table), key=lambda observer: observer.order):
        here = list(group)
        stages = here[0].stages
        if len({table[observer] for observer in here}) == 1:
            words.append(f"{stages} {table[here[0]]}")
        else:
            words.append(f"{stages} ({', '.join(f'{observer.role} {table[observer]}' for observer in here)})")
    return "  ".join(words)
