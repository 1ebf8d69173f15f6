"""The story of a model card: from its draft to production and back, with everything that comes in between.

It is written for any governance.toml: who may do what, and what has to be open then, is asked of the file.
"""

from __future__ import annotations

from demo.card import incidents
from demo.card.hands import Hands
from demo.checks import asks_the_approvers
from demo.people import APPROVER, OWNER
from demo.story import Check, Story

DRAFT, PENDING, APPROVED, ARCHIVED = "Draft", "PendingReview", "Approved", "Archived"


def card(hands: Hands) -> Story:
    """Yield the steps of the whole story."""
    yield from _to_production(hands)
    yield from _edits(hands)
    yield from _by_hand(hands)
    yield from _and_back(hands)


def _to_production(hands: Hands) -> Story:
    yield hands.creates(DRAFT)
    filled_in = hands.fills_in(hands.writer(), "fills in the card")
    yield filled_in
    yield hands.sets(hands.writer(), PENDING, column=PENDING, also=_asked(hands, PENDING))
    yield hands.sets(hands.writer(), APPROVED, column=f"{APPROVED} by no approver")
    yield hands.sets(APPROVER, APPROVED, column=f"{APPROVED} by an approver")
    yield incidents.duplicates(hands)


def _edits(hands: Hands) -> Story:
    """Every edit voids the approval; nobody approves what they wrote themselves."""
    yield hands.fills_in(hands.writer(), "edits the content after the approval")
    yield hands.sets(APPROVER, APPROVED, told=False)
    yield hands.fills_in(APPROVER, "edits the content")
    yield hands.sets(APPROVER, APPROVED, told=False)
    yield hands.fills_in(hands.writer(), "edits the content once more")
    yield hands.sets(APPROVER, APPROVED, told=False)


def _by_hand(hands: Hands) -> Story:
    stage = incidents.stage_to_close(hands)
    yield incidents.behind_its_back(hands, stage)
    yield incidents.dry_run(hands, stage)
    yield incidents.by_hand(hands)
    yield incidents.burst(hands)


def _and_back(hands: Hands) -> Story:
    yield hands.sets(hands.writer(), DRAFT)
    yield incidents.overtaking(hands, OWNER, [PENDING, DRAFT, PENDING])
    yield hands.sets(APPROVER, APPROVED)
    yield hands.sets(APPROVER, ARCHIVED, column=ARCHIVED)
    yield incidents.latecomers(hands)
    yield hands.sets(APPROVER, APPROVED)
    yield hands.deletes(lambda _: incidents.is_in_no_share(hands), "deleted")


def _asked(hands: Hands, status: str) -> list[Check]:
    return [asks_the_approvers] if status in hands.promises.asks else []
