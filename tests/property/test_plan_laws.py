"""Laws of the plan, whatever the rules say and whatever is found."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from stagegate.approvals.entitlement import Entitled
from stagegate.plans.grants import View
from stagegate.plans.record import Outcome
from stagegate.rules.model import Rules
from stagegate.subjects.cards.decide import is_nothing_new
from stagegate.subjects.cards.entitle import entitle
from stagegate.surfaces.fences.model import AllowWrites, DenyWrites, accounts_to_fence
from stagegate.surfaces.shares.changes import CloseShare, OpenShare
from tests.property import strategies
from tests.support.builders import asked_about, at, recorded_by
from tests.support.world import World

LAW = settings(max_examples=100, deadline=None)
ORDER = (CloseShare, DenyWrites, OpenShare, AllowWrites)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Rules, Entitled, World]:
    rules = draw(strategies.rules(draw(st.sampled_from([(), strategies.GATES]))))
    records = draw(strategies.records())
    entitled = entitle(rules, draw(strategies.cards()), records, questions=asked_about(records), now=at(60))
    entitled = replace(entitled, is_unrecorded=False)  # that is seen to before anything else
    return rules, entitled, draw(strategies.worlds(rules))


@LAW
@given(cases())
def test_a_plan_that_was_applied_leaves_nothing_to_do(case: tuple[Rules, Entitled, World]) -> None:
    rules, entitled, world = case
    plan = world.plan(rules, entitled)
    for change in plan.changes:
        world = world.after(change)
    again = world.plan(
        rules, entitled, View(grants=plan.record.grants, last_notified_digest=plan.record.last_notified_digest)
    )
    assert again.changes == ()
    reach_blockers = bool(entitled.waiting or entitled.findings)
    assert again.outcome is Outcome.UNCHANGED or (
        reach_blockers and again.outcome in (Outcome.WAITING, Outcome.BLOCKED)
    )
    recorded = world.seen_by(recorded_by(again))
    assert not world.plan(rules, entitled, recorded).report
    if not plan.record.foreign and set(world.associations.values()) <= {"ASSOCIATED"}:
        assert is_nothing_new(rules, entitled, recorded, world.associations)


@LAW
@given(cases())
def test_what_is_open_in_the_end_is_what_the_rules_entitle(case: tuple[Rules, Entitled, World]) -> None:
    rules, entitled, world = case
    for change in world.plan(rules, entitled).changes:
        world = world.after(change)
    world = world.after_another_card(rules)
    sees = {account for e in entitled.entitlements for account in rules.stage(e.stage).accounts}
    assert world.who_sees() == sees
    assert world.who_may_write() == sees - set(accounts_to_fence(rules, entitled.entitlements))


@LAW
@given(cases())
def test_a_run_that_stops_half_way_has_opened_too_little_and_never_too_much(
    case: tuple[Rules, Entitled, World],
) -> None:
    rules, entitled, world = case
    sees = {account for e in entitled.entitlements for account in rules.stage(e.stage).accounts}
    writes = sees - set(accounts_to_fence(rules, entitled.entitlements))
    saw, wrote = world.who_sees(), world.who_may_write()
    for change in world.plan(rules, entitled).changes:
        world = world.after(change)
        assert world.who_sees() <= saw | sees
        assert world.who_may_write() <= wrote | writes


@LAW
@given(cases())
def test_shares_close_then_fences_go_up_then_shares_open_then_fences_come_down(
    case: tuple[Rules, Entitled, World],
) -> None:
    """Nothing about a fence keeps a share from closing, and none opens before its fence stands."""
    rules, entitled, world = case
    ranks = [ORDER.index(type(change)) for change in world.plan(rules, entitled).changes]
    assert ranks == sorted(ranks)


@LAW
@given(cases())
def test_no_close_comes_after_what_opens(case: tuple[Rules, Entitled, World]) -> None:
    """Of the fences, those come with the closes that keep somebody from writing who sees the card as it is."""
    rules, entitled, world = case
    changes = world.plan(rules, entitled).changes
    assert list(changes) == sorted(changes, key=lambda change: not change.closes)
    assert all(change.closes for change in changes if isinstance(change, CloseShare))
    needed = accounts_to_fence(rules, entitled.entitlements)
    raised = [change for change in changes if isinstance(change, DenyWrites)]
    assert all(change.fence.account in needed for change in raised if not change.closes)


@LAW
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_found_says_nothing(case: tuple[Rules, Entitled, World], random: Random) -> None:
    rules, entitled, world = case
    shares = list(world.shares)
    random.shuffle(shares)
    shuffled = replace(
        world,
        shares=tuple(shares),
        associations=dict(reversed(list(world.associations.items()))),
        fences=dict(reversed(list(world.fences.items()))),
    )
    one, other = world.plan(rules, entitled), shuffled.plan(rules, entitled)
    assert set(one.changes) == set(other.changes)
    assert (one.record.grants, one.record.last_notified_digest, one.outcome) == (
        other.record.grants,
        other.record.last_notified_digest,
        other.outcome,
    )


def test_the_cases_reach_every_kind_of_change() -> None:
    """Else the laws above would hold of nothing."""
    found: set[type] = set()

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(cases())
    def look(case: tuple[Rules, Entitled, World]) -> None:
        rules, entitled, world = case
        found.update(type(change) for change in world.plan(rules, entitled).changes)

    look()
    assert found == set(ORDER)
