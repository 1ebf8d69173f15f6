"""Which card's word what is open of a package rests on, run after run."""

from collections.abc import Collection

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.records import AuditRecord
from stagegate.core.card_link import CardLink
from stagegate.links.bound import held_by
from stagegate.links.following import followed
from stagegate.links.link import linked, state_of
from stagegate.links.recorded import CARD as FOLLOWED
from stagegate.links.recorded import CARDS, HELD, follows_another
from stagegate.links.word import Word
from tests.support.builders import a_record
from tests.support.words import CHURN, HOME, OTHER, PACKAGE, a_word, gone, left, unread

IF_LINKED = CardLink.IF_LINKED
ANOTHER = f"{HOME}:model-card/another"


def steps(*words: Collection[Word], approval: AuditRecord | None) -> list[bool]:
    """Whether prod, which was open before there was a card, is open after each run of the package."""
    own = Entitled(entitlements=(Entitlement(stage="prod", write=False, approval=approval),))
    state: dict[str, str] = {CARDS: "[]"}
    is_open, found = True, []
    for each in words:
        link, stages = linked(CHURN, each, state, stages={"prod"}), {"prod"} if is_open else set()
        entitled = followed(own, link, IF_LINKED, stages)
        state = state_of(link, state, held_by(link, IF_LINKED, entitled, stages))
        is_open = bool(entitled.entitlements)
        found.append(is_open)
    return found


def test_a_package_follows_a_card_from_its_approval_on() -> None:
    draft = a_word(PACKAGE, arn=ANOTHER, status="Draft", grants={})
    approved = a_word(PACKAGE, arn=ANOTHER, grants={"prod": "a"})
    archived = a_word(PACKAGE, arn=ANOTHER, status="Archived", opens=frozenset(), grants={})
    unlinked = a_word(OTHER, arn=ANOTHER, content="edited", recorded=left(PACKAGE, grants={"prod": "a"}))
    mine = a_record()
    assert steps([draft], [archived], [gone(ANOTHER)], [], approval=mine) == [True] * 4
    assert steps([draft], [approved], [archived], approval=mine) == [True, True, False]
    assert steps([approved], [unlinked], [gone(ANOTHER)], approval=mine) == [True, False, False]
    assert steps([approved], [gone(ANOTHER)], approval=mine) == [True, False]


def test_an_approval_for_another_stage_takes_no_stage_over_that_asks_for_its_own() -> None:
    """Who may approve for test alone would else close prod."""
    reviewed = a_word(PACKAGE, arn=ANOTHER, status="PendingReview", grants={"test": "a"})
    assert steps([reviewed], [reviewed], approval=a_record()) == [True, True]
    assert steps([reviewed], approval=None) == [False], "a stage without approvers goes by any"


def test_a_draft_beside_it_keeps_an_approved_card_from_nothing() -> None:
    """Two people could else keep a model open that its card closes."""
    draft = a_word(PACKAGE, status="Draft", grants={})
    approved = a_word(PACKAGE, arn=ANOTHER, grants={"prod": "a"})
    archived = a_word(PACKAGE, arn=ANOTHER, status="Archived", opens=frozenset(), grants={})
    assert steps([draft], [draft, approved], [draft, archived], approval=a_record()) == [True, True, False]
    assert steps([draft], [draft, approved], [draft], approval=a_record()) == [True, True, False]


def test_where_the_rules_have_no_approvers_a_card_is_taken_at_its_word() -> None:
    own = Entitled(entitlements=(Entitlement(stage="dev", write=False),))
    draft = a_word(PACKAGE, arn=ANOTHER, status="Draft", grants={"dev": None})
    for asks, arn in ((True, ""), (False, ANOTHER)):
        link = linked(CHURN, [draft], {CARDS: "[]"}, asks_approvers=asks)
        found = followed(own, link, IF_LINKED, {"dev"})
        assert held_by(link, IF_LINKED, found, {"dev"}) == {"dev": arn}


def test_whose_word_a_stage_rests_on_is_recorded_when_it_changes() -> None:
    before = {FOLLOWED: ANOTHER, HELD: '{"prod": ""}'}
    assert follows_another(before, {FOLLOWED: ANOTHER})
    assert not follows_another(before, dict(before))


def test_an_unread_card_leaves_a_stage_with_the_card_that_it_rests_on() -> None:
    other = unread(ANOTHER)
    archived = a_word(PACKAGE, arn=ANOTHER, status="Archived", opens=frozenset(), grants={})
    approved = a_word(PACKAGE, arn=ANOTHER, grants={"prod": "a"})
    assert steps([approved], [other], [archived], approval=a_record()) == [True, True, False]
