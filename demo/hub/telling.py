"""The hub's story, ready to be told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from demo.hub.hands import Hands
from demo.hub.observers import LEGEND, HubObservers
from demo.hub.plot import hub
from demo.promises import document_of, stages_in
from demo.telling import Telling, Untold

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def tell(organization: Organization, settings: Path, *, judged: bool) -> Telling | Untold:  # noqa: ARG001
    """Return the story of a hub and a guardrail that are added to the rules of `settings`. Its runs have no limits:
    they look at a whole hub, and a person starts them.
    """
    document = document_of(settings)
    if document.get("hubs") or document.get("guardrails"):
        return Untold(f"{settings.name} has [[hubs]] or [[guardrails]] already, and the story adds the first ones")
    if "id" not in document.get("organization", {}):
        return Untold(f"{settings.name} has no organization, whose policy would be the story's guardrail")
    stage = stages_in(document)[0]
    observers = HubObservers(organization, settings)
    opening = (
        f"  The rules get a private hub for {stage.name}, and a guardrail that denies {stage.name} the public one.",
        *LEGEND,
    )
    return Telling("hub", "hubs", observers, hub(Hands(organization, settings, stage, observers)), opening, LEGEND)
