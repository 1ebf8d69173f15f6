"""The story of a model package's versions: to production, with another one beside it, and back.

It is written for any governance.toml: who may deploy what, and when, is asked of the file.
"""

from __future__ import annotations

from demo.judge.checks import nothing_to_do, runs
from demo.judge.replays import delivered
from demo.package import faults, others
from demo.package.actions import PENDING, Actions
from demo.package.checks import leaves_out_what_is_encrypted
from demo.people import APPROVER, OWNER
from demo.story import Story

APPROVED, REJECTED = "Approved", "Rejected"
DRAFT, PENDING_REVIEW, ARCHIVED = "Draft", "PendingReview", "Archived"


def package(actions: Actions) -> Story:
    """Yield the steps of the whole story."""
    since = len(delivered(actions.organization))
    yield from _to_production(actions)
    yield from _manual_runs(actions)
    yield from _another_version(actions)
    yield from _and_back(actions, since)


def _to_production(actions: Actions) -> Story:
    """Whether the card or the version is approved first makes no difference: where cards are asked, it takes both."""
    asked = [leaves_out_what_is_encrypted] if PENDING in actions.expectations.asks else []
    has_card = actions.card.is_asked
    yield actions.makes_the_group()
    actions.traces.note_without_versions()
    if actions.registrar()[0] != OWNER:
        yield actions.may_not_register_approved(1)
    if has_card:
        yield actions.makes_the_card(DRAFT)
    yield actions.registers(1, column=f"1 {PENDING}", also=asked)
    if has_card:
        yield actions.sets_the_card(OWNER, PENDING_REVIEW, column=f"card {PENDING_REVIEW}")
    yield actions.sets(OWNER, 1, APPROVED, column=None if has_card else f"1 {APPROVED} by no approver")
    yield actions.sets(APPROVER, 1, APPROVED, column=f"1 {APPROVED} by an approver")
    if has_card:
        yield actions.sets_the_card(APPROVER, APPROVED, column=f"card {APPROVED} too")
    yield actions.annotates(1, [runs(2), nothing_to_do])


def _manual_runs(actions: Actions) -> Story:
    if "bucket" in actions.surfaces(1):
        yield faults.behind_its_back(actions)
        yield faults.manual_run(actions, 1)


def _another_version(actions: Actions) -> Story:
    """Two versions share what is of their group; what one loses the other keeps."""
    yield actions.registers(2)
    if actions.pipeline:
        yield faults.forged(actions, actions.pipeline, 2)
    actions.traces.note_grants()
    yield actions.sets(APPROVER, 2, APPROVED, column=f"2 {APPROVED} too", also=[actions.traces.grants_are_the_same])
    yield actions.sets(APPROVER, 1, REJECTED, column=f"1 {REJECTED}", also=[actions.traces.grants_are_the_same])


def _and_back(actions: Actions, since: int) -> Story:
    has_card = actions.card.is_asked
    yield actions.sets(APPROVER, 2, PENDING, column=None if has_card else "2 sent back")
    yield actions.sets(APPROVER, 2, APPROVED)
    yield actions.sets(APPROVER, 2, REJECTED)
    yield faults.latecomers(actions, since)
    yield actions.sets(APPROVER, 2, APPROVED)
    if has_card:
        yield actions.sets_the_card(APPROVER, ARCHIVED, column=f"card {ARCHIVED}")
    yield actions.deletes(2, [others.stay(actions.registry)], column=None if has_card else "2 deleted")
