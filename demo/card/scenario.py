"""The story of a model card: from its draft to production and back, with everything that comes in between.

It is written for any governance.toml: who may do what, and what has to be open then, is asked of the file.
"""

from __future__ import annotations

from demo.card import faults
from demo.card.actions import Actions
from demo.judge.checks import asks_the_approvers
from demo.people import APPROVER, OWNER
from demo.story import Check, Story

DRAFT, PENDING, APPROVED, ARCHIVED = "Draft", "PendingReview", "Approved", "Archived"


def card(actions: Actions) -> Story:
    """Yield the steps of the whole story."""
    yield from _to_production(actions)
    yield from _edits(actions)
    yield from _manual_runs(actions)
    yield from _and_back(actions)


def _to_production(actions: Actions) -> Story:
    yield actions.creates(DRAFT)
    filled_in = actions.fills_in(actions.writer(), "fills in the card")
    yield filled_in
    yield actions.sets(actions.writer(), PENDING, column=PENDING, also=_asked(actions, PENDING))
    yield actions.sets(actions.writer(), APPROVED, column=f"{APPROVED} by no approver")
    yield actions.sets(APPROVER, APPROVED, column=f"{APPROVED} by an approver")
    yield faults.duplicates(actions)


def _edits(actions: Actions) -> Story:
    """Every edit voids the approval; nobody approves what they wrote themselves."""
    yield actions.fills_in(actions.writer(), "edits the content after the approval")
    yield actions.sets(APPROVER, APPROVED, notified=False)
    yield actions.fills_in(APPROVER, "edits the content")
    yield actions.sets(APPROVER, APPROVED, notified=False)
    yield actions.fills_in(actions.writer(), "edits the content once more")
    yield actions.sets(APPROVER, APPROVED, notified=False)


def _manual_runs(actions: Actions) -> Story:
    stage = faults.stage_to_close(actions)
    yield faults.behind_its_back(actions, stage)
    yield faults.dry_run(actions, stage)
    yield faults.manual_run(actions)
    yield faults.burst(actions)


def _and_back(actions: Actions) -> Story:
    yield actions.sets(actions.writer(), DRAFT)
    yield faults.overtaking(actions, OWNER, [PENDING, DRAFT, PENDING])
    yield actions.sets(APPROVER, APPROVED)
    yield actions.sets(APPROVER, ARCHIVED, column=ARCHIVED)
    yield faults.latecomers(actions)
    yield actions.sets(APPROVER, APPROVED)
    yield actions.deletes(lambda _: faults.is_in_no_share(actions), "deleted")


def _asked(actions: Actions, status: str) -> list[Check]:
    return [asks_the_approvers] if status in actions.expectations.asks else []
