"""An account that can't be looked at keeps no other one without its guardrail, and nothing of it is forgotten."""

from dataclasses import replace

import pytest

from stagegate.core.errors import AccountClosedError, AccountLeftError, PermanentError, RefusedError
from stagegate.plans.grants import View
from stagegate.rules.names import boundary_target
from stagegate.subjects.guardrails.decide import Observed, guardrail_plan
from stagegate.subjects.guardrails.model import ObservedBoundaries
from stagegate.surfaces.guardrails.changes import PutBoundary
from tests.support.builders import DEV, PROD, a_basis, a_grant, some_rules
from tests.support.guardrails import ANN, CANVAS, found, the_guardrail

RECORDED = replace(a_grant("canvas", PROD), share_arn=None, target=boundary_target(PROD))


def test_the_others_get_theirs_and_it_stays_on_record() -> None:
    guardrail = replace(CANVAS, roles=(ANN, ANN.replace(DEV, PROD)))
    basis = a_basis(replace(some_rules(), guardrails=(guardrail,)), View(grants=(RECORDED,)), subject=the_guardrail())
    seen = Observed(
        prefix="stagegate",
        boundaries={DEV: ObservedBoundaries(boundaries={"Ann": ""})},
        unseen={PROD: RefusedError("no role there")},
    )
    made = guardrail_plan(basis, seen)
    assert [(type(change), change.places) for change in made.changes] == [(PutBoundary, (boundary_target(DEV),))]
    assert RECORDED in made.record.grants
    assert found(made) == {"AccountUnseen": f"Account {PROD}: no role there"}


@pytest.mark.parametrize(
    ("error", "code"), [(AccountClosedError("closed"), "AccountClosed"), (AccountLeftError("left"), "AccountLeft")]
)
def test_one_that_is_closed_or_has_left_is_named_so(error: PermanentError, code: str) -> None:
    basis = a_basis(some_rules(), View(grants=(RECORDED,)), subject=the_guardrail())
    made = guardrail_plan(basis, Observed(prefix="stagegate", unseen={PROD: error}))
    assert found(made)[code] == str(error)
    assert (made.changes, RECORDED in made.record.grants) == ((), True)
