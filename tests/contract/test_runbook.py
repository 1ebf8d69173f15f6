"""Whoever is woken by an alarm or reads a finding's code has to find it in the runbook, and nothing that is no more."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from stagegate.core import errors
from tests.contract.finding_codes import codes_in

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "layers" / "stagegate" / "python" / "stagegate"
RUNBOOK = ROOT / "docs" / "runbook.md"


def entries(kind: str) -> Counter[str]:
    """Count what the first cells name in all tables whose first column is called `kind`."""
    return Counter(name for row in _rows(kind) for name in re.findall(r"`([^`]+)`", row[0]))


def _rows(kind: str) -> Iterator[list[str]]:
    inside = False
    for line in RUNBOOK.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells[0] == kind:
            inside = True
        elif inside and not set(line) <= set("|-"):
            yield cells


def alarms() -> set[str]:
    resources = [
        resource
        for template in ("template.yaml", "member-template.yaml", "management-template.yaml")
        for resource in yaml_parse((ROOT / template).read_text())["Resources"].values()
    ]
    named: list[Any] = [r["Properties"]["AlarmName"] for r in resources if r["Type"] == "AWS::CloudWatch::Alarm"]
    return {name["Fn::Sub"].replace("${Prefix}", "stagegate") for name in named}


def raised() -> set[str]:
    """The errors that a run can end with: all that are not only what others have in common."""
    own = [each for each in vars(errors).values() if isinstance(each, type) and each.__module__ == errors.__name__]
    return {each.__name__ for each in own if not each.__subclasses__()}


def test_each_finding_has_one_row_and_no_row_is_left_over() -> None:
    found = entries("finding")
    assert set(found) == codes_in(PRODUCT)
    assert [name for name, count in found.items() if count > 1] == []


def test_each_alarm_has_one_row_and_no_row_is_left_over() -> None:
    assert entries("alarm") == Counter(alarms())


def test_each_error_has_a_row() -> None:
    assert raised() - set(entries("error")) == set()


@pytest.mark.parametrize("kind", ["finding", "alarm", "error"])
def test_each_row_has_its_three_cells(kind: str) -> None:
    assert [row for row in _rows(kind) if len(row) != 3] == []


def test_a_code_is_found_wherever_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text('blocked("PlainCode", "x")\nFinding(code="NamedCode", detail="x")\n')
    (tmp_path / "two.py").write_text(
        'def unfit(code, detail):\n    return blocked(code, detail)\nunfit("HandedOn", "x")\n'
    )
    (tmp_path / "three.py").write_text('TABLE = {"a": "TabledCode"}\ncode = TABLE["a"]\nwarned(code, "x")\n')
    assert codes_in(tmp_path) == {"PlainCode", "NamedCode", "HandedOn", "TabledCode"}


def test_a_code_that_can_not_be_followed_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text('warned(elsewhere.code, "x")\n')
    with pytest.raises(AssertionError, match=r"where does elsewhere\.code come from"):
        codes_in(tmp_path)
