"""What a package reads of a card: what its own run has opened, for whom the card is now."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from stagegate.approvals.principals import Actor
from stagegate.approvals.tags.record import TagRecord
from stagegate.core.arns import subject_of
from stagegate.core.errors import RefusedError
from stagegate.core.statuses import CardStatus
from stagegate.ledger import read
from stagegate.links.word import left_to_packages
from stagegate.plans.grants import Grant, View
from stagegate.rules.audiences import Audience, AudienceStage, Taggers, TagSelector
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.for_subject import for_subject
from stagegate.subjects.cards import observe, word
from tests.support.builders import GOVERNANCE, NOON, TEST, a_card
from tests.support.packages import package_rules, the_package_subject
from tests.support.words import CARD, PACKAGE

ANOTHER = "666677778888"


def audience(name: str, *, account: str = TEST) -> Audience:
    return Audience(
        name=name,
        groups=("churn",),
        cards=("churn",),
        stages=(AudienceStage(stage="prod", accounts=(account,)),),
    )


def the_rules(*audiences: Audience) -> Rules:
    return for_subject(replace(package_rules(), audiences=audiences), the_package_subject())


def planner(monkeypatch: pytest.MonkeyPatch, rules: Rules, view: View, *tags: TagRecord) -> Any:
    monkeypatch.setattr(read, "read_view_at", lambda *_, tagged, **__: (view, "then", tags if tagged else ()))
    card = replace(a_card(), status=CardStatus.APPROVED, content_hash="now")
    monkeypatch.setattr(observe, "observe", lambda *_, **__: card)
    return SimpleNamespace(
        rules=rules, dynamodb=None, sagemaker=None, environment=SimpleNamespace(table="table", account=GOVERNANCE)
    )


def granted(whose: str, *, target: str = "") -> Grant:
    return Grant(
        stage="prod",
        accounts=(TEST,),
        write=False,
        permission="",
        since=NOON,
        approval="approval",
        audience=whose,
        target=target,
    )


def refuses(*_: object, **__: object) -> None:
    raise RefusedError("DescribeModelCard: ValidationException")


@pytest.mark.parametrize(
    ("now", "stages"),
    [
        (audience("x"), ["prod"]),
        (audience("y", account=ANOTHER), []),
        (audience("x", account=ANOTHER), ["prod"]),
    ],
)
def test_what_was_opened_for_another_audience_is_no_word_of_the_card(
    monkeypatch: pytest.MonkeyPatch, now: Audience, stages: list[str]
) -> None:
    """The card's approvers of now have approved nothing, and its own run may come hours after the rules."""
    view = View(grants=(granted("x"),), status="Approved", content_hash="now")
    (said,) = word.words(planner(monkeypatch, the_rules(now), view), [CARD])
    assert subject_of(CARD).name == said.name
    assert said.audience == now.name
    assert [opening.stage for opening in said.openings] == stages


def test_a_card_that_cant_be_read_has_a_word_that_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever makes such a card, and names a package in it, would else keep that from closing."""
    left = left_to_packages({}, status="Approved", names=[PACKAGE], content_hash="now", openings={})
    view = View(grants=(granted("x"),), status="Approved", content_hash="now", planner_state=left)
    there = planner(monkeypatch, the_rules(audience("x")), view)

    monkeypatch.setattr(observe, "observe", refuses)
    (said,) = word.words(there, [CARD])
    assert (said.is_there, said.openings, said.names, said.audience) == (False, (), (PACKAGE,), "x")
    assert "ValidationException" in said.error


@pytest.mark.parametrize(("who", "whom"), [("Registrar", "x"), ("Developer", None), (None, "all")])
def test_a_card_that_cant_be_read_is_for_those_whom_the_records_say(
    monkeypatch: pytest.MonkeyPatch, who: str | None, whom: str | None
) -> None:
    """By a tag as by a name: else it would close the packages that the same card by name keeps."""
    by_tag = replace(audience("x"), groups=(), cards=(), tag=TagSelector(key="team", values=("fraud",)))
    registrar = f"arn:aws:iam::{GOVERNANCE}:role/Registrar"
    rules = replace(
        package_rules(),
        audiences=(by_tag, Audience(name="all", cards=("*",))),
        tags=(Taggers(key="team", principals=(registrar,)),),
    )
    tagger = Actor(arn=f"arn:aws:sts::{GOVERNANCE}:assumed-role/{who}/session")
    tags = [TagRecord(id="1", at=NOON, actor=tagger, key="team", value="fraud")] if who else []
    there = planner(monkeypatch, for_subject(rules, the_package_subject()), View(grants=(granted("x"),)), *tags)
    monkeypatch.setattr(observe, "observe", refuses)
    (said,) = word.words(there, [CARD])
    assert (said.audience, said.openings) == (whom, ())
