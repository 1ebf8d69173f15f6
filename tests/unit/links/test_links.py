"""Which card speaks for a package, and what of the package's access it lets stand."""

import json
from collections.abc import Collection, Iterable
from dataclasses import replace

import pytest

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.core.arns import subject_of
from stagegate.core.card_link import CardLink
from stagegate.core.findings import Severity
from stagegate.ledger.links import writes
from stagegate.links.about import Linkable
from stagegate.links.asked import MOST_ASKED, link_of
from stagegate.links.content import card_in, names_in
from stagegate.links.following import followed
from stagegate.links.link import candidates, linked, linking_of, state_of
from stagegate.links.messages import about_card, about_packages
from stagegate.links.recorded import CARD as FOLLOWED
from stagegate.links.recorded import CARDS, recorded_cards
from stagegate.links.word import Word, left_to_packages, named_before
from stagegate.rules.audiences import Audience
from stagegate.rules.narrowed.for_subject import for_subject
from tests.support.builders import GOVERNANCE, NOON
from tests.support.packages import package_rules
from tests.support.words import CARD, CHURN, HOME, OTHER, PACKAGE, a_word, gone, left, unread

REQUIRED, IF_LINKED, IGNORED = CardLink.REQUIRED, CardLink.IF_LINKED, CardLink.IGNORED
ANOTHER = f"{HOME}:model-card/another"


def comes_to(
    *words: Word,
    rule: CardLink = REQUIRED,
    before: str = "",
    open_stages: Collection[str] = (),
    package: Linkable = CHURN,
) -> tuple[list[str], list[str]]:
    """The stages that stand of dev and prod, and the codes of what was found."""
    own = Entitled(entitlements=tuple(Entitlement(stage=stage, write=False) for stage in ("dev", "prod")))
    link = linked(package, words, {CARDS: "[]", **({FOLLOWED: before} if before else {})})
    found = followed(own, link, rule, open_stages)
    return [each.stage for each in found.entitlements], sorted({each.code for each in found.findings})


def test_a_card_of_the_groups_name_speaks_for_its_packages() -> None:
    assert comes_to(a_word()) == (["dev", "prod"], [])
    assert comes_to(a_word(arn=ANOTHER)) == ([], ["CardMissing"])


def test_a_package_opens_where_its_card_does() -> None:
    draft = a_word(status="Draft", opens=frozenset({"dev"}), grants={"dev": None})
    assert comes_to(draft) == (["dev"], ["CardClosed"])
    assert comes_to(a_word(status="Archived", opens=frozenset())) == ([], ["CardClosed"])
    assert comes_to(a_word(grants={"dev": None})) == (["dev"], ["CardClosed"]), "nobody has approved the card"


def test_a_card_that_names_packages_speaks_for_these_alone() -> None:
    assert comes_to(a_word(PACKAGE, arn=ANOTHER)) == (["dev", "prod"], [])
    assert comes_to(a_word(PACKAGE.replace("churn", "CHURN"), arn=ANOTHER)) == (["dev", "prod"], [])
    assert comes_to(a_word(OTHER)) == ([], ["CardMissing"]), "whatever its name is"
    assert comes_to(a_word(OTHER), a_word(PACKAGE, arn=ANOTHER)) == (["dev", "prod"], [])


def test_the_packages_own_card_names_one_that_names_none() -> None:
    package = Linkable(arn=PACKAGE, group="churn", account=GOVERNANCE, card=ANOTHER)
    assert comes_to(a_word(arn=ANOTHER), package=package) == (["dev", "prod"], [])
    assert comes_to(a_word(OTHER, arn=ANOTHER), package=package) == ([], ["CardMissing"])


def test_a_card_of_somebody_else_says_nothing() -> None:
    theirs = ANOTHER.replace(GOVERNANCE, "999988887777")
    package = Linkable(arn=PACKAGE, group="churn", account=GOVERNANCE, card=theirs)
    assert comes_to(a_word(PACKAGE, arn=theirs), package=package) == ([], ["CardElsewhere", "CardMissing"])
    assert theirs not in candidates(package, [theirs], {FOLLOWED: theirs})


@pytest.mark.parametrize(
    ("rule", "stages", "found"), [(REQUIRED, [], ["CardMissing"]), (IF_LINKED, ["dev", "prod"], [])]
)
def test_a_package_without_a_card(rule: CardLink, stages: list[str], found: list[str]) -> None:
    assert comes_to(gone(), rule=rule) == (stages, found)
    assert comes_to(gone(), rule=IGNORED) == (["dev", "prod"], [])


def test_to_delete_or_edit_a_card_doesnt_open_what_it_had_closed() -> None:
    assert comes_to(gone(), rule=IF_LINKED, before=CARD) == ([], ["CardLetGo"])
    edited = a_word(OTHER, content="edited", recorded=left(grants={"prod": "approval"}), grants={"prod": "approval"})
    assert comes_to(edited, rule=IF_LINKED, before=CARD) == ([], ["CardLetGo"])
    drafted = a_word(OTHER, status="Draft", grants={"dev": None})
    assert comes_to(drafted, rule=IF_LINKED, before=CARD) == ([], ["CardLetGo"])
    assert comes_to(a_word(OTHER), rule=IF_LINKED, before=CARD) == (["dev", "prod"], []), "approved without the link"


def test_who_approves_a_card_for_one_stage_lets_go_of_no_other() -> None:
    """Its packages would else open for prod on the word of who may approve for dev alone."""
    reviewed = a_word(OTHER, status="PendingReview", opens=frozenset({"dev"}), grants={"dev": "approval"})
    assert comes_to(reviewed, rule=IF_LINKED, before=CARD) == (["dev"], ["CardLetGo"])
    left_by = left(OTHER, grants={"dev": "approval"}) | {"seen": NOON.isoformat()}
    waits = a_word(OTHER, grants={"dev": "approval"}, recorded=left_by)
    assert comes_to(waits, rule=IF_LINKED, before=CARD) == (["dev"], ["CardLetGo"])


def test_a_draft_closes_nothing_that_was_open_without_a_card() -> None:
    """And opens nothing: who writes cards would else close a model that its approvers have let in."""
    draft = a_word(PACKAGE, arn=ANOTHER, status="Draft", opens=frozenset({"dev"}), grants={"dev": None})
    assert comes_to(draft, rule=IF_LINKED, open_stages={"prod"}) == (["dev", "prod"], ["CardNotApproved"])
    assert comes_to(draft, rule=IF_LINKED) == (["dev"], ["CardClosed"]), "it keeps closed what wasn't open"
    assert comes_to(draft, rule=IF_LINKED, before=ANOTHER, open_stages={"prod"}) == (["dev"], ["CardClosed"]), (
        "what is open by a card's word closes with it"
    )
    both = draft, a_word(PACKAGE, status="Draft", opens=frozenset(), grants={})
    codes = ["CardConflict", "CardNotApproved"]
    assert comes_to(*both, rule=IF_LINKED, open_stages={"prod"}) == (["prod"], codes)
    assert comes_to(draft, open_stages={"prod"}) == (["dev"], ["CardClosed"]), "where each needs a card, that counts"


def test_the_first_look_at_what_was_open_before_cards_counted_goes_by_the_card_that_is_there() -> None:
    own = Entitled(entitlements=(Entitlement(stage="prod", write=False),))
    archived = a_word(status="Archived", opens=frozenset())
    assert followed(own, linked(CHURN, [archived], {}), IF_LINKED, {"prod"}).entitlements == ()


def test_what_an_approved_card_lets_go_stays_let_go() -> None:
    both = {"dev", "prod"}
    assert linked(CHURN, [a_word(OTHER)], {FOLLOWED: CARD}, stages=both).state().get(FOLLOWED) is None
    assert linked(CHURN, [a_word(OTHER)], {FOLLOWED: CARD}, stages={*both, "test"}).state()[FOLLOWED] == CARD
    assert linked(CHURN, [gone()], {FOLLOWED: CARD}).state()[FOLLOWED] == CARD


def test_a_conflict_opens_nothing_new_and_closes_nothing() -> None:
    both = a_word(), a_word(PACKAGE, arn=ANOTHER)
    assert comes_to(*both) == ([], ["CardConflict"])
    assert comes_to(*both, before=CARD, open_stages={"prod"}) == (["prod"], ["CardConflict"])
    closed = a_word(status="Archived", opens=frozenset()), a_word(PACKAGE, arn=ANOTHER)
    assert comes_to(*closed, before=CARD, open_stages={"prod"}) == ([], ["CardConflict"]), "its own card closes it"
    assert linked(CHURN, both, {FOLLOWED: CARD}).state()[FOLLOWED] == CARD


def test_an_edit_after_the_approval_closes_what_took_it() -> None:
    edited = a_word(content="edited")
    assert comes_to(edited) == (["dev"], ["CardClosed"])


def test_where_an_edit_only_asks_again_the_approved_links_count() -> None:
    kept = a_word(
        OTHER, content="edited", recorded=left(PACKAGE, grants={"prod": "a"}), grants={"prod": "a"}, keeps_edited=True
    )
    assert comes_to(kept) == (["prod"], ["CardClosed"])
    moved = a_word(
        PACKAGE, content="edited", recorded=left(OTHER, grants={"prod": "a"}), grants={"prod": "a"}, keeps_edited=True
    )
    assert comes_to(moved) == ([], ["CardClosed"]), "nobody has approved that it speaks for this one"


def test_a_record_of_before_there_were_links_counts_as_it_stands() -> None:
    assert comes_to(a_word(recorded={})) == (["dev", "prod"], [])
    assert comes_to(a_word(recorded={}, content="edited")) == (["dev"], ["CardClosed"])


@pytest.mark.parametrize("content", ["now", "edited"])
def test_where_edits_only_ask_a_record_of_before_there_were_links_opens_nothing_new(content: str) -> None:
    """It has the content of then, whichever was approved: that may have named other packages."""
    old = a_word(PACKAGE, recorded={}, content=content, of=content, keeps_edited=True)
    assert comes_to(old) == (["dev"], ["CardClosed"])
    assert comes_to(old, open_stages={"prod"}) == (["dev", "prod"], [])
    let_go = a_word(OTHER, recorded={}, content=content, of=content, keeps_edited=True)
    assert comes_to(let_go, rule=IF_LINKED, before=CARD) == ([], ["CardLetGo"])


def test_another_card_of_its_name_opens_nothing_until_its_run_has_seen_it() -> None:
    assert comes_to(a_word(recorded={"seen": "2020-01-01T00:00:00+00:00"})) == ([], ["CardClosed"])


def test_what_was_approved_stays_known_while_an_edit_only_asks() -> None:
    before = left(PACKAGE, grants={"prod": "a"})
    now = left_to_packages(
        before, status="Approved", names=[OTHER], content_hash="edited", openings={"prod": ("a", "now")}
    )
    assert set(named_before(now)) == {PACKAGE, OTHER}


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ({"model_package_details": {"model_package_arn": PACKAGE}}, (PACKAGE,)),
        ({"model_overview": {"model_id": PACKAGE}}, (PACKAGE,)),
        (
            {"model_overview": {"model_id": OTHER}, "model_package_details": {"model_package_arn": PACKAGE}},
            (PACKAGE, OTHER),
        ),
        (
            {
                "model_overview": {"model_id": PACKAGE},
                "model_package_details": {"model_package_arn": PACKAGE.replace("churn", "CHURN")},
            },
            (PACKAGE.replace("churn", "CHURN"),),
        ),
        ({"model_overview": {"model_id": "churn-3"}}, ()),
        ({"model_overview": {"model_id": CARD}}, ()),
        ({"model_overview": [], "model_package_details": {"model_package_arn": 7}}, ()),
        ({"model_package_details": {"model_package_arn": f"{HOME}:model-package/churn"}}, ()),
        ({"model_package_details": {"model_package_arn": PACKAGE + "\n"}}, ()),
    ],
)
def test_the_packages_that_a_content_names(content: dict[str, object], names: tuple[str, ...]) -> None:
    assert names_in(content) == names


def test_the_card_that_a_packages_own_card_names() -> None:
    assert card_in({"model_overview": {"model_id": CARD}}) == CARD
    assert card_in({"model_overview": {"model_id": PACKAGE}}) == ""
    assert card_in({"model_overview": {"model_id": f"{CARD}/export-job/1"}}) == ""


def test_a_message_about_either_shows_the_other() -> None:
    assert about_card(linked(CHURN, [a_word()], {})) == ("Card: churn is Approved (version 2); it opens dev, prod.",)
    assert about_card(linked(CHURN, [gone()], {})) == ("Card: none speaks for it.",)
    assert about_card(None) == ()
    rules = package_rules()
    assert rules.packages
    asking = replace(rules, packages=replace(rules.packages, card=REQUIRED))
    assert about_packages(asking, "churn", [PACKAGE]) == (f"Packages that open with it: {PACKAGE}.",)
    assert "of the group churn" in about_packages(asking, "churn", [])[0]
    assert about_packages(rules, "churn", [PACKAGE]) == ()


def test_what_was_open_before_cards_counted_closes_for_want_of_one_at_the_second_look() -> None:
    """The card that names it may not have been looked at yet."""
    own = Entitled(entitlements=tuple(Entitlement(stage=stage, write=False) for stage in ("dev", "prod")))
    first = linked(CHURN, [gone()], {})
    found = followed(own, first, REQUIRED, {"prod"})
    assert [each.stage for each in found.entitlements] == ["prod"]
    assert [(each.severity, each.stage) for each in found.findings] == [
        (Severity.BLOCK, "dev"),
        (Severity.WARN, "prod"),
    ]
    assert followed(own, linked(CHURN, [gone()], first.state()), REQUIRED, {"prod"}).entitlements == ()
    closed = linked(CHURN, [a_word(status="Archived", opens=frozenset())], {})
    assert followed(own, closed, REQUIRED, {"prod"}).entitlements == (), "a card that is there is asked at once"


@pytest.mark.parametrize("rule", [REQUIRED, IF_LINKED])
def test_a_card_that_nobody_can_read_opens_nothing_and_closes_nothing(rule: CardLink) -> None:
    """What it says may have changed; whoever makes such a card must keep no package from closing."""
    assert comes_to(unread(), rule=rule, before=CARD, open_stages={"prod"}) == (["prod"], ["CardUnread"])
    assert comes_to(unread(), rule=rule) == ([], ["CardUnread"])
    other = unread(ANOTHER)
    assert comes_to(a_word(), other, rule=rule, before=CARD, open_stages={"prod"}) == (["prod"], ["CardUnread"])
    archived = a_word(status="Archived", opens=frozenset())
    both = ["CardClosed", "CardUnread"]
    assert comes_to(archived, other, rule=rule, before=CARD, open_stages={"prod"}) == ([], both), "its card closes it"
    assert linked(CHURN, [unread(), a_word(PACKAGE, arn=ANOTHER)], {FOLLOWED: CARD}).state()[FOLLOWED] == CARD
    closing = followed(Entitled(), linked(CHURN, [unread()], {FOLLOWED: CARD}), rule, {"prod"})
    assert (closing.entitlements, [each.severity for each in closing.findings]) == ((), [Severity.WARN])


def test_an_unread_card_of_another_audience_or_of_before_keeps_nothing_open() -> None:
    own = Entitled(entitlements=(Entitlement(stage="prod", write=False),))
    theirs = replace(unread(), audience="fraud")
    for rule in (REQUIRED, IF_LINKED):
        found = followed(own, linked(CHURN, [theirs], {CARDS: "[]", FOLLOWED: CARD}, "risk"), rule, {"prod"})
        assert found.entitlements == ()


def test_only_so_many_cards_are_asked_and_those_first_that_count() -> None:
    rules = package_rules()
    assert rules.packages
    rules = replace(rules, packages=replace(rules.packages, card=IF_LINKED))
    drafts = [f"{HOME}:model-card/a{n:03}" for n in range(MOST_ASKED + 40)]
    state = {CARDS: json.dumps(drafts[-2:]), FOLLOWED: CARD}
    heard: list[str] = []

    def words(arns: Iterable[str]) -> tuple[Word, ...]:
        heard.extend(arns)
        return (a_word(), *(a_word(OTHER, arn=arn) for arn in heard if arn != CARD))

    _, link = link_of(rules, CHURN, drafts, state, words)
    assert len(heard) == MOST_ASKED + 1
    assert {CARD, *drafts[-2:]} < {*heard}
    assert link
    own = Entitled(entitlements=tuple(Entitlement(stage=stage, write=False) for stage in ("dev", "prod")))
    found = followed(own, link, IF_LINKED, {"prod"})
    assert [each.stage for each in found.entitlements] == ["prod"], "one of those that weren't asked may speak for it"
    assert "CardUnread" in {each.code for each in found.findings}


@pytest.mark.parametrize("rule", [REQUIRED, IF_LINKED])
def test_a_card_of_another_audience_opens_nothing(rule: CardLink) -> None:
    package = {CARDS: "[]", FOLLOWED: CARD}
    own = Entitled(entitlements=(Entitlement(stage="prod", write=False),))
    risk, fraud = replace(a_word(), audience="risk"), replace(a_word(), audience="fraud")
    for audience, word, stands in (
        ("risk", risk, ["prod"]),
        ("risk", fraud, []),
        ("risk", replace(risk, audience=None), []),
    ):
        found = followed(own, linked(CHURN, [word], package, audience), rule, {"prod"})
        assert [each.stage for each in found.entitlements] == stands
        assert [each.code for each in found.findings] == ([] if stands else ["CardForOthers"])
    another = replace(a_word(PACKAGE, arn=ANOTHER), audience="risk")
    kept = followed(own, linked(CHURN, [fraud, another], package, "risk"), rule, {"prod"})
    assert [each.stage for each in kept.entitlements] == ["prod"], "one that is for its audience opens it"


def test_a_draft_of_another_audience_closes_nothing_and_keeps_nothing_closed() -> None:
    """Who may write cards for one team would else close the packages of another by naming them."""
    own = Entitled(entitlements=tuple(Entitlement(stage=stage, write=False) for stage in ("dev", "prod")))
    draft = replace(a_word(PACKAGE, arn=ANOTHER, status="Draft", grants={}), audience="fraud")
    alone = linked(CHURN, [draft], {CARDS: "[]"}, "risk")
    assert [each.stage for each in followed(own, alone, IF_LINKED, {"prod"}).entitlements] == ["dev", "prod"]
    assert FOLLOWED not in alone.state(), "nor once it is gone"
    assert followed(own, alone, REQUIRED, {"prod"}).entitlements == ()
    beside = linked(CHURN, [replace(a_word(), audience="risk"), draft], {CARDS: "[]"}, "risk")
    found = followed(own, beside, REQUIRED, ())
    assert ([each.stage for each in found.entitlements], found.findings) == (["dev", "prod"], ())


def test_to_move_a_card_to_another_audience_opens_nothing_that_it_had_closed() -> None:
    own = Entitled(entitlements=(Entitlement(stage="prod", write=False),))
    moved = replace(a_word(), audience="fraud")
    link = linked(CHURN, [moved], {CARDS: "[]", FOLLOWED: CARD}, "risk", {"prod"})
    assert [each.code for each in followed(own, link, IF_LINKED, {"prod"}).findings] == ["CardForOthers"]
    assert link.state()[FOLLOWED] == CARD


def test_drafts_of_another_audience_arent_asked() -> None:
    of_risk = Audience(name="risk", groups=("churn",), cards=("churn", "risk*"))
    rules = package_rules()
    assert rules.packages
    whole = replace(rules, packages=replace(rules.packages, card=IF_LINKED), audiences=(of_risk,))
    drafts = [f"{HOME}:model-card/{name}{n}" for name in ("a", "risk") for n in range(MOST_ASKED)]
    heard: list[str] = []

    def words(arns: Iterable[str]) -> tuple[Word, ...]:
        heard.extend(arns)
        return ()

    _, link = link_of(for_subject(whole, subject_of(PACKAGE)), CHURN, drafts, {}, words)
    assert set(heard) == {CARD, *drafts[MOST_ASKED:]}
    assert link
    assert link.left_out == 0


def test_a_package_of_very_many_cards_takes_them_down_in_several_runs() -> None:
    """DynamoDB takes a hundred items in one transaction."""
    drafts = [a_word(PACKAGE, arn=f"{HOME}:model-card/a{n}", status="Draft", grants={}) for n in range(70)]
    state: dict[str, str] = {FOLLOWED: CARD}
    counts = []
    for words in [[*drafts, a_word()]] * 4 + [[a_word()]] * 3 + [None] * 2:
        link = linked(CHURN, words, state) if words else None
        linking = linking_of(link, state)
        assert len(writes("table", PACKAGE, linking)) <= 91
        counts.append((len(linking.follows), len(linking.left)))
        if link and not recorded_cards(state):
            assert linking.follows[0] == CARD, "what decides comes first"
            assert "CardsTooMany" in {f.code for f in followed(Entitled(), link, REQUIRED, ()).findings}
        known, state = {*recorded_cards(state)}, state_of(link, state)
        assert {*recorded_cards(state)} == (known | {*linking.follows}) - {*linking.left}
    assert counts == [(30, 0), (30, 0), (11, 0), (0, 0), (0, 30), (0, 30), (0, 10), (0, 1), (0, 0)]
