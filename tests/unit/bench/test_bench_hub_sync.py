"""The measurement of a hub's sync finds what isn't as promised."""

from dataclasses import replace

from bench.hub_sync import Cost, problems

FIRST = Cost(who="Stagegate x", models=9, references=8, lists=3, reads=4, writes=9, ledger=5, states=13, seconds=1.0)
AGAIN = replace(FIRST, who="Stagegate x again", writes=0)
PEER = replace(FIRST, who="walk-through's loop again", writes=8)


def test_a_write_for_each_reference_and_none_after_that_is_as_promised() -> None:
    assert problems([FIRST, AGAIN, PEER]) == []


def test_writes_too_many_are_found() -> None:
    assert problems([replace(FIRST, writes=10)]) == ["Stagegate x: 10 writes, 9 at most"]
    assert problems([replace(AGAIN, writes=1)]) == ["Stagegate x again: 1 writes, 0 at most"]
