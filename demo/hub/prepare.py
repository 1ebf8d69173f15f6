"""The hub's story, made ready to be played."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from demo.hub.actions import Actions
from demo.hub.observers import LEGEND, HubObservers
from demo.hub.scenario import hub
from demo.judge.expectations import document_of, stages_in
from demo.prepare import PreparedStory, Skipped

if TYPE_CHECKING:
    from sandbox.stagegate.organization import Organization


def prepare(organization: Organization, settings: Path, *, judged: bool) -> PreparedStory | Skipped:  # noqa: ARG001
    """Return the story of a hub and a guardrail that are added to the rules of `settings`. Its runs have no limits:
    they look at a whole hub, and a person starts them.
    """
    document = document_of(settings)
    if document.get("hubs") or document.get("guardrails"):
        return Skipped(f"{settings.name} has [[hubs]] or [[guardrails]] already, and the story adds the first ones")
    if "id" not in document.get("organization", {}):
        return Skipped(f"{settings.name} has no organization, whose policy would be the story's guardrail")
    stage = stages_in(document)[0]
    observers = HubObservers(organization, settings)
    opening = (
        f"  The rules get a private hub for {stage.name}, and a guardrail that denies {stage.name} the public one.",
        *LEGEND,
    )
    return PreparedStory(
        "hub", "hubs", observers, hub(Actions(organization, settings, stage, observers)), opening, LEGEND
    )
