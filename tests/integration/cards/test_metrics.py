"""A stage opens for a card whose metrics are within its bounds, whoever approves; and for packages by their card."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.kernel.delays import Delays
from sandbox.stagegate.organization import Organization
from tests.integration.cards.sealed import REVIEWED
from tests.integration.cards.test_approvals import A_LONG_CALL_S, Cards
from tests.support.linked import Cards as LinkedCards
from tests.support.registry import ALL, GROUP
from tests.support.registry import registry as a_registry
from tests.support.shipped import SHIPPED, changed
from tests.support.sweeps import settings

PROD = 'roles = ["ModelOperator"]'
ASKING = f'{PROD}\nmetrics = [{{ name = "accuracy", at_least = 0.9 }}]'


def measured(value: object) -> dict[str, Any]:
    data = [{"name": "accuracy", "type": "number", "value": value}]
    return {
        **REVIEWED,
        "evaluation_details": [{"name": "holdout", "metric_groups": [{"name": "all", "metric_data": data}]}],
    }


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cards]:
    rules: Path = settings(tmp_path_factory.mktemp("rules"), (PROD, ASKING))
    with Organization.start(rules, delays=Delays(cloudtrail=0.1, ram_association=0.05, wait_factor=0.05)) as opened:
        yield Cards(opened)


def writes(cards: Cards, value: object, who: str = "dev") -> None:
    cards.does(who, Content=json.dumps(measured(value)))
    cards.organization.clock.sleep(A_LONG_CALL_S)


def test_who_did_what(cards: Cards) -> None:
    cards.has("measured")
    cards.approves()
    assert not cards.prod_sees_it(), "its evaluations say nothing of it"
    assert "BLOCKED measured: MetricsNotMet (prod)" in cards.heard()
    cards.does("governance", ModelCardStatus="PendingReview")
    writes(cards, 0.85)
    assert "DECIDE measured: PendingReview; Approved would open nothing now" in cards.heard()
    assert 'prod asks for accuracy of at least 0.9: the card says another value, "0.85"' in cards.heard()
    cards.approves()
    assert not cards.prod_sees_it(), "an approver can't let it in"
    cards.does("governance", ModelCardStatus="PendingReview")
    writes(cards, 0.93)
    assert "Approved would open prod" in cards.heard()
    assert 'prod asks for accuracy of at least 0.9: met, by "0.93"' in cards.heard()
    cards.does("governance", ModelCardStatus="Approved")
    assert not cards.prod_sees_it(), "its metrics are no approval"
    cards.approves()
    assert cards.prod_sees_it()
    writes(cards, "0.95")
    assert not cards.prod_sees_it()
    cards.approves()
    assert not cards.prod_sees_it(), "a text is no number"


def test_a_package_takes_its_cards(tmp_path: Path) -> None:
    rules = changed((PROD, ASKING), ('card = "required"', 'card = "if_linked"'), text=SHIPPED)
    with a_registry(tmp_path, Delays(cloudtrail=0.3, wait_factor=0.2), rules=rules) as registry:
        cards, sagemaker = LinkedCards(registry.organization, GROUP), registry.admin("sagemaker")
        registry.sets("approver", "Approved")
        assert registry.may("prod") & ALL == frozenset(), "it has no card that says anything"
        cards.makes()
        cards.is_approved()
        assert registry.may("prod") & ALL == frozenset(), "its card says nothing of it"
        content = json.loads(sagemaker.describe_model_card(ModelCardName=GROUP)["Content"])
        better = json.dumps({**content, "evaluation_details": measured(0.93)["evaluation_details"]})
        registry.organization.client("sagemaker", "governance").update_model_card(ModelCardName=GROUP, Content=better)
        assert registry.organization.settle()
        cards.is_approved()
        assert registry.may("prod") & ALL == ALL
