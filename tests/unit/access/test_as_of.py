"""What was recorded at an earlier time, and what nobody can say of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from stagegate.access.as_of import ALWAYS, HistoryCutError, as_of, limits_of
from stagegate.access.model import Entry, SubjectRecord, recorded_subject
from stagegate.plans.grants import FailedImport
from tests.support.builders import CARD_ARN, DEV, a_grant, a_question, a_record, at


def entry(seconds: float, *stages: str, changes: tuple[str, ...] = ()) -> Entry:
    grants = tuple(a_grant(stage, DEV) for stage in stages)
    return Entry(at=at(seconds), execution="run", outcome="changes", status="Approved", grants=grants, changes=changes)


RECORD = SubjectRecord(
    subject=recorded_subject(CARD_ARN),
    now=entry(2000),
    history=(entry(0, "dev", changes=("open dev",)), entry(1000, "dev", "prod"), entry(2000)),
    records=(a_record(seconds=900), a_record(seconds=1500)),
    questions=(a_question(seconds=500), a_question(seconds=1900)),
    failed={"model-import/1": FailedImport(digest="d", approval="a", detail="no")},
    is_behind=True,
)


@pytest.mark.parametrize(
    ("seconds", "stages"), [(0, ["dev"]), (999, ["dev"]), (1000, ["dev", "prod"]), (1999, ["dev", "prod"]), (2000, [])]
)
def test_what_was_open_is_what_the_last_entry_until_then_says(seconds: float, stages: list[str]) -> None:
    assert [grant.stage for grant in as_of(RECORD, at(seconds)).grants] == stages


def test_nothing_is_known_before_the_first_entry() -> None:
    before = as_of(RECORD, at(-1))
    assert (before.now, before.history) == (None, ())
    assert limits_of([before], at(-1), at(0))[-1].startswith("The history begins at 2026-03-02 12:00:00 UTC")
    assert limits_of([], at(0), None)[-1].startswith("The history is empty")


def test_what_came_later_is_left_out() -> None:
    then = as_of(RECORD, at(1000))
    assert [len(then.records), len(then.questions), len(then.history)] == [1, 1, 2]
    assert (then.failed, then.is_behind) == ({}, False)


def test_a_history_that_was_cut_says_nothing_of_what_was_left_out() -> None:
    cut = replace(RECORD, history=RECORD.history[1:], is_cut=True)
    assert as_of(cut, at(1000)).now is not None
    with pytest.raises(HistoryCutError, match="begins at 2026-03-02T12:16:40"):
        as_of(cut, at(999))


def test_a_run_under_way_is_named_and_one_without_changes_isnt() -> None:
    said = limits_of([RECORD], at(0) + timedelta(minutes=9, seconds=59), at(0))[-1]
    assert said.startswith(f"Runs of 1 subject were planned within the ten minutes before, as of {CARD_ARN}")
    assert limits_of([RECORD], at(0) + timedelta(minutes=10), at(0)) == ALWAYS
    assert limits_of([RECORD], at(1001), at(0)) == ALWAYS
