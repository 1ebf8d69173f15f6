"""Every story, in the order in which they are played."""

from __future__ import annotations

from collections.abc import Mapping

from demo.card import prepare as card
from demo.hub import prepare as hub
from demo.imports import prepare as imports
from demo.package import prepare as package
from demo.prepare import Prepare

STORIES: Mapping[str, Prepare] = {
    "card": card.prepare,
    "package": package.prepare,
    "hub": hub.prepare,
    "import": imports.prepare,
}
"""By the name that the command line takes. They are played in one organization, each going on from what it finds."""
