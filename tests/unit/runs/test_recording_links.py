"""A run of a card says whether anybody may follow it, once its word is recorded."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stagegate.aws.environment import Environment
from stagegate.aws.json import to_json
from stagegate.ledger import write
from stagegate.links.linking import Linking
from stagegate.plans.record import Outcome, Record
from stagegate.runs.record import record
from tests.support.builders import NOON, the_subject
from tests.support.packages import the_package_subject
from tests.support.scripted import Scripted, refusal
from tests.support.table import Table
from tests.support.words import CARD, PACKAGE

OF_CARD = Record(subject=the_subject(CARD), outcome=Outcome.UNCHANGED, status="Approved")
OF_PACKAGE = Record(subject=the_package_subject(PACKAGE), outcome=Outcome.UNCHANGED, status="Approved")


def may_be_followed(client: Any, environment: Environment, linking: Linking) -> bool:
    request = {
        "record": to_json(replace(OF_CARD, linking=linking)),
        "grants": [],
        "lines": [],
        "execution": "me",
        "round": 0,
        "labels": {"kind": [], "subject_type": "model-card"},
        "told": False,
        "before": {"grants": [], "planner_state": {}, "sequence": 0, "unsaid": []},
        "at": NOON.isoformat(),
    }
    return bool(record(client, environment, request)["may_be_followed"])


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield Table.create(boto3.client("dynamodb"))


@pytest.fixture
def here(environment: Environment, table: Table) -> Environment:
    table.claim("me", CARD)
    return replace(environment, table=table.name)


def test_a_card_whose_word_is_another_and_that_nobody_follows_starts_nothing(table: Table, here: Environment) -> None:
    assert not may_be_followed(table.client, here, Linking(starts=True))


def test_a_package_that_it_names_or_that_looks_at_it_is_started(table: Table, here: Environment) -> None:
    assert may_be_followed(table.client, here, Linking(starts=True, named=(PACKAGE,)))


def test_a_package_that_was_recorded_before_is_started(table: Table, here: Environment) -> None:
    """One that comes later is planned anew: it was planned by an older record of the card."""
    table.claim("package", PACKAGE)
    follows = replace(OF_PACKAGE, linking=Linking(follows=(CARD,), as_of=("",)))
    write.record(table.client, table.name, follows, write.Round(execution="package", number=0, at=NOON))
    assert may_be_followed(table.client, here, Linking(starts=True))


def test_where_the_word_is_the_same_or_nobody_can_ask_someone_may(environment: Environment) -> None:
    """A run that finds another one cut off starts those that follow, whatever its own word is."""

    def query(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["ExpressionAttributeValues"][":pk"]["S"].startswith("FOLLOWED#"):
            raise refusal("AccessDeniedException")
        return {"Items": []}

    ledger = Scripted("dynamodb", TransactWriteItems={}, Query=query)
    assert may_be_followed(ledger.client, environment, Linking(starts=True))
    assert may_be_followed(ledger.client, environment, Linking())
    asked = [each["ExpressionAttributeValues"][":pk"]["S"] for each in ledger.of("Query")]
    assert [pk for pk in asked if pk.startswith("FOLLOWED#")] == [f"FOLLOWED#{CARD}"]
