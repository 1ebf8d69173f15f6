"""`why` and `decide`: an approval that is recorded is said to be there, and a package's card is asked."""

from dataclasses import replace

import pytest

from stagegate.access.model import Entry, SubjectRecord, recorded_subject
from stagegate.approvals.principals import Actor
from stagegate.core.card_link import CardLink
from stagegate.core.findings import Finding, blocked, warned
from stagegate.core.statuses import PackageStatus, RiskRating
from stagegate.rules.model import Rules
from stagegate_cli.chain import Link
from stagegate_cli.commands.why import chain
from stagegate_cli.own_card import cards_word
from stagegate_cli.question import Now, Question, question_of
from tests.support.builders import (
    APPROVER,
    CARD_ARN,
    CREATED,
    NOON,
    PROD,
    a_grant,
    a_question,
    a_record,
    written,
)
from tests.support.packages import PACKAGE_ARN, package_rules

APPROVED, PENDING = PackageStatus.APPROVED, PackageStatus.PENDING
MISSING = blocked("SectionsMissing", "The section intended_uses is empty.", "prod")
CLOSED = blocked("CardClosed", "Its card churn is Draft (version 2) and doesn't open prod.", "prod")


def rules(link: CardLink | None = CardLink.REQUIRED) -> Rules:
    found = package_rules()
    assert found.packages
    return replace(found, packages=replace(found.packages, card=link))


def recorded(arn: str, status: str, *findings: Finding, grants: bool = False, card: str = "") -> SubjectRecord:
    now = Entry(
        at=NOON,
        execution="run",
        outcome="nothing",
        status=status,
        version=1,
        content_hash="one",
        findings=findings,
        grants=(a_grant("prod", PROD, approval="r1"),) if grants else (),
    )
    return SubjectRecord(subject=recorded_subject(arn), now=now, card=card)


OPEN_CARD = recorded(CARD_ARN, "Approved", grants=True)
DRAFT_CARD = recorded(CARD_ARN, "Draft")


def last(record: SubjectRecord, can: str, card: SubjectRecord | None = None) -> Link:
    return chain(record, rules(), PROD, "ModelOperator", can, card)[-1]


def test_an_approval_that_is_recorded_holds_and_what_keeps_it_closed_is_named() -> None:
    warning = warned("CardNotAsked", "Nobody asks the card.")
    card = replace(recorded(CARD_ARN, "Approved", warning, MISSING), records=(a_record(id_="r7"),))
    links = {link.asks: link for link in chain(card, rules(), PROD, "ModelOperator", "read")}
    assert links["Was it approved?"].holds
    assert "(record r7)" in links["Was it approved?"].says
    assert "SectionsMissing: The section intended_uses is empty." in links["Is it open?"].says
    assert "CardNotAsked" not in links["Is it open?"].says


@pytest.mark.parametrize(
    "record",
    [
        a_record(actor=Actor(arn="arn:aws:iam::111122223333:user/eve")),
        a_record(content="other"),
        a_record(version=2),
        a_record(None),
    ],
)
def test_a_record_of_somebody_else_or_of_something_else_approves_nothing(record: object) -> None:
    card = replace(recorded(CARD_ARN, "Approved"), records=(record,))  # type: ignore[arg-type]
    assert last(card, "read").says.startswith("not by one of arn:aws:iam::111122223333:role/ModelApprover")


def test_an_approval_that_does_not_count_is_named_with_what_is_wrong_with_it() -> None:
    four_eyes = blocked("FourEyes", "ann wrote it.", "prod")
    card = replace(recorded(CARD_ARN, "Approved", four_eyes), records=(a_record(id_="r7"),))
    link = last(card, "read")
    assert (link.asks, link.holds) == ("Was it approved?", False)
    assert "(record r7), which doesn't let prod in" in link.says
    assert "FourEyes: ann wrote it." in link.says


def test_a_package_that_its_card_keeps_closed_is_said_to_be() -> None:
    package = replace(recorded(PACKAGE_ARN, "Approved", CLOSED, card=CARD_ARN), records=(a_record(),))
    link = last(package, "deploy", DRAFT_CARD)
    assert (link.asks, link.holds) == ("Does its card open it?", False)
    assert link.says == "its card churn (Draft, version 1) opens prod not"


def test_a_package_that_is_open_says_that_its_card_opens_it() -> None:
    package = recorded(PACKAGE_ARN, "Approved", grants=True, card=CARD_ARN)
    links = chain(package, rules(), PROD, "ModelOperator", "deploy", OPEN_CARD)
    assert "its card churn (Approved, version 1) opens prod" in [link.says for link in links]
    assert all(link.holds for link in links)


def test_without_a_card_a_package_opens_where_the_rules_ask_for_none() -> None:
    package = recorded(PACKAGE_ARN, "Approved")
    for link, opens in ((CardLink.REQUIRED, False), (CardLink.IF_LINKED, True)):
        word = cards_word(package, None, rules(link), "prod")
        assert word is not None
        assert word.opens is opens
    assert cards_word(package, None, rules(CardLink.IGNORED), "prod") is None
    assert cards_word(DRAFT_CARD, None, rules(), "prod") is None


def test_a_card_that_nobody_has_approved_keeps_nothing_closed_that_was_open_without_it() -> None:
    beside = warned("CardNotApproved", "prod stays open.", "prod")
    package = recorded(PACKAGE_ARN, "Approved", beside, grants=True, card=CARD_ARN)
    word = cards_word(package, DRAFT_CARD, rules(CardLink.IF_LINKED), "prod")
    assert word is not None
    assert (word.opens, word.says) == (True, "CardNotApproved: prod stays open.")
    closed = cards_word(replace(recorded(PACKAGE_ARN, "Approved", beside), card=CARD_ARN), DRAFT_CARD, rules(), "prod")
    assert closed is not None
    assert not closed.opens


def test_a_conflict_keeps_a_stage_closed_whatever_the_card_opens_that_it_followed() -> None:
    conflict = blocked("CardConflict", "Two cards speak for it.", "prod")
    package = recorded(PACKAGE_ARN, "Approved", conflict, card=CARD_ARN)
    word = cards_word(package, OPEN_CARD, rules(), "prod")
    assert word is not None
    assert (word.opens, word.says) == (False, "CardConflict: Two cards speak for it.")


def test_what_a_card_opens_for_another_audience_opens_nothing_here() -> None:
    now = OPEN_CARD.now
    assert now
    other = replace(OPEN_CARD, now=replace(now, grants=(replace(now.grants[0], audience="fraud"),)))
    word = cards_word(recorded(PACKAGE_ARN, "Approved", card=CARD_ARN), other, rules(), "prod")
    assert word is not None
    assert not word.opens


def asked(card: SubjectRecord | None, *findings: Finding, link: CardLink = CardLink.REQUIRED) -> Question:
    package = replace(
        recorded(PACKAGE_ARN, str(PENDING), *findings, card=CARD_ARN if card else ""),
        questions=(a_question(),),
        records=(written(),),
    )
    now = Now(
        status=str(PENDING),
        version=1,
        content_hash="one",
        risk=RiskRating.HIGH,
        about=(),
        sections=None,
        created=CREATED,
    )
    return question_of(package, rules(link), now, APPROVER, card)


def test_yes_opens_nothing_while_the_card_is_closed() -> None:
    question = asked(DRAFT_CARD)
    (line,) = [line for line in question.opens if line.startswith("prod")]
    assert line.endswith("to deploy, but not now: its card churn (Draft, version 1) opens prod not")
    assert question.blocks == ["its card churn (Draft, version 1) opens prod not"]


def test_yes_opens_what_the_card_does() -> None:
    question = asked(OPEN_CARD)
    assert question.opens == [f"prod ({PROD}) to deploy"]
    assert question.blocks == []
    assert asked(None, link=CardLink.IGNORED).blocks == []


def test_what_keeps_a_package_closed_to_everybody_blocks_and_what_an_approver_settles_does_not() -> None:
    unknown = blocked("ImageUnknown", "The image is by its tag.")
    settled = blocked("ApprovalOutdated", "It was edited.", "prod")
    assert asked(OPEN_CARD, unknown, settled).blocks == ["ImageUnknown: The image is by its tag."]
