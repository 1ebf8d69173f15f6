"""An event's run looks at the fences and shares that its own changes rest on, and a manual run at all of them."""

from collections.abc import Mapping

from stagegate.plans.grants import Grant, View
from stagegate.rules.model import Rules, StageAccess
from stagegate.subjects.cards.scope import Reads, for_changes, full
from stagegate.surfaces.fences.model import EXCEPTED
from stagegate.targets.fences import fence_target
from tests.support.builders import (
    APPROVED,
    DEV,
    DRAFT,
    PROD,
    TEST,
    a_grant,
    a_stage,
    entitled_to,
    reads,
    share_arn,
    some_rules,
    writes,
)

RULES = some_rules()
MIXED = some_rules(opens={DRAFT: (writes("dev"),), APPROVED: (reads("dev"),)}, approvers=())
EXCEPTED_IN_DEV = {fence_target(DEV): EXCEPTED}
HELD = {share_arn("dev-0"): "ASSOCIATED", share_arn("test-0"): "ASSOCIATED"}
DEV_WRITES, DEV_READS = a_grant("dev", DEV, write=True), a_grant("dev", DEV)


def look(
    *accesses: StageAccess,
    grants: tuple[Grant, ...] = (),
    held: Mapping[str, str] = HELD,
    rules: Rules = RULES,
    written: Mapping[str, str] | None = None,
) -> Reads:
    return for_changes(rules, entitled_to(*accesses), View(grants=grants, written=written or {}), held)


def test_nothing_that_changes_is_nothing_to_look_at() -> None:
    assert look(writes("dev"), grants=(DEV_WRITES,)) == Reads(fences=(), stages=frozenset())


def test_what_opens_read_only_is_looked_at_with_its_fence() -> None:
    found = look(writes("dev"), reads("test"), grants=(DEV_WRITES,))
    assert found == Reads(fences=(TEST,), stages=frozenset({"test"}))


def test_what_lost_its_association_opens_and_its_fence_is_looked_at_although_it_should_stand() -> None:
    found = look(writes("dev"), reads("test"), grants=(DEV_WRITES, a_grant("test", TEST)), held={})
    assert found == Reads(fences=(TEST,), stages=frozenset({"dev", "test"}))


def test_a_fence_that_another_stage_in_the_account_has_already_is_looked_at_when_one_opens_behind_it() -> None:
    stages = [a_stage("dev", PROD), a_stage("test", PROD)]
    rules = some_rules(stages=stages, opens={APPROVED: (reads("dev"), reads("test"))}, approvers=())
    found = look(reads("dev"), reads("test"), grants=(a_grant("dev", PROD),), rules=rules)
    assert found == Reads(fences=(PROD,), stages=frozenset({"test"}))


def test_a_stage_that_may_write_from_now_on_is_excepted() -> None:
    assert look(writes("dev"), grants=(DEV_READS,), rules=MIXED).fences == (DEV,)


def test_a_stage_that_may_only_read_from_now_on_comes_under_its_fence() -> None:
    assert look(reads("dev"), grants=(DEV_WRITES,), rules=MIXED, written=EXCEPTED_IN_DEV).fences == (DEV,)
    assert look(reads("dev"), grants=(DEV_WRITES,), rules=MIXED).fences == (DEV,)


def test_a_stage_that_opens_to_write_is_looked_at_although_it_should_be_excepted() -> None:
    assert look(writes("dev"), rules=MIXED, written=EXCEPTED_IN_DEV).fences == (DEV,)


def test_what_the_cards_own_notes_leave_open_is_looked_at() -> None:
    """A run has died, or the rules have changed since."""
    for grants, access in ((DEV_WRITES, writes("dev")), (DEV_READS, reads("dev"))):
        assert look(access, grants=(grants,), rules=MIXED, written={fence_target(DEV): ""}).fences == (DEV,)
    assert look(writes("dev"), grants=(DEV_WRITES,), rules=MIXED).fences == (DEV,)
    assert look(reads("dev"), grants=(DEV_READS,), rules=MIXED, written=EXCEPTED_IN_DEV).fences == (DEV,)
    assert look(rules=MIXED, written=EXCEPTED_IN_DEV).fences == (DEV,)


def test_what_is_excepted_and_stays_so_is_nothing_to_look_at() -> None:
    found = look(writes("dev"), grants=(DEV_WRITES,), rules=MIXED, written=EXCEPTED_IN_DEV)
    assert found == Reads(fences=(), stages=frozenset())


def test_a_fence_over_every_card_stays_where_nothing_opens_behind_it() -> None:
    assert look(writes("dev"), grants=(DEV_WRITES, a_grant("test", TEST))).fences == ()


def test_a_stage_that_the_rules_have_forgotten_is_no_reason_to_fail() -> None:
    assert look(writes("dev"), grants=(DEV_WRITES, a_grant("gone", PROD))) == Reads(fences=(), stages=frozenset())


def test_a_manual_run_looks_at_every_share_and_every_fence_that_may_stand_or_be_needed() -> None:
    assert full(RULES, entitled_to(reads("prod")), View()) == Reads(fences=(DEV, PROD), stages=None)
    assert full(MIXED, entitled_to(), View()) == Reads(fences=(DEV,), stages=None)
    never = some_rules(opens={DRAFT: (reads("dev"),)}, approvers=())
    assert full(never, entitled_to(), View()) == Reads(fences=())
    assert full(never, entitled_to(), View(written=EXCEPTED_IN_DEV)) == Reads(fences=(DEV,))
