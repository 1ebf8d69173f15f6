"""The steps that are tried, by subject: how the world is brought up to one, what is done in it, and what must be so."""

from soak.trials.stories import cards, guardrails, hubs, imports, packages, sweeps
from soak.trials.stories.story import Story

STORIES: tuple[type[Story], ...] = (
    *cards.STORIES,
    *packages.STORIES,
    *hubs.STORIES,
    *guardrails.STORIES,
    *imports.STORIES,
    *sweeps.STORIES,
)
