"""Every story, in the order in which they are played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.card import prepare as card
from demo.hub import prepare as hub
from demo.imports import prepare as imports
from demo.package import prepare as package
from demo.prepare import Prepare
from demo.team import prepare as team

STORIES: Mapping[str, Prepare] = {
    "card": card.prepare,
    "package": package.prepare,
    "hub": hub.prepare,
    "import": imports.prepare,
}
"""By the name that the command line takes. They are played in one organization, each going on from what it finds."""


@dataclass(frozen=True, slots=True)
class OwnRules:
    """A story that is played by rules of its own, whatever others are played by."""

    settings: Path
    prepare: Prepare


WITH_OWN_RULES: Mapping[str, OwnRules] = {"team": OwnRules(team.RULES, team.prepare)}
"""Played after those above, each in an organization of its own."""
