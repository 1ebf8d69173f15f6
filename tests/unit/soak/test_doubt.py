"""What may be while it isn't known what must be: each case is a pair that differs in one thing."""

import pytest

from soak.oracle.doubt import narrowed
from soak.oracle.verdict import BOTH, SHUT, Must, Verdict, closed, either, known_after, opened, whichever

DOUBT = either("nobody has looked")


def must(ideal: Verdict, *, was_seen: bool, moments: int = 1, is_looked_at: bool = False) -> Must:
    return narrowed(DOUBT, ideal, was_seen=was_seen, moments=moments, is_looked_at=is_looked_at).must


def test_nothing_opens_in_doubt_that_would_not_open_for_certain() -> None:
    assert must(closed("archived"), was_seen=False) is Must.CLOSED
    assert must(opened("approved"), was_seen=False) is Must.EITHER
    assert must(closed("archived"), was_seen=True) is Must.EITHER
    assert must(either("unclear"), was_seen=False) is Must.EITHER


def test_what_was_in_between_may_have_been_seen() -> None:
    assert must(closed("archived"), was_seen=False, moments=2) is Must.EITHER
    assert must(opened("approved"), was_seen=True, moments=2) is Must.EITHER


def test_what_nobody_has_looked_at_stays_open_if_it_is_to_be() -> None:
    assert must(opened("approved"), was_seen=True) is Must.OPEN
    assert must(opened("approved"), was_seen=True, is_looked_at=True) is Must.EITHER


@pytest.mark.parametrize("verdict", [opened("approved"), closed("archived")])
def test_what_is_certain_stays_so(verdict: Verdict) -> None:
    assert narrowed(verdict, DOUBT, was_seen=True, moments=0, is_looked_at=True) is verdict


def stays(was_open: bool) -> Verdict:  # noqa: FBT001  as the oracle calls it
    return opened("it stays open") if was_open else closed("nothing opens")


def test_what_rests_on_what_was_is_either_where_that_is_unknown() -> None:
    assert whichever(stays, BOTH).must is Must.EITHER
    assert whichever(stays, SHUT).must is Must.CLOSED
    assert whichever(lambda _: opened("no approvers"), BOTH).must is Must.OPEN


def test_whether_it_may_write_is_left_open_where_that_differs() -> None:
    assert whichever(lambda was: opened("anyway", write=was), BOTH).write is None


def test_the_oracle_knows_what_it_has_asked_for() -> None:
    assert [known_after(each) for each in (opened(""), closed(""), DOUBT)] == [frozenset({True}), SHUT, BOTH]
