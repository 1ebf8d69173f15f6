"""A package takes the metrics of its card: a stage that asks for some opens where a card opens it, and nowhere else."""

from dataclasses import replace

import pytest

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.core.card_link import CardLink
from stagegate.links.following import followed
from stagegate.links.link import Link, linked
from stagegate.links.measured import measured
from stagegate.links.recorded import CARDS
from stagegate.links.word import Word
from stagegate.rules.fence_kind import Metric
from stagegate.rules.model import Rules
from tests.support.packages import package_rules
from tests.support.words import CARD, CHURN, a_word, gone, unread

OWN = Entitled(entitlements=tuple(Entitlement(stage=stage, write=False) for stage in ("dev", "prod")))


def asking() -> Rules:
    """Rules whose stage prod asks for a metric."""
    rules = package_rules()
    metrics = (Metric(name="accuracy", at_least=0.9),)
    return replace(rules, stages=tuple(replace(s, metrics=metrics if s.name == "prod" else ()) for s in rules.stages))


def comes_to(link: Link | None, rule: CardLink, *open_stages: str) -> tuple[list[str], list[str]]:
    entitled = followed(OWN, link, rule, open_stages) if link else OWN
    found = measured(entitled, asking(), link)
    return [each.stage for each in found.entitlements], [each.code for each in found.findings]


def link_of(*words: Word, before: str = "") -> Link:
    return linked(CHURN, words, {CARDS: "[]", **({"card": before} if before else {})})


def test_where_a_card_opens_the_stage_it_is_open() -> None:
    assert comes_to(link_of(a_word()), CardLink.REQUIRED) == (["dev", "prod"], [])
    assert comes_to(link_of(a_word()), CardLink.IF_LINKED) == (["dev", "prod"], [])


def test_where_the_card_doesnt_the_cards_own_finding_says_so() -> None:
    assert comes_to(link_of(a_word(grants={"dev": None})), CardLink.REQUIRED) == (["dev"], ["CardClosed"])


@pytest.mark.parametrize("link", [None, link_of()])
def test_without_a_card_it_stays_closed_and_other_stages_dont(link: Link | None) -> None:
    assert comes_to(link, CardLink.IF_LINKED) == (["dev"], ["MetricsUnknown"])


def test_a_card_that_is_gone_measures_nothing() -> None:
    stages, codes = comes_to(link_of(gone(), before=CARD), CardLink.IF_LINKED, "prod")
    assert "prod" not in stages
    assert codes


def test_a_card_that_cant_be_read_takes_nothing_that_is_open() -> None:
    assert "prod" in comes_to(link_of(unread(), before=CARD), CardLink.REQUIRED, "dev", "prod")[0]
