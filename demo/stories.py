"""Every story, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Mapping

from demo.card import telling as card
from demo.hub import telling as hub
from demo.imports import telling as imports
from demo.package import telling as package
from demo.telling import Teller

STORIES: Mapping[str, Teller] = {
    "card": card.tell,
    "package": package.tell,
    "hub": hub.tell,
    "import": imports.tell,
}
"""By the name that the command line takes. They are told in one organization, each going on from what it finds."""
