"""What is kept of the chains' ends: as we write it, and as anybody may who may put objects there."""

import json
from datetime import timedelta

import pytest

from stagegate.approvals.kept import Head
from stagegate.evidence import heads
from stagegate.evidence.model import Heads, Kind, List
from tests.support.builders import CARD_ARN, NOON

ENDS = Heads(at=NOON, heads={CARD_ARN: {List.HISTORY: Head(number=3, digest="a"), List.APPROVALS: Head(number=1)}})
HOUR = timedelta(hours=1)


def said(at: object = "2026-03-02T12:00:00+00:00", subject: str = CARD_ARN, number: str = "3") -> str:
    """What our function writes, but for one part of it."""
    return f'{{"at": {json.dumps(at)}, "heads": {{{json.dumps(subject)}: {{"history": [{number}, "a"]}}}}}}'


def test_they_are_written_and_read_in_the_order_of_time() -> None:
    keys = [heads.key_of(NOON + hour * HOUR) for hour in range(4)]
    assert keys == sorted(set(keys))
    assert keys[0] == "heads/2026-03-02/120000.000000.json"
    assert heads.heads_of(heads.document_of(ENDS)) == ENDS
    assert heads.heads_of(said()).heads == {CARD_ARN: {List.HISTORY: Head(number=3, digest="a")}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"heads": {"a": 1}}',
        '{"at": "x", "heads": {}}',
        said(at="2026-03-02T12:00:00"),  # compared with a time that has a zone, it would be an error
        said(at="0001-01-01T00:00:00+23:59"),  # there is no such time in UTC
        said(at=5),
        said(number="Infinity"),
        said(number="NaN"),
        said(number="[" * 100_000 + "]" * 100_000),
        "[" * 100_000,
        said(subject=""),
        said(subject="\ud800"),
        said(subject="a\x1b[2Jb"),
        said(subject="a" * 3_000),  # no key of DynamoDB's is so long
    ],
)
def test_they_are_ours_or_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="no ends of chains"):
        heads.heads_of(text)


def test_they_are_missing_old_replaced_or_deleted() -> None:
    assert heads.flaws_of({"a": 1}, [NOON - HOUR, NOON], NOON + 2 * HOUR) == []
    (old,) = heads.flaws_of({"a": 1}, [NOON], NOON + 4 * HOUR)
    (none,) = heads.flaws_of({}, [], NOON)
    (replaced,) = heads.flaws_of({"a": 2}, [NOON], NOON)
    assert {each.kind for each in (old, none, replaced)} == {Kind.KEPT}
    assert replaced.key == "a"
    assert heads.gaps_in([NOON + 9 * HOUR, NOON, NOON + HOUR]) == 1


@pytest.mark.parametrize(("hours", "found"), [(-9, 1), (-0.1, 0), (0, 0), (0.1, 0), (600_000, 1)])
def test_they_are_of_the_time_at_which_they_were_stored(hours: float, found: int) -> None:
    flaws = heads.misdated("a", Heads(at=NOON + hours * HOUR, heads={}), NOON)
    assert [(each.kind, each.key) for each in flaws] == [(Kind.KEPT, "a")] * found


def test_chains_that_are_older_than_all_of_them_are_named_once() -> None:
    assert heads.begun_before([NOON - 2 * HOUR, NOON + HOUR], [NOON, NOON + HOUR]) == []
    assert heads.begun_before([NOON], []) == []
    (flaw,) = heads.begun_before([NOON, NOON - 4 * HOUR, NOON - 9 * HOUR], [NOON + HOUR, NOON])
    assert (flaw.kind, flaw.subject) == (Kind.KEPT, "")
    assert "since 2026-03-02T03:00:00+00:00 (2 of them)" in flaw.detail
