"""The story of a model package's versions: to production, with another one beside it, and back.

It is written for any governance.toml: who may deploy what, and when, is asked of the file.
"""

from __future__ import annotations

from demo.checks import nothing_to_do, runs
from demo.package import incidents, others
from demo.package.checks import quotes_its_card
from demo.package.hands import PENDING, Hands
from demo.people import APPROVER, OWNER
from demo.replays import delivered
from demo.story import Story

APPROVED, REJECTED = "Approved", "Rejected"


def package(hands: Hands) -> Story:
    """Yield the steps of the whole story."""
    since = len(delivered(hands.organization))
    yield from _to_production(hands)
    yield from _by_hand(hands)
    yield from _another_version(hands)
    yield from _and_back(hands, since)


def _to_production(hands: Hands) -> Story:
    asked = [quotes_its_card] if PENDING in hands.promises.asks else []
    yield hands.makes_the_group()
    hands.traces.note_without_versions()
    if hands.registrar()[0] != OWNER:
        yield hands.may_not_register_approved(1)
    yield hands.registers(1, column=f"1 {PENDING}", also=asked)
    yield hands.sets(OWNER, 1, APPROVED, column=f"1 {APPROVED} by no approver")
    yield hands.sets(APPROVER, 1, APPROVED, column=f"1 {APPROVED} by an approver")
    yield hands.annotates(1, [runs(2), nothing_to_do])


def _by_hand(hands: Hands) -> Story:
    if "bucket" in hands.surfaces(1):
        yield incidents.behind_its_back(hands)
        yield incidents.by_hand(hands, 1)


def _another_version(hands: Hands) -> Story:
    """Two versions share what is of their group; what one loses the other keeps."""
    yield hands.registers(2)
    hands.traces.note_grants()
    yield hands.sets(APPROVER, 2, APPROVED, column=f"2 {APPROVED} too", also=[hands.traces.grants_are_the_same])
    yield hands.sets(APPROVER, 1, REJECTED, column=f"1 {REJECTED}", also=[hands.traces.grants_are_the_same])


def _and_back(hands: Hands, since: int) -> Story:
    yield hands.sets(APPROVER, 2, PENDING, column="2 sent back")
    yield hands.sets(APPROVER, 2, APPROVED)
    yield hands.sets(APPROVER, 2, REJECTED)
    yield incidents.latecomers(hands, since)
    yield hands.sets(APPROVER, 2, APPROVED)
    yield hands.deletes(2, [others.stay(hands.registry)], column="2 deleted")
