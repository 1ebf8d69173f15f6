"""A mail says whose the model is, what it is for and how well it does, in quotes, whatever the card has there."""

from typing import Any

import pytest

from stagegate.subjects.cards.questions.facts import MOST_METRICS, facts_of
from tests.support.hostile import HOSTILE, MARK

CONTENT = {
    "model_overview": {"model_owner": "Retail analytics"},
    "intended_uses": {
        "purpose_of_model": "Keep customers.",
        "intended_uses": "Mails with offers.",
        "explanations_for_risk_rating": "It decides about no one.",
    },
    "evaluation_details": [
        {
            "name": "holdout",
            "metric_groups": [{"name": "binary", "metric_data": [{"name": "auc", "type": "number", "value": 0.91}]}],
        }
    ],
}


def test_what_a_card_says_of_the_model() -> None:
    assert facts_of(CONTENT) == (
        'Owner: "Retail analytics"',
        'Purpose: "Keep customers."',
        'Intended use: "Mails with offers."',
        'Why this risk: "It decides about no one."',
        'Metric "auc" in "holdout": "0.91"',
    )


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"model_overview": "text", "intended_uses": [1], "evaluation_details": {"name": "no list"}},
        {
            "model_overview": {"model_owner": 7},
            "evaluation_details": [None, {"metric_groups": [{"metric_data": "no"}]}],
        },
        {"intended_uses": {"purpose_of_model": "   "}},
    ],
)
def test_what_is_another_shape_says_nothing(content: dict[str, Any]) -> None:
    assert facts_of(content) == ()


def test_others_words_are_in_quotes() -> None:
    metric = {"name": HOSTILE, "value": HOSTILE}
    content = {
        "model_overview": {"model_owner": HOSTILE},
        "evaluation_details": [{"name": HOSTILE, "metric_groups": [{"metric_data": [metric]}]}],
    }
    for line in facts_of(content):
        assert line.isprintable()
        assert MARK not in "".join(line.split('"')[::2])


def test_a_card_of_many_metrics_is_cut() -> None:
    data = [{"name": str(number), "value": number} for number in range(MOST_METRICS + 5)]
    found = facts_of({"evaluation_details": [{"metric_groups": [{"metric_data": data}]}]})
    assert len(found) == MOST_METRICS + 1
    assert found[-1] == "Metrics: and 5 more"
