"""Every story, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.demo.card import telling as card
from sandbox.demo.hub import telling as hub
from sandbox.demo.imports import telling as imports
from sandbox.demo.package import telling as package
from sandbox.demo.telling import Teller

STORIES: Mapping[str, Teller] = {
    "card": card.tell,
    "package": package.tell,
    "hub": hub.tell,
    "import": imports.tell,
}
"""By the name that the command line takes. They are told in one organization, each going on from what it finds."""
