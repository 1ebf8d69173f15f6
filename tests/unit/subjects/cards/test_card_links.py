"""What a card's run leaves for its packages, and when it starts their runs."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from stagegate.aws.json import from_json, to_json
from stagegate.core.card_link import CardLink
from stagegate.links.linking import Linking
from stagegate.links.word import WORD, Recorded, Seen, word_of
from stagegate.plans.grants import View
from stagegate.plans.plan import Plan
from stagegate.plans.record import Record
from stagegate.rules.model import Rules
from tests.support.builders import CREATED, GOVERNANCE, NOON, a_card, a_plan, entitled_to, reads, recorded_by
from tests.support.packages import package_rules
from tests.support.words import CARD, OTHER, PACKAGE


def the_rules(link: CardLink | None = CardLink.REQUIRED) -> Rules:
    rules = package_rules()
    assert rules.packages
    return replace(rules, packages=replace(rules.packages, card=link))


REQUIRED = the_rules()


def plan(
    *names: str, stages: Collection[str] = ("dev",), view: View | None = None, rules: Rules = REQUIRED, **more: Any
) -> Plan:
    entitled = entitled_to(*(reads(stage) for stage in stages))
    return a_plan(rules, entitled, view=view, card=replace(a_card(), names=names), **more)


def test_a_cards_first_run_starts_those_of_its_packages_and_names_them() -> None:
    assert plan(PACKAGE).record.linking == Linking(named=(PACKAGE,), starts=True)


@pytest.mark.parametrize(
    ("here", "there"), [("us-east-1", "eu-west-1"), (GOVERNANCE, "999988887777"), ("arn:aws:", "arn:aws-cn:")]
)
def test_a_package_of_somewhere_else_isnt_linked(here: str, there: str) -> None:
    """No run here is its own, and who starts it would fail for good."""
    theirs = PACKAGE.replace(here, there)
    before = plan(PACKAGE, theirs)
    assert before.record.linking.named == (PACKAGE,)
    assert plan(PACKAGE, view=recorded_by(before)).record.linking.unnamed == ()


def test_what_says_the_same_starts_nothing() -> None:
    before = recorded_by(plan(PACKAGE))
    again = plan(PACKAGE, view=before)
    assert again.record.linking == Linking()
    assert again.record.planner_state == before.planner_state


@pytest.mark.parametrize(
    ("made", "linking"),
    [
        (lambda view: plan(PACKAGE, stages=(), view=view), Linking(starts=True)),
        (lambda view: plan(PACKAGE, stages=("dev", "test"), view=view), Linking(starts=True)),
        (lambda view: plan(OTHER, view=view), Linking(named=(OTHER,), unnamed=(PACKAGE,), starts=True)),
        (lambda view: plan(view=view), Linking(unnamed=(PACKAGE,), starts=True)),
        (lambda view: plan(view=view, gone=True, stages=()), Linking(unnamed=(PACKAGE,), starts=True)),
        (lambda view: plan(view=view, rules=the_rules(None)), Linking(unnamed=(PACKAGE,))),
    ],
    ids=["closed", "opened", "moved", "names none", "deleted", "the rules ask no card"],
)
def test_another_word_starts_them(made: Any, linking: Linking) -> None:
    found = made(recorded_by(plan(PACKAGE)))
    assert found.record.linking == linking
    assert found.report, "it has to be recorded, whatever else there is"


@pytest.mark.parametrize("link", [None, CardLink.IGNORED])
def test_where_cards_are_ignored_nothing_is_left(link: CardLink | None) -> None:
    found = plan(PACKAGE, rules=the_rules(link))
    assert (found.record.linking, found.record.planner_state.get(WORD)) == (Linking(), None)


def test_what_is_left_is_the_word_that_packages_read() -> None:
    record = plan(PACKAGE, stages=("dev", "test")).record
    card = a_card()
    seen = Seen(
        status=str(card.status),
        version=card.version,
        content_hash=card.content_hash,
        created=CREATED,
        names=(PACKAGE,),
        opens=frozenset({"dev", "test", "prod"}),
    )
    then = Recorded(
        grants={grant.stage: grant.approval for grant in record.grants},
        status=record.status,
        content_hash=record.content_hash,
        planner_state=record.planner_state,
        at=NOON.isoformat(),
    )
    word = word_of(CARD, seen, then, keeps_edited=False)
    assert ([each.stage for each in word.openings], word.is_on_record) == (["dev", "test"], True)


def test_a_record_with_links_goes_through_the_state_machine() -> None:
    record = plan(PACKAGE).record
    assert from_json(Record, to_json(record)) == record
