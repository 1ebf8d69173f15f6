"""Who must be let at which model, where audiences divide the models and packages follow cards (decisions 27 and 28).

It reads governance.toml by itself. Everybody has been asked about everything, and all news has arrived: what remains is
who may be let in by whom.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from soak.oracle.rules import fits


@dataclass(frozen=True, slots=True)
class CardFacts:
    """A card: its name, its status, which role set that (an ARN), and the packages that its content names (ARNs)."""

    name: str
    status: str
    by: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """A version: its ARN, its group, its status and which role set that, and where its data lie."""

    arn: str
    group: str
    status: str
    by: str
    bucket: str
    folder: str
    repository: str


@dataclass(frozen=True)
class Teams:
    """governance.toml, and all models of `owner`."""

    text: str
    owner: str
    cards: tuple[CardFacts, ...]
    packages: tuple[PackageFacts, ...]
    before: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By package and stage, the card by which it was open before."""

    @cached_property
    def rules(self) -> Mapping[str, Any]:
        """The tables of the file."""
        return tomllib.loads(self.text)

    @cached_property
    def by_name(self) -> Mapping[str, CardFacts]:
        """The cards."""
        return {card.name: card for card in self.cards}

    @cached_property
    def _naming(self) -> Mapping[str, list[CardFacts]]:
        found: dict[str, list[CardFacts]] = {}
        for card in self.cards:
            for arn in card.names:
                found.setdefault(arn, []).append(card)
        return found

    def audience(self, kind: str, name: str) -> str | None:
        """The first audience that selects the model; None for nobody."""
        for each in self.rules["audiences"]:
            patterns = each.get(kind, ())
            if not any(key in each for key in ("cards", "groups", "hubs")):
                patterns = ["*"]
            if self.owner in each.get("owners", [self.owner]) and any(fits(pattern, name) for pattern in patterns):
                return str(each["name"])
        return None

    def whom(self, audience: str | None, stage: str) -> tuple[frozenset[str], frozenset[str]]:
        """The accounts that the audience has as that stage, and the names of the roles that use models there."""
        if audience is None:
            return frozenset(), frozenset()
        says = next(each for each in self.rules["stages"] if each["name"] == stage)
        theirs = next(each for each in self.rules["audiences"] if each["name"] == audience)
        own: Mapping[str, Any] = next((each for each in theirs.get("stages", ()) if each["stage"] == stage), {})
        accounts = own.get("accounts", says.get("accounts", ()))
        return frozenset(accounts), frozenset(own.get("roles") or says["roles"])

    def everywhere(self, audience: str | None) -> frozenset[str]:
        """All accounts that the audience has."""
        stages = [each["name"] for each in self.rules["stages"]]
        return frozenset(account for stage in stages for account in self.whom(audience, stage)[0])

    def card_opens(self, card: CardFacts) -> dict[str, bool]:
        """The stages that it opens, each with whether that may write."""
        audience = self.audience("cards", card.name)
        return {
            access["stage"]: access.get("write", False)
            for access in self.rules["cards"]["status"][card.status]["opens"]
            if self.whom(audience, access["stage"])[0] and self._is_let_in(audience, access["stage"], card.by)
        }

    def package_opens(self, package: PackageFacts) -> dict[str, str]:
        """The stages that it opens, each with the card that it follows there."""
        audience = self.audience("groups", package.group)
        bucket = next(each for each in self.rules["buckets"] if each["name"] == package.bucket)
        if audience is None or bucket.get("audience", audience) != audience:
            return {}
        found = {}
        for stage in self.rules["packages"]["status"][package.status]["opens"]:
            if not self.whom(audience, stage)[0] or not self._is_let_in(audience, stage, package.by):
                continue
            card = self._card_of(package, stage)
            if card is not None and stage in self.card_opens(card):
                found[stage] = card.name
        return found

    def speaking(self, package: PackageFacts) -> list[CardFacts]:
        """The cards that are about it, whoever they are for: that name it, or are called as its group and name none."""
        namesake = self.by_name.get(package.group)
        named = self._naming.get(package.arn, [])
        return [*named, *([namesake] if namesake is not None and not namesake.names else [])]

    def _card_of(self, package: PackageFacts, stage: str) -> CardFacts | None:
        """The card that alone speaks for it. Of several, the one by which it was open before.

        A card of another audience speaks for no package of this one, so that it neither opens nor closes any.
        """
        audience = self.audience("groups", package.group)
        speaking = [card for card in self.speaking(package) if self.audience("cards", card.name) == audience]
        before = self.before.get(package.arn, {}).get(stage)
        if len(speaking) == 1:
            return speaking[0]
        return next((card for card in speaking if card.name == before), None)

    def _is_let_in(self, audience: str | None, stage: str, by: str) -> bool:
        """Whether the role may let a model of the audience into the stage; anybody may, where it asks nobody."""
        entries = [each for each in self.rules["approvers"] if each["stage"] == stage]
        theirs = [each for each in entries if each.get("audience") == audience]
        found = theirs or [each for each in entries if "audience" not in each]
        return not entries or any(by in each["principals"] for each in found)


@dataclass(frozen=True)
class Access:
    """Who must be let at what. `cards` has by name the accounts that see the card, each with whether it may write it;
    `packages` by ARN the roles (account, name) that deploy it. `theirs` has, for both, all accounts of whom it is for.
    """

    cards: Mapping[str, Mapping[str, bool]]
    packages: Mapping[str, frozenset[tuple[str, str]]]
    theirs: Mapping[str, frozenset[str]]
    followed: Mapping[str, Mapping[str, str]]
    """By package and stage, the card by which it is open."""


def access(teams: Teams) -> Access:
    """What must be so for every model."""
    cards: dict[str, dict[str, bool]] = {}
    for card in teams.cards:
        sees = cards.setdefault(card.name, {})
        audience = teams.audience("cards", card.name)
        for stage, may_write in teams.card_opens(card).items():
            for account in teams.whom(audience, stage)[0]:
                sees[account] = sees.get(account, False) or may_write
    followed = {package.arn: teams.package_opens(package) for package in teams.packages}
    packages = {package.arn: frozenset(_roles(teams, package, followed[package.arn])) for package in teams.packages}
    theirs = {card.name: teams.everywhere(teams.audience("cards", card.name)) for card in teams.cards}
    theirs |= {each.arn: teams.everywhere(teams.audience("groups", each.group)) for each in teams.packages}
    return Access(cards, packages, theirs, followed)


def _roles(teams: Teams, package: PackageFacts, stages: Iterable[str]) -> Iterable[tuple[str, str]]:
    audience = teams.audience("groups", package.group)
    for stage in stages:
        accounts, names = teams.whom(audience, stage)
        yield from ((account, name) for account in accounts for name in names)
