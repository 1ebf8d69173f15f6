"""What several subjects want of one target is on record before it is written, by one writer at a time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import pytest

from stagegate.core.errors import ClaimLostError, LeaseHeldError
from stagegate.ledger import items, targets
from tests.support.builders import CARD_ARN, at
from tests.support.table import Table

TARGET = "fence/222233334444"
PARTITION = items.target_key(TARGET)
OTHER = CARD_ARN.replace("churn", "fraud")
ME = "me"


@contextmanager
def leased(table: Table, holder: str = ME, now: datetime | None = None) -> Iterator[None]:
    with targets.lease(table.client, table.name, TARGET, holder=holder, now=now or at(0)):
        yield


def write(
    table: Table, arn: str = CARD_ARN, *, desired_text: str | None = "", holder: str = ME, now: datetime | None = None
) -> Mapping[str, str]:
    """Take the lease, record the desired grants, and return what the writer would render."""
    with leased(table, holder, now):
        targets.record_desired(table.client, table.name, TARGET, arn=arn, desired_text=desired_text, holder=holder)
        return targets.desired_texts(table.client, table.name, TARGET)


def test_the_writer_is_given_everybodys_desired_grants(table: Table) -> None:
    table.claim(ME)
    table.claim(ME, OTHER)
    assert write(table) == {CARD_ARN: ""}
    assert write(table, OTHER, desired_text="two statements") == {CARD_ARN: "", OTHER: "two statements"}
    assert write(table, OTHER, desired_text="one statement") == {CARD_ARN: "", OTHER: "one statement"}
    assert write(table, desired_text=None) == {OTHER: "one statement"}
    assert write(table, desired_text=None) == {OTHER: "one statement"}


@pytest.mark.parametrize("desired_text", ["", None])
def test_what_a_subject_has_is_unknown_from_its_desired_grants_until_it_is_written(
    table: Table, desired_text: str | None
) -> None:
    table.claim(ME)

    def noted() -> dict[str, str]:
        return dict(table.recorded(CARD_ARN).view.written)

    write(table, desired_text=desired_text)
    assert noted() == {TARGET: ""}
    targets.record_written(
        table.client, table.name, TARGET, arn=CARD_ARN, desired_text="", digest="excepted", holder=ME
    )
    assert noted() == {TARGET: "excepted"}
    targets.record_written(table.client, table.name, TARGET, arn=CARD_ARN, desired_text=None, digest=None, holder=ME)
    assert noted() == {}


def test_nothing_is_wanted_by_a_run_that_has_lost_its_claim(table: Table) -> None:
    table.claim("another run")
    with pytest.raises(ClaimLostError, match=f"{TARGET} was not touched"):
        write(table)
    assert table.all_keys() == [(PARTITION, items.LEASE)]


def test_a_lease_that_is_held_keeps_others_and_their_desired_grants_out(table: Table) -> None:
    table.claim(ME)
    table.claim("another run", OTHER)
    with leased(table):
        with pytest.raises(LeaseHeldError, match=f"{TARGET}: another run is writing it"):
            write(table, OTHER, holder="another run")
        held = table.get(PARTITION, items.LEASE)
        assert held is not None
        assert held["holder"] == ME
    assert write(table) == {CARD_ARN: ""}


def test_a_lease_is_given_back_even_by_a_writer_that_fails(table: Table) -> None:
    table.claim(ME)
    with pytest.raises(ZeroDivisionError), leased(table):
        raise ZeroDivisionError
    lease = table.get(PARTITION, items.LEASE)
    assert lease is not None
    assert "holder" not in lease
    assert write(table) == {CARD_ARN: ""}


class TestALeaseOfADeadWriter:
    @pytest.fixture(autouse=True)
    def held(self, table: Table) -> None:
        table.claim(ME)
        expires = int((at(0) + targets.LEASE_TIME).timestamp())
        table.put(PARTITION, items.LEASE, {"holder": "dead", "expires": expires})

    def test_is_respected_until_its_time_has_run_out(self, table: Table) -> None:
        with pytest.raises(LeaseHeldError):
            write(table, now=at(0) + targets.LEASE_TIME)

    def test_is_taken_over_then(self, table: Table) -> None:
        assert write(table, now=at(1) + targets.LEASE_TIME) == {CARD_ARN: ""}

    def test_is_taken_from_nobody_by_giving_ours_back(self, table: Table) -> None:
        """We were too slow, and somebody has taken over: their lease stays."""
        later = at(1) + targets.LEASE_TIME
        with leased(table, now=later):
            table.put(PARTITION, items.LEASE, {"holder": "next", "expires": 1})
        lease = table.get(PARTITION, items.LEASE)
        assert lease is not None
        assert lease["holder"] == "next"


def test_a_lease_outlives_the_function_that_holds_it(table: Table) -> None:
    table.claim(ME)
    with leased(table, now=at(0.9)):
        lease = table.get(PARTITION, items.LEASE)
    assert lease is not None
    assert int(lease["expires"]) - at(0).timestamp() == 90
