"""Own events reach each bus that they are for; what doesn't take one is named, and stops nothing but what is ours."""

import json
from dataclasses import replace
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.core.errors import RefusedError, ThrottledError
from stagegate.core.own_events import OwnEvent, OwnEventKind
from stagegate.runs.own_events.put import put
from tests.support.builders import CARD_ARN, DEV, GOVERNANCE, NOON, PROD, TEST
from tests.support.buses import Buses

EVENT = OwnEvent(
    kind=OwnEventKind.ACCESS_REMOVED,
    id="0" * 32,
    sequence=1,
    at=NOON.isoformat(),
    execution="run",
    subject=CARD_ARN,
    subject_type="model-card",
    status="Draft",
    version=3,
    audience="",
    risk="High",
    outcome="changes",
    stages=("prod",),
    accounts=(PROD, TEST),
    partly=(TEST,),
)
NO_BUS = "AccessDeniedException"


def accounts_of(entries: list[dict[str, Any]]) -> list[tuple[list[str], list[str]]]:
    details = [json.loads(entry["Detail"]) for entry in entries]
    return [(detail["accounts"], detail["partly"]) for detail in details]


def test_governance_hears_all_and_an_account_what_is_about_it(environment: Environment) -> None:
    buses = Buses()
    assert put(buses.client, environment, "aws", (EVENT,)) == ()
    assert buses.sizes == [3], "one call"
    assert accounts_of(buses.on(f"{GOVERNANCE}:event-bus/stagegate-events")) == [([PROD, TEST], [TEST])]
    assert accounts_of(buses.on(f"{PROD}:event-bus/stagegate-member-events")) == [([PROD], [])]
    assert accounts_of(buses.on(f"{TEST}:event-bus/stagegate-member-events")) == [([TEST], [TEST])]
    assert {(e["Source"], e["DetailType"], *e["Resources"]) for _, e in buses.taken} == {
        ("stagegate", "Access Removed", CARD_ARN)
    }
    ids = {json.loads(entry["Detail"])["id"] for _, entry in buses.taken}
    assert ids == {EVENT.id}, "a copy is the same event"


def test_nothing_is_called_for_nothing(environment: Environment) -> None:
    def never() -> Any:
        raise AssertionError("a client was made")

    assert put(never, environment, "aws", ()) == ()


def test_what_has_no_arn_names_no_resource(environment: Environment) -> None:
    buses = Buses()
    put(buses.client, environment, "aws", (replace(EVENT, subject="guardrail/canvas", accounts=()),))
    assert [(name.split(":")[4], entry["Resources"]) for name, entry in buses.taken] == [(GOVERNANCE, [])]


def test_ten_go_in_a_call(environment: Environment) -> None:
    accounts = tuple(f"{number:012d}" for number in range(1, 24))
    buses = Buses()
    put(buses.client, environment, "aws", (replace(EVENT, accounts=accounts, partly=()),))
    assert buses.sizes == [10, 10, 4]
    assert sorted(name.split(":")[4] for name, _ in buses.taken) == sorted([GOVERNANCE, *accounts])


@pytest.mark.parametrize("whole_calls", [False, True], ids=["the entry fails", "the call fails"])
class TestABusThatRefuses:
    @pytest.mark.parametrize("code", [NO_BUS, "ResourceNotFoundException", "NotAuthorizedForSourceException"])
    def test_of_a_member_is_named_and_all_others_hear(
        self, environment: Environment, code: str, *, whole_calls: bool
    ) -> None:
        buses = Buses({TEST: code}, whole_calls=whole_calls)
        assert put(buses.client, environment, "aws", (replace(EVENT, accounts=(DEV, PROD, TEST)),)) == (TEST,)
        assert sorted(name.split(":")[4] for name, _ in buses.taken) == sorted([GOVERNANCE, DEV, PROD])

    def test_of_our_own_is_an_error_once_all_others_have_heard(
        self, environment: Environment, *, whole_calls: bool
    ) -> None:
        buses = Buses({GOVERNANCE: NO_BUS, TEST: NO_BUS}, whole_calls=whole_calls)
        with pytest.raises(RefusedError, match=f"bus of account {GOVERNANCE}.*Access Removed.*{NO_BUS}"):
            put(buses.client, environment, "aws", (EVENT,))
        assert [name.split(":")[4] for name, _ in buses.taken] == [PROD]

    def test_for_now_is_tried_again(self, environment: Environment, *, whole_calls: bool) -> None:
        buses = Buses({PROD: "ThrottlingException", TEST: NO_BUS}, whole_calls=whole_calls)
        with pytest.raises(ThrottledError):
            put(buses.client, environment, "aws", (EVENT,))
        buses.refusing.pop(PROD)
        assert put(buses.client, environment, "aws", (EVENT,)) == (TEST,)
        assert [entry["Detail"] for entry in buses.on(f"{PROD}:event-bus/stagegate-member-events")] != []


def test_a_fault_of_eventbridge_is_tried_again(environment: Environment) -> None:
    with pytest.raises(ThrottledError):
        put(Buses({PROD: "InternalFailure"}).client, environment, "aws", (EVENT,))


class TestManyAccounts:
    """A call takes a tenth of a second here."""

    ACCOUNTS = tuple(f"{number:012d}" for number in range(1, 1001))

    def test_without_a_bus_are_named_within_the_time_of_the_function(self, environment: Environment) -> None:
        buses = Buses(dict.fromkeys(self.ACCOUNTS, NO_BUS), whole_calls=True)
        event = replace(EVENT, accounts=self.ACCOUNTS, partly=())
        refused = put(buses.client, environment, "aws", (event,), lambda: len(buses.sizes) / 10)
        assert refused == self.ACCOUNTS
        assert len(buses.sizes) < 150
        assert [name.split(":")[4] for name, _ in buses.taken] == [GOVERNANCE]

    def test_without_a_bus_keep_nobody_from_hearing_whose_call_was_taken(self, environment: Environment) -> None:
        without, others = self.ACCOUNTS[:500], self.ACCOUNTS[509:900]
        buses = Buses(dict.fromkeys(without, NO_BUS), whole_calls=True)
        event = replace(EVENT, accounts=self.ACCOUNTS[:900], partly=())
        refused = put(buses.client, environment, "aws", (event,), lambda: len(buses.sizes) / 10)
        assert {name.split(":")[4] for name, _ in buses.taken} >= {GOVERNANCE, *others}
        assert set(without) <= set(refused)

    def test_take_no_time_from_our_own_bus(self, environment: Environment) -> None:
        buses = Buses()
        late = iter([0.0, *[99.0] * 3000])
        events = tuple(replace(EVENT, sequence=number, accounts=(PROD,)) for number in range(1, 31))
        assert put(buses.client, environment, "aws", events, lambda: next(late)) == (PROD,)
        assert [name.split(":")[4] for name, _ in buses.taken] == [GOVERNANCE] * 30
