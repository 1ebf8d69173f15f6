"""Metrics over thresholds: what a card says of its model, what a stage asks for, and whether that opens it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from stagegate.core.findings import Severity
from stagegate.rules.fence_kind import Metric
from stagegate.rules.model import Approvers, Rules
from stagegate.subjects.cards.contents.metrics import measured_in
from stagegate.subjects.cards.contents.sections import content_of
from stagegate.subjects.cards.entitle import entitle
from stagegate.subjects.cards.model import Card
from tests.support.builders import (
    APPROVED,
    APPROVER_ROLE,
    AUTHOR,
    PENDING,
    STAGES,
    a_card,
    a_card_question,
    a_message,
    a_plan,
    a_record,
    asked_about,
    at,
    some_rules,
    written,
)

ACCURACY = Metric(name="accuracy", at_least=0.9)
ERROR = Metric(name="error", at_most=0.1)


def asking(*metrics: Metric, stage: str = "prod", **more: Any) -> Rules:
    stages = [replace(each, metrics=metrics) if each.name == stage else each for each in STAGES]
    return some_rules(stages=stages, **more)


def said(*evaluations: list[tuple[object, object]]) -> str:
    """A content with evaluations of these metrics, as JSON: `NaN` and `Infinity` as Python writes them."""
    details = [
        {
            "name": f"evaluation {number}",
            "metric_groups": [
                {"name": "all", "metric_data": [{"name": n, "type": "number", "value": v}]} for n, v in of
            ],
        }
        for number, of in enumerate(evaluations)
    ]
    return json.dumps({"evaluation_details": details})


def saying(text: str, **more: Any) -> Card:
    return replace(a_card(**more), metrics=measured_in(content_of(text)))


NAN, INFINITY = float("nan"), float("inf")
WHAT_IS_SAID: dict[str, tuple[str, str]] = {
    "enough": (said([("accuracy", 0.93)]), ""),
    "as much as is asked for": (said([("accuracy", 0.9)]), ""),
    "a whole number": (said([("accuracy", 1)]), ""),
    "the same twice": (said([("accuracy", 0.93)], [("accuracy", 0.93)]), ""),
    "others beside it": (said([("recall", 0.1), ("accuracy", 0.93)]), ""),
    "too little": (said([("accuracy", 0.89)]), 'says another value, "0.89"'),
    "different values": (said([("accuracy", 0.93)], [("accuracy", 0.95)]), 'different values, "0.93" and "0.95"'),
    "too little first": (said([("accuracy", 0.5), ("accuracy", 0.95)]), "different values"),
    "nothing": ("{}", "don't have it"),
    "another name": (said([("Accuracy", 0.93)]), "don't have it"),
    "a text": (said([("accuracy", "0.93")]), 'no finite number, "0.93"'),
    "a truth value": (said([("accuracy", True)]), "no finite number"),
    "null": (said([("accuracy", None)]), "no finite number"),
    "a graph": (said([("accuracy", [0.93])]), 'no finite number, "a list"'),
    "not a number": (said([("accuracy", NAN)]), 'no finite number, "nan"'),
    "infinity": (said([("accuracy", INFINITY)]), "no finite number"),
    "more than a number can be": (said([("accuracy", 0.0)]).replace("0.0", "1e999"), "no finite number"),
    "a number and a text": (said([("accuracy", 0.93), ("accuracy", "n/a")]), "no finite number"),
    "evaluations of another shape": ('{"evaluation_details": {"accuracy": 0.93}}', "don't have it"),
    "no metrics in a group": (
        '{"evaluation_details": [{"metric_groups": [{"metric_data": {"name": "accuracy"}}, 1]}, "x"]}',
        "don't have it",
    ),
    "no JSON": ("accuracy: 0.93", "don't have it"),
}


@pytest.mark.parametrize(("text", "problem"), WHAT_IS_SAID.values(), ids=WHAT_IS_SAID)
def test_what_a_card_says(text: str, problem: str) -> None:
    found = entitle(asking(ACCURACY), saying(text), [a_record()], questions=asked_about([a_record()]), now=at(60))
    assert ("prod" in [each.stage for each in found.entitlements]) is (not problem)
    assert [(each.code, each.stage) for each in found.findings] == ([("MetricsNotMet", "prod")] if problem else [])
    assert all(problem in each.detail and "accuracy of at least 0.9" in each.detail for each in found.findings)


@pytest.mark.parametrize(("value", "opens"), [(0.1, True), (0.11, False), (-1, True)])
def test_a_bound_from_above(value: float, *, opens: bool) -> None:
    found = entitle(
        asking(ERROR), saying(said([("error", value)])), [a_record()], questions=asked_about([a_record()]), now=at(60)
    )
    assert ("prod" in [each.stage for each in found.entitlements]) is opens


def test_all_that_is_asked_for_and_not_met_is_said_at_once() -> None:
    card = saying(said([("error", 0.2)]))
    (finding,) = entitle(asking(ACCURACY, ERROR), card, [a_record()], now=at(60)).findings
    assert (
        "accuracy of at least 0.9: the card's evaluations don't have it; and for error of at most 0.1" in finding.detail
    )


def test_a_stage_that_needs_no_approval_asks_for_them_too_and_others_dont() -> None:
    found = entitle(asking(ACCURACY, stage="test"), saying("{}", status=PENDING), [], now=at(60))
    assert [each.stage for each in found.entitlements] == ["dev"]
    assert [(each.code, each.stage) for each in found.findings] == [("MetricsNotMet", "test")]


def test_what_is_open_closes_when_it_isnt_met_any_more_whoever_has_approved() -> None:
    records = [written(), a_record()]
    card = saying(said([("accuracy", 0.5)]))
    rules = asking(ACCURACY)
    found = entitle(rules, card, records, questions=asked_about(records), open_stages=["prod"], now=at(60))
    assert "prod" not in [each.stage for each in found.entitlements]
    assert found.findings[0].severity is Severity.BLOCK


def test_of_an_encrypted_card_nothing_is_quoted() -> None:
    card = saying(said([("accuracy", 0.5123)]), kms_key="key-1")
    rules = asking(ACCURACY)
    entitled = entitle(rules, card, [a_record()], now=at(60))
    assert "0.5123" not in entitled.findings[0].detail
    assert "accuracy of at least 0.9: the card says another value" in entitled.findings[0].detail
    assert "0.5123" not in a_message(rules, a_plan(rules, entitled, card=card), card).text


class TestTheQuestion:
    def test_shows_each_metric_beside_its_threshold(self) -> None:
        rules = asking(ACCURACY, ERROR)
        card = saying(said([("accuracy", 0.93), ("error", 0.2)]), status=PENDING, modified=30.4)
        records = [written(), a_record(PENDING, AUTHOR, 30)]
        entitled = entitle(rules, card, records, now=at(60))
        text = a_message(rules, a_plan(rules, entitled, card=card), card).text
        assert 'prod asks for accuracy of at least 0.9: met, by "0.93"' in text
        assert 'prod asks for error of at most 0.1: the card says another value, "0.2"' in text

    def test_says_that_yes_would_open_nothing(self) -> None:
        rules = asking(ACCURACY, approvers=[Approvers(stage="prod", principals=(APPROVER_ROLE,))])
        question = a_card_question(rules, saying("{}", status=PENDING), written(), a_record(PENDING, AUTHOR, 30))
        assert question
        assert question.headline == "Approved would open nothing now"
        (prod,) = [each for each in question.yes[0].stages if each.stage == "prod"]
        assert [each.finding.code for each in prod.blockers] == ["MetricsNotMet"]

    def test_says_nothing_of_a_stage_that_asks_for_nothing(self) -> None:
        card = saying(said([("accuracy", 0.93)]), status=APPROVED)
        assert (
            "asks for"
            not in a_message(
                some_rules(), a_plan(some_rules(), entitle(some_rules(), card, [], now=at(60)), card=card), card
            ).text
        )
