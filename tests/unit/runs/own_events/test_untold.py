"""While the own bus refuses, what waits to be told stays small, and what is given up is said."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stagegate.aws.environment import Environment
from stagegate.aws.json import to_json
from stagegate.core.errors import RefusedError, StillOpenError
from stagegate.core.own_events import MOST_UNTOLD, MOST_UNTOLD_BYTES, OwnEventKind, to_tell_again
from stagegate.ledger import read
from stagegate.plans.grants import Grant, View
from stagegate.plans.record import Outcome, Record
from stagegate.runs.record import record
from tests.support.builders import CARD_ARN, DEV, GOVERNANCE, NOON, PROD, a_grant, the_subject
from tests.support.buses import Buses
from tests.support.table import Table
from tests.unit.runs.own_events.test_putting_own_events import EVENT

NOT_NOW = {"error": "RefusedError", "cause": "not now"}
NO_EVENTS = "AccessDeniedException"
MANY = tuple(f"{number:012d}" for number in range(1, 301))


@dataclass
class Runs:
    """Runs of one card, each of which finds what the one before has recorded, and didn't end well."""

    table: Table
    environment: Environment
    buses: Buses = field(default_factory=lambda: Buses({GOVERNANCE: NO_EVENTS}))
    number: int = 0

    def view(self) -> View:
        how = read.Reading(execution="me", notes=())
        return read.read(self.table.client, self.table.name, CARD_ARN, how).view

    def records(self, *grants: Grant, failing: tuple[str, ...] = ()) -> str:
        """One more run; what it failed with, "" where it didn't. Of the `failing` shares, the last can't be closed."""
        before, self.number = self.view(), self.number + 1
        found = Record(subject=the_subject(), outcome=Outcome.CHANGES, status="Approved", grants=grants)
        request: dict[str, Any] = {
            "record": to_json(found),
            "grants": [to_json(grant) for grant in grants],
            "lines": [f"close {share}" for share in failing],
            "changes": [{"closes": True, "places": [share]} for share in failing],
            "results": [{"not_closed": NOT_NOW} if share == failing[-1] else {} for share in failing],
            "execution": "me",
            "round": self.number,
            "labels": {"kind": [], "subject_type": "model-card"},
            "told": False,
            "before": {
                "grants": [to_json(grant) for grant in before.grants],
                "planner_state": {},
                "sequence": before.sequence,
                "unsaid": [json.loads(json.dumps(each.as_values())) for each in before.own_events],
            },
            "at": NOON.replace(minute=self.number).isoformat(),
        }
        try:
            record(self.table.client, self.environment, request, self.buses.client)
        except (RefusedError, StillOpenError) as error:
            return str(error)
        return ""


@pytest.fixture
def runs(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        table = Table.create(boto3.client("dynamodb"))
        table.claim("me")
        yield Runs(table, replace(environment, table=table.name))


@pytest.mark.parametrize(("accounts", "most"), [((PROD,), MOST_UNTOLD), (MANY, 5)], ids=["one account", "many"])
def test_what_waits_stays_small_however_often_the_bus_refuses(runs: Runs, accounts: tuple[str, ...], most: int) -> None:
    said = [runs.records(*([a_grant("prod", *accounts)] if number % 2 == 0 else [])) for number in range(30)]
    assert all("put own events" in each for each in said)
    waiting = runs.view().own_events
    size = sum(len(json.dumps(each.as_values())) for each in waiting)
    assert (len(waiting) <= most, size <= MOST_UNTOLD_BYTES) == (True, True)
    assert [each.sequence for each in waiting] == list(range(31 - len(waiting), 31)), "the last ones"
    assert f"no run tells those any more whose sequence is {30 - len(waiting)} to {30 - len(waiting)}" in said[-1]
    assert "any more" not in said[0]

    runs.buses.refusing.clear()
    runs.buses.taken.clear()
    assert runs.records() == ""
    told = [json.loads(entry["Detail"]) for entry in runs.buses.on("stagegate-events")]
    assert [each["sequence"] for each in told] == [each.sequence for each in waiting]
    assert runs.view().own_events == waiting


def test_what_is_given_up_is_said_beside_what_could_not_be_closed(runs: Runs) -> None:
    """Of two stages one closes, and that is one event too many."""
    dev, prod = a_grant("dev", DEV), a_grant("prod", PROD)
    for number in range(MOST_UNTOLD - 1):
        runs.records(*([prod] if number % 2 == 0 else []))
    runs.records(dev, prod)
    said = runs.records(failing=(str(dev.share_arn), str(prod.share_arn)))
    assert said.startswith(f"- close {prod.share_arn}")
    assert "Besides, put own events" in said
    assert "no run tells those any more whose sequence is 1 to 1" in said
    assert runs.view().own_events[-1].stages == ("dev",)


def test_what_a_run_has_done_itself_is_never_given_up_however_large_it_is() -> None:
    large = replace(EVENT, sequence=9, accounts=tuple(f"{number:012d}" for number in range(2000)))
    news = (large, replace(EVENT, sequence=10, kind=OwnEventKind.DECISION_NEEDED, accounts=()))
    assert to_tell_again((replace(EVENT, sequence=8),), news) == news
    assert to_tell_again((EVENT,), ()) == (EVENT,)
