"""An event's run looks at little, and what it does comes to the same as if it had looked at everything."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from stagegate.approvals.entitlement import Entitled
from stagegate.core.statuses import CardStatus
from stagegate.plans.grants import View
from stagegate.plans.mode import ReadScope
from stagegate.rules.model import Rules
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.cards.scope import for_changes, full
from stagegate.surfaces.fences.model import accounts_to_fence
from tests.property import strategies
from tests.support.builders import DEV, a_card, at, reads, some_rules
from tests.support.builders import writes as writes_in
from tests.support.world import World

LAW = settings(max_examples=80, deadline=None)
History = tuple[Rules, Entitled, Entitled, World, View]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A card that had one status, which a run has seen to and recorded, and that has another one now."""
    rules = draw(strategies.rules())
    before, now = (entitle(rules, a_card(draw(st.sampled_from(CardStatus))), (), now=at(60)) for _ in range(2))
    world = World()
    for change in world.plan(rules, before).changes:
        world = world.after(change)
    return rules, before, now, world, View(grants=world.plan(rules, before).record.grants)


def sees(rules: Rules, entitled: Entitled) -> frozenset[str]:
    return frozenset(account for e in entitled.entitlements for account in rules.stage(e.stage).accounts)


def writes(rules: Rules, entitled: Entitled) -> frozenset[str]:
    return sees(rules, entitled) - set(accounts_to_fence(rules, entitled.entitlements))


@LAW
@given(histories())
def test_it_never_opens_too_much_and_ends_with_what_the_rules_entitle(history: History) -> None:
    rules, before, now, world, view = history
    world = world.after_another_card(rules)
    assert (world.who_sees(), world.who_may_write()) == (sees(rules, before), writes(rules, before))
    for change in world.plan(rules, now, view, scope=ReadScope.CHANGES).changes:
        world = world.after(change)
        assert world.who_sees() <= sees(rules, before) | sees(rules, now)
        assert world.who_may_write() <= writes(rules, before) | writes(rules, now)
    assert (world.who_sees(), world.who_may_write()) == (sees(rules, now), writes(rules, now))


@LAW
@given(
    histories(),
    st.sampled_from(CardStatus),
    st.integers(0, 5),
    st.sampled_from(["between changes", "before a document", "after a document"]),
)
def test_the_run_after_one_that_died_looks_at_everything_and_puts_it_right(
    history: History, meanwhile: CardStatus, done: int, died: str
) -> None:
    """The dead run was about a status that the card may have left since, and has put nothing down."""
    rules, _, now, world, view = history
    changes = world.plan(
        rules, entitle(rules, a_card(meanwhile), (), now=at(60)), view, scope=ReadScope.CHANGES
    ).changes
    for change in changes[:done]:
        world = world.after(change)
    if died != "between changes" and changes[done:]:
        world = world.half(changes[done], was_written=died == "after a document")
    for change in world.plan(rules, now, view).changes:
        world = world.after(change)
    world = world.after_another_card(rules)
    assert (world.who_sees(), world.who_may_write()) == (sees(rules, now), writes(rules, now))


@LAW
@given(histories(), st.integers(0, 5), st.sampled_from(["before a document", "after a document"]))
def test_it_finishes_what_a_run_of_the_same_status_has_begun(
    history: History,
    done: int,
    died: str,
) -> None:
    rules, _, now, world, view = history
    changes = world.plan(rules, now, view, scope=ReadScope.CHANGES).changes
    for change in changes[:done]:
        world = world.after(change)
    if changes[done:]:
        world = world.half(changes[done], was_written=died == "after a document")
    for change in world.plan(rules, now, view, scope=ReadScope.CHANGES).changes:
        world = world.after(change)
    assert (world.who_sees(), world.who_may_write()) == (sees(rules, now), writes(rules, now))


@LAW
@given(histories())
def test_what_it_opens_is_behind_a_fence_that_it_has_seen(history: History) -> None:
    """Somebody has taken every fence away: what is open already is for a sweep to find, but nothing opens on it."""
    rules, before, now, world, view = history
    was_open = {e.stage for e in before.entitlements}
    opening = {a for e in now.entitlements if e.stage not in was_open for a in rules.stage(e.stage).accounts}
    world = replace(world, fences={})
    for change in world.plan(rules, now, view, scope=ReadScope.CHANGES).changes:
        world = world.after(change)
    assert not world.who_may_write() & opening - writes(rules, now)


@LAW
@given(histories())
def test_it_looks_at_no_more_than_a_manual_run(history: History) -> None:
    rules, _, now, world, view = history
    little, much = (
        for_changes(rules, now, world.seen_by(view), world.associations),
        full(rules, now, world.seen_by(view)),
    )
    assert set(little.fences) <= set(much.fences)
    assert little.stages is not None
    assert much.stages is None


def test_a_fence_that_a_dead_run_lowered_goes_up_again_when_the_card_goes_back() -> None:
    """Draft is read-only in dev. A run lowers the fence for Approved and dies; the card is a draft again."""
    rules = some_rules(
        opens={CardStatus.DRAFT: (reads("dev"),), CardStatus.APPROVED: (writes_in("dev"),)}, approvers=()
    )
    draft, approved = (
        entitle(rules, a_card(status), (), now=at(60)) for status in (CardStatus.DRAFT, CardStatus.APPROVED)
    )
    world = World()
    for change in world.plan(rules, draft).changes:
        world = world.after(change)
    view = View(grants=world.plan(rules, draft).record.grants)
    (lower,) = world.plan(rules, approved, view, scope=ReadScope.CHANGES).changes
    for left in (world.half(lower, was_written=False), world.half(lower, was_written=True), world.after(lower)):
        assert left.after_another_card(rules).who_may_write() == {DEV}
        for scope in ReadScope:  # the card's own notes say it, even to a run that looks at little
            mended = left
            for change in left.plan(rules, draft, view, scope=scope).changes:
                mended = mended.after(change)
            assert (mended.who_may_write(), mended.desired_texts, mended.notes) == (frozenset(), {DEV: frozenset()}, {})
