"""The story of two teams: each opens its model for its own accounts, on its own approver's word. One archives its card,
and all that was the model's goes with it; the other keeps everything.
"""

from __future__ import annotations

from demo.judge.checks import asks_the_approvers, finds
from demo.people import OWNER
from demo.story import Story
from demo.team.actions import APPROVED, ARCHIVED, PENDING, REVIEWED, Actions
from demo.team.checks import administrators_see_nothing, imported
from sandbox.kernel.delays import delays

WAIT_FACTOR = 0.02
"""An import waits for 15 seconds before it looks for the first time."""


def team(actions: Actions) -> Story:
    """Yield the steps of the whole story."""
    usual, delays.wait_factor = delays.wait_factor, WAIT_FACTOR
    try:
        yield from _opens(actions)
        yield from _closes(actions)
    finally:
        delays.wait_factor = usual


def _opens(actions: Actions) -> Story:
    states = actions.states.values()
    churn, fraud = actions.teams
    for state in states:
        state.has_hub = True
    yield actions.step(f"{OWNER} starts a run for each team's hub", actions.makes_hubs)
    for state in states:
        state.card = REVIEWED
    action = f"{OWNER} creates {churn.model} and {fraud.model}, {REVIEWED}"
    yield actions.step(action, actions.creates_cards, [asks_the_approvers], column="cards in review")
    for state in states:
        state.version = PENDING
    action = f"{OWNER} registers a version of each, {PENDING}"
    yield actions.step(action, actions.registers, [asks_the_approvers], column="versions pending")
    actions.states[fraud.name].card = APPROVED
    action = f"{churn.approver} sets {fraud.model} {APPROVED}"
    yield actions.step(
        action,
        lambda: actions.sets_card(fraud, APPROVED, churn.approver),
        [finds(["NotAnApprover"], notified=True)],
        before=actions.has_been_read,
        column="by the wrong approver",
    )
    for state in states:
        state.card, state.is_card_approved = APPROVED, True
    action = f"{churn.approver} and {fraud.approver} set their own team's card {APPROVED}"
    yield actions.step(action, actions.approves_cards, before=actions.has_been_read, column="cards approved")
    for state in states:
        state.version, state.is_version_approved = APPROVED, True
    action = f"{churn.approver} and {fraud.approver} set their own team's version {APPROVED}"
    checks = [
        imported(actions.organization, dict.fromkeys(actions.teams, True)),
        administrators_see_nothing(actions.observers),
    ]
    yield actions.step(action, actions.approves_versions, checks, before=actions.has_been_read, column="and versions")


def _closes(actions: Actions) -> Story:
    """What a card let in goes with it: share, package, import, and the version in the hub. The hub itself stays."""
    churn, fraud = actions.teams
    actions.states[fraud.name].card = ARCHIVED
    checks = [imported(actions.organization, {churn: True, fraud: False})]
    action = f"{OWNER} sets {fraud.model} {ARCHIVED}"
    yield actions.step(
        action, lambda: actions.sets_card(fraud, ARCHIVED), checks, column=f"{fraud.name}'s {ARCHIVED.lower()}"
    )
