"""A fence in an account that is closed is left as it is: nobody there can write a card, nor anybody a fence."""

import pytest

from stagegate.core.errors import AccountClosedError, PermanentError, RefusedError
from stagegate.plans.grants import View
from stagegate.surfaces.fences.changes import that_can_be_fenced
from stagegate.surfaces.fences.model import DenyWrites, ObservedFence
from tests.support.builders import DRAFT, PROD, a_grant, a_plan, entitled_to, reads, some_rules

RULES = some_rules(opens={DRAFT: (reads("prod"),)}, approvers=())
OPEN = View(grants=(a_grant("prod", PROD),))


@pytest.mark.parametrize(
    ("error", "code", "is_tried"),
    [(AccountClosedError("closed"), "AccountClosed", False), (RefusedError("no"), "FenceUnseen", True)],
)
def test_it_is_named_and_not_written(error: PermanentError, code: str, *, is_tried: bool) -> None:
    fences = {PROD: ObservedFence(account=PROD, unseen=error)}
    made = a_plan(RULES, entitled_to(reads("prod")), view=OPEN, fences=fences)
    assert code in {finding.code for finding in made.decision.findings}
    assert any(isinstance(change, DenyWrites) for change in made.changes) is is_tried
    assert {grant.stage for grant in made.decision.grants} == {"prod"}, "what is open behind it stays so"


def test_nothing_opens_anew_behind_it() -> None:
    fences = {PROD: ObservedFence(account=PROD, unseen=AccountClosedError("closed"))}
    kept, _ = that_can_be_fenced(RULES, entitled_to(reads("prod")), fences, View())
    assert kept == ()
