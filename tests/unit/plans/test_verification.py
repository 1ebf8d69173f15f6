"""What is looked at again once it is applied."""

from dataclasses import replace

import pytest

from stagegate.core.arns import SubjectKind
from stagegate.plans.verification import needs_verify
from tests.support.builders import a_plan, entitled_to, some_rules, writes

PLAN = a_plan(some_rules(), entitled_to(writes("dev")))


@pytest.mark.parametrize("kind", SubjectKind)
def test_what_is_in_shares_is_looked_at_again_and_nothing_else(kind: SubjectKind) -> None:
    plan = replace(PLAN, subject=replace(PLAN.subject, kind=kind))
    assert needs_verify(plan) is (kind in {SubjectKind.MODEL_CARD, SubjectKind.HUB})
