"""A file of rules without `packages.card`: whoever asks about a package is told what the key would change."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from stagegate.approvals.entitlement import Entitled
from stagegate.core.card_link import CardLink
from stagegate.core.errors import PermanentError
from stagegate.links.messages import about_no_card
from stagegate.links.word import Word
from stagegate.rules.model import Rules
from stagegate.subjects.packages.questions.unasked import card_not_asked, with_card_not_asked
from tests.support.builders import a_basis
from tests.support.packages import a_package, let_in, package_rules, the_package_subject, the_plan
from tests.support.words import CARD, a_word, gone


def rules(card: CardLink | None = None) -> Rules:
    found = package_rules()
    assert found.packages
    return replace(found, packages=replace(found.packages, card=card))


def said(word: Word, *stages: str, of: Rules | None = None, entitled: Entitled | None = None) -> str | None:
    """What the finding says where that card has the name of the group."""

    def words(arns: Iterable[str]) -> tuple[Word, ...]:
        return tuple(word for arn in arns if arn == CARD)

    basis = a_basis(of or rules(), subject=the_package_subject())
    found = card_not_asked(basis, a_package(), entitled or let_in(*stages), words)
    assert found is None or found.code == "CardNotAsked"
    return found.detail if found else None


def test_it_says_what_the_card_would_close() -> None:
    text = said(a_word(grants={"dev": None, "test": None}), "test", "prod")
    assert text is not None
    assert '"required", that would close prod for it (CardClosed).' in text
    text = said(gone(), "test", "prod")
    assert text is not None
    assert "would close prod, test for it (CardMissing). A card that names it in its content isn't known" in text


def test_it_says_that_nothing_would_change() -> None:
    text = said(a_word(), "prod")
    assert text is not None
    assert text.endswith("that would change nothing for this package now.")


@pytest.mark.parametrize("card", list(CardLink))
def test_a_file_that_has_the_key_is_not_asked_about_it(card: CardLink) -> None:
    assert said(gone(), "prod", of=rules(card)) is None
    assert about_no_card(rules(card)) == ()


def test_what_opens_to_nobody_asks_no_card() -> None:
    def fails(_: Iterable[str]) -> tuple[Word, ...]:
        raise AssertionError("it has asked")

    assert card_not_asked(a_basis(rules(), subject=the_package_subject()), a_package(), Entitled(), fails) is None


def test_a_card_that_cant_be_looked_at_is_no_reason_to_fail() -> None:
    def fails(_: Iterable[str]) -> tuple[Word, ...]:
        raise PermanentError("sagemaker:DescribeModelCard is denied")

    found = card_not_asked(a_basis(rules(), subject=the_package_subject()), a_package(), let_in("prod"), fails)
    assert found
    assert found.detail.endswith("nobody knows what that would change: sagemaker:DescribeModelCard is denied")


def test_nobody_is_told_because_of_it() -> None:
    made = the_plan(rules(), "prod")
    basis = a_basis(rules(), subject=the_package_subject())
    with_it = with_card_not_asked(made, card_not_asked(basis, a_package(), let_in("prod"), lambda _: (gone(),)))
    assert [each.code for each in with_it.record.findings] == [*(f.code for f in made.record.findings), "CardNotAsked"]
    assert (with_it.notify, with_it.report) == (made.notify, made.report)
    assert with_it.record.last_notified_digest == made.record.last_notified_digest
    assert with_card_not_asked(made, None) is made


def test_a_sweep_says_it_once_for_all() -> None:
    (line,) = about_no_card(rules())
    assert line.startswith("CardNotAsked: governance.toml has no packages.card")
    assert about_no_card(replace(rules(), packages=None)) == ()
