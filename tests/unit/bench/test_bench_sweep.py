"""The measurement of a sweep finds what isn't as promised."""

from dataclasses import replace

from bench.sweep import Cost, problems

HUNDRED = Cost(subjects=100, executions=1, transitions=110, calls=600, events=700, state_bytes=6000)
THOUSAND = replace(HUNDRED, subjects=1000, transitions=1080, calls=6000)


def test_a_flat_cost_is_as_promised() -> None:
    few = replace(HUNDRED, subjects=10, transitions=24, calls=70)  # the fixed part of a sweep
    assert problems([few, HUNDRED, THOUSAND]) == []


def test_a_cost_that_grows_is_found() -> None:
    assert problems([HUNDRED, replace(THOUSAND, calls=6400)]) == ["1000 subjects cost more each than 100 do"]
    assert problems([HUNDRED, replace(THOUSAND, transitions=1200)]) == ["1000 subjects cost more each than 100 do"]


def test_a_limit_that_comes_near_is_found() -> None:
    assert problems([replace(HUNDRED, events=23_000)]) == ["100 subjects: events 23000 of 25000"]
    assert problems([replace(HUNDRED, state_bytes=250_000)]) == ["100 subjects: bytes 250000 of 262144"]
