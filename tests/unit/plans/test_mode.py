"""How much a run reads, by what has started it."""

import pytest

from stagegate.plans.mode import Mode, ReadScope, scope_of


@pytest.mark.parametrize("mode", Mode)
def test_only_an_events_run_goes_by_the_record(mode: Mode) -> None:
    expected = ReadScope.CHANGES if mode is Mode.EVENT else ReadScope.FULL
    assert scope_of(mode, is_unfinished=False) is expected


@pytest.mark.parametrize("mode", Mode)
def test_the_run_after_one_that_did_not_end_well_reads_everything(mode: Mode) -> None:
    assert scope_of(mode, is_unfinished=True) is ReadScope.FULL
