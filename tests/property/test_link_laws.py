"""Laws of the links between cards and packages, for all words and histories."""

from hypothesis import given
from hypothesis import strategies as st

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.core.card_link import CardLink
from stagegate.core.findings import Severity
from stagegate.links.about import opens
from stagegate.links.bound import held_by
from stagegate.links.following import followed
from stagegate.links.link import linked, state_of
from stagegate.links.recorded import CARD as FOLLOWED
from stagegate.links.recorded import CARDS
from stagegate.links.word import Word
from tests.support.builders import a_record
from tests.support.words import CARD, CHURN, HOME, OTHER, PACKAGE, a_word, gone

STAGES = ("dev", "test", "prod")
ARNS = (CARD, f"{HOME}:model-card/another", f"{HOME}:model-card/third")
SOME = st.frozensets(st.sampled_from(STAGES))
NAMES = st.sampled_from([(), (PACKAGE,), (OTHER,), (PACKAGE, OTHER)])


@st.composite
def word_at(draw: st.DrawFn, arn: str) -> Word:
    if draw(st.integers(0, 4)) == 0:
        return gone(arn)
    grants = {stage: draw(st.sampled_from([None, "approval"])) for stage in draw(SOME)}
    return a_word(
        *draw(NAMES),
        arn=arn,
        opens=draw(SOME),
        grants=grants,
        content=draw(st.sampled_from(["now", "edited"])),
        keeps_edited=draw(st.booleans()),
    )


WORDS = st.tuples(*(word_at(arn) for arn in ARNS))
BEFORE = st.sampled_from(["", *ARNS])


def stages_of(entitled: Entitled) -> set[str]:
    return {each.stage for each in entitled.entitlements}


def own(stages: frozenset[str]) -> Entitled:
    """What its own status lets in: dev by the status alone, the others on an approval."""
    approval = a_record()
    return Entitled(
        entitlements=tuple(
            Entitlement(stage=stage, write=False, approval=None if stage == "dev" else approval)
            for stage in sorted(stages)
        )
    )


@given(words=WORDS, before=BEFORE, mine=SOME, is_open=SOME, rule=st.sampled_from(CardLink))
def test_a_card_only_takes_away(
    words: tuple[Word, ...], before: str, mine: frozenset[str], is_open: frozenset[str], rule: CardLink
) -> None:
    link = linked(CHURN, words, {CARDS: "[]", FOLLOWED: before} if before else {CARDS: "[]"})
    found = followed(own(mine), link, rule, is_open)
    assert stages_of(found) <= mine
    said = {each.stage for each in found.findings if each.severity is Severity.BLOCK}
    assert said == mine - stages_of(found), "what is taken away is said, and nothing else"


@given(words=WORDS, before=BEFORE, mine=SOME, is_open=SOME)
def test_with_a_card_required_every_stage_has_a_card_that_opens_it(
    words: tuple[Word, ...], before: str, mine: frozenset[str], is_open: frozenset[str]
) -> None:
    link = linked(CHURN, words, {CARDS: "[]", FOLLOWED: before} if before else {CARDS: "[]"})
    for stage in stages_of(followed(own(mine), link, CardLink.REQUIRED, is_open)):
        assert any(opens(word, CHURN, stage) for word in link.speaking)


@given(
    words=WORDS, before=BEFORE, mine=SOME, is_open=SOME, rule=st.sampled_from([CardLink.REQUIRED, CardLink.IF_LINKED])
)
def test_a_conflict_opens_nothing_and_closes_nothing_that_its_card_still_opens(
    words: tuple[Word, ...], before: str, mine: frozenset[str], is_open: frozenset[str], rule: CardLink
) -> None:
    link = linked(CHURN, words, {CARDS: "[]", FOLLOWED: before} if before else {CARDS: "[]"})
    if not link.is_conflict or (rule is CardLink.IF_LINKED and not before):
        return
    found = stages_of(followed(own(mine), link, rule, is_open))
    card = next((word for word in link.speaking if word.arn == before), None)
    state = {CARDS: "[]", FOLLOWED: before}
    alone = stages_of(followed(own(mine), linked(CHURN, [card], state), rule, is_open)) if card else set()
    assert found == alone & is_open


@given(words=WORDS, before=BEFORE, mine=SOME, is_open=SOME, rule=st.sampled_from(CardLink))
def test_no_order_of_the_cards_matters(
    words: tuple[Word, ...], before: str, mine: frozenset[str], is_open: frozenset[str], rule: CardLink
) -> None:
    state = {CARDS: "[]", FOLLOWED: before} if before else {CARDS: "[]"}
    one, other = linked(CHURN, words, state), linked(CHURN, words[::-1], state)
    assert stages_of(followed(own(mine), one, rule, is_open)) == stages_of(followed(own(mine), other, rule, is_open))
    assert one.state() == other.state()


@given(words=WORDS, before=BEFORE)
def test_without_a_card_required_those_that_are_gone_let_nothing_go(words: tuple[Word, ...], before: str) -> None:
    """A card that a package has followed keeps it closed, however it goes, until it is approved without it."""
    state = {CARDS: "[]", FOLLOWED: before} if before else {CARDS: "[]"}
    link = linked(CHURN, words, state, stages=STAGES)
    if link.speaking or not before:
        return
    let_go = {stage for stage in STAGES if link.lets_go(stage)}
    assert stages_of(followed(own(frozenset(STAGES)), link, CardLink.IF_LINKED, set())) == let_go
    assert (FOLLOWED in link.state()) is (let_go != {*STAGES}), "it is forgotten once every stage is let go"
    (card,) = (word for word in words if word.arn == before)
    assert let_go <= {opening.stage for opening in card.openings}


def run(
    words: tuple[Word, ...], state: dict[str, str], mine: frozenset[str], is_open: frozenset[str]
) -> tuple[frozenset[str], dict[str, str]]:
    """What is open after a run of the package, and what it leaves to the next."""
    link = linked(CHURN, words, state, stages=STAGES)
    found = followed(own(mine), link, CardLink.IF_LINKED, is_open)
    return frozenset(stages_of(found)), state_of(link, state, held_by(link, CardLink.IF_LINKED, found, is_open))


def is_approved(word: Word) -> bool:
    return any(opening.approval and opens(word, CHURN, opening.stage) for opening in word.openings)


@given(history=st.lists(WORDS, max_size=5), is_open=SOME)
def test_cards_that_nobody_has_approved_close_nothing_that_was_open_without_one(
    history: list[tuple[Word, ...]], is_open: frozenset[str]
) -> None:
    state = {CARDS: "[]"}
    now = is_open
    for words in history:
        drafts = tuple(word for word in words if not is_approved(word))
        now, state = run(drafts, state, frozenset(STAGES), now)
        assert is_open <= now


@given(drafts=WORDS, history=st.lists(WORDS, max_size=4), is_open=SOME)
def test_what_an_approved_card_has_taken_over_closes_with_it_whatever_other_cards_do(
    drafts: tuple[Word, ...], history: list[tuple[Word, ...]], is_open: frozenset[str]
) -> None:
    """Drafts that name the package came before, and come and go after."""
    rest = tuple(word for word in drafts if word.arn != ARNS[1] and not is_approved(word))
    mine = frozenset(STAGES)
    now, state = run(rest, {CARDS: "[]"}, mine, is_open)
    approved = a_word(PACKAGE, arn=ARNS[1], grants={"test": "a", "prod": "a"})
    now, state = run((*rest, approved), state, mine, now)
    assert is_open - {"dev"} <= now, "nothing closes for which it is approved"
    archived = a_word(PACKAGE, arn=ARNS[1], status="Archived", opens=frozenset(), grants={})
    for words in [rest, *history]:
        others = tuple(word for word in words if word.arn != ARNS[1] and not is_approved(word))
        now, state = run((*others, archived), state, mine, now)
        assert not now & {"test", "prod"} - {o.stage for word in others for o in word.openings}
