"""The claim in every order of what several runs do: what holds, and what is missed when it is taken away."""

import pytest

from bench.interleavings.claim import CONTROLS, HOLDS, explore, holds, updated

QUICK = [name for name in HOLDS if name.startswith(("events", "two stops"))]


@pytest.mark.parametrize("name", QUICK)
def test_only_the_holder_writes_and_in_the_end_nobody_holds_it(name: str) -> None:
    found = explore(HOLDS[name])
    assert found.wrong == {}
    assert found.ends > 20


@pytest.mark.parametrize("name", CONTROLS)
def test_what_is_taken_away_is_missed(name: str) -> None:
    budget, lacks = CONTROLS[name]
    assert explore(budget, lacks).wrong


def test_expressions_mean_what_dynamodb_says_they_do() -> None:
    values = {":me": 2, ":one": 1, ":now": 5}
    item = {"holder": 1, "expires": 5, "wanted": 3}
    made = updated("ADD wanted :one SET holder = :me, began = if_not_exists(began, :me) REMOVE expires", item, values)
    assert made == {"holder": 2, "wanted": 4, "began": 2}
    assert updated("SET began = if_not_exists(began, :me)", {"began": 1}, values) == {"began": 1}
    assert holds("attribute_not_exists(holder) OR holder = :me OR expires < :now", item, values) is False
    assert holds("attribute_exists(holder) AND expires >= :now", item, values) is True
    assert holds("holder = :me", {}, values) is False
