"""Every row of the benches is a measurement, what it stands beside, and whether that is as it should be."""

import json
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import cold_start
from bench.rows import HEADER, row, shown, written

SLOW = row("cold start", "plan", ours=300.0, beside=200.0, unit="ms", goal=1.25)
QUICK = row("cold start", "notify", ours=250.0, beside=200.0, unit="ms", goal=1.25)


def test_a_row_says_the_ratio_and_whether_the_goal_is_met() -> None:
    assert (SLOW.ratio, SLOW.met) == (1.5, False)
    assert (QUICK.ratio, QUICK.met) == (1.25, True)


def test_a_row_without_anything_to_compare_with_is_refused() -> None:
    with pytest.raises(ValueError, match="cold start, plan: found 0 ms to compare with; allowed: more than 0"):
        row("cold start", "plan", ours=1.0, beside=0, unit="ms", goal=1.25)


def test_rows_are_one_table_and_one_file(tmp_path: Path) -> None:
    head, _, first, second = shown([SLOW, QUICK]).splitlines()
    assert tuple(cell.strip() for cell in head.strip("|").split("|")) == HEADER
    assert first.split()[-2] == "no"
    assert second.split()[-2] == "yes"
    said = json.loads(written([SLOW], tmp_path).read_text())
    assert said["rows"] == [
        {
            "row": "cold start",
            "case": "plan",
            "ours": 300.0,
            "beside": 200.0,
            "unit": "ms",
            "ratio": 1.5,
            "goal": 1.25,
            "met": False,
        }
    ]


def test_the_quick_bench_starts_functions_that_there_are() -> None:
    assert set(bench.QUICK) < set(cold_start.FUNCTIONS)


def test_the_page_has_a_row_for_each_that_is_measured() -> None:
    page = (cold_start.ROOT / "docs" / "performance.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| [")]
    assert len(rows) == 5
    assert f"| {cold_start.GOAL} | yes |" in rows[0]
