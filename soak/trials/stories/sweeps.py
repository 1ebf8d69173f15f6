"""A sweep that finds what no event has told of: one share too many and one too few, and a name that is gone."""

from __future__ import annotations

from soak.histories import judge
from soak.histories.cards import Card
from soak.histories.events import Fate, Kind
from soak.histories.world import World
from soak.trials.stories.cards import as_if_told
from soak.trials.stories.story import Story


class Sweep(Story):
    """One card was archived, one was made, and one was deleted, and nobody was told. A person starts a sweep."""

    name = "sweep"

    def __init__(self, world: World, subject: str = "tried") -> None:
        super().__init__(world, subject)
        self.archived, self.made, self.deleted = (
            Card(world, f"{subject}-{what}") for what in ("archived", "made", "deleted")
        )
        self.cards = self.archived, self.made, self.deleted

    @property
    def subject(self) -> str:
        """The card that was archived."""
        return self.archived.arn

    def prepare(self) -> None:
        """What happened, and whose events were lost."""
        for card in (self.archived, self.deleted):
            card.create("owner", "PendingReview", risk="Low", filled=True)
        self.rest_a_while()
        for card in self.cards:
            judge.card(self.world, card, judge.Counts())
            card.events.planned[Kind.CHANGE].append(Fate.LOST)
        self.archived.set("owner", "Archived")
        self.made.create("owner", "PendingReview", risk="Low", filled=True)
        self.deleted.delete("owner")
        self.rest_a_while()

    def act(self) -> None:
        """It begins."""
        self.world.start("SweepStateMachine", {})

    def wrong(self) -> str | None:
        """What is wrong of one of the cards."""
        for card in self.cards:
            if found := as_if_told(self.world, card):
                return found
        return None

    def next_run(self, *, by_person: bool) -> None:
        """What comes next is the next sweep that somebody starts, or the schedule."""
        self.world.sweep()
        del by_person


STORIES = (Sweep,)
