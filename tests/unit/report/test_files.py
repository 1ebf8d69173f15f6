"""The report for programs and spreadsheets."""

import csv
import io
import json
from dataclasses import replace

import pytest

from stagegate.report.cells import COLUMNS, as_csv, cell
from stagegate.report.document import FORMAT, as_json
from tests.support.reports import a_record_of, a_report, rules_for


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "\x00=1", "\u200b=1", "\u202e=1"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text).startswith("'")
    assert cell("model") == "model"
    assert cell(None) == ""


def test_a_cell_is_one_line_without_control_characters() -> None:
    assert cell('a\nb\x1b[31m"c') == 'a b [31m"c'


def test_each_grant_is_a_row_and_a_closed_model_is_one() -> None:
    rules = rules_for(3)
    report = a_report(0, 3, a_record_of("churn-a", rules, number=3), a_record_of("churn-b", rules, number=1))
    head, *rows = csv.reader(io.StringIO(as_csv(report)))
    assert tuple(head) == COLUMNS
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    assert [(row["model"], row["stage"], row["can"]) for row in found] == [
        ("churn-a", "dev", "read and write"),
        ("churn-a", "test", "read"),
        ("churn-b", "", ""),
    ]
    assert found[0]["accounts"] == "200000000000"


def test_the_document_says_the_same_and_is_ascii() -> None:
    rules = rules_for(3)
    hostile = a_record_of("churn-a", rules, number=3)
    hostile = replace(hostile, subject=replace(hostile.subject, name="\u202e</script>"))
    text = as_json(a_report(0, 3, hostile))
    assert text.isascii()
    said = json.loads(text)
    (model,) = said["models"]
    assert (said["format"], model["name"], model["status"]) == (FORMAT, "\u202e</script>", "PendingReview")
    assert [said["account_lists"][each["accounts"]] for each in model["access"]] == [["200000000000"], ["200000000001"]]
    assert len(model["timeline"]) == 13
    assert len(said["changes_of_the_week"]) == 2
