"""A container's environment for people: credentials masked, and what has become of it since an approval."""

import json
from dataclasses import replace
from typing import Any

import pytest

from stagegate.aws.environment import Environment
from stagegate.ledger import items
from stagegate.subjects.packages.contents.environment import compared, shown, shown_each
from stagegate.subjects.packages.model import approved_environment, environment_on_record
from tests.support.ledger import kept_items
from tests.support.packages import APPROVED, CONTAINER, PACKAGE_ARN, PENDING, a_package
from tests.unit.runs.record_approval.test_recording_packages import described
from tests.unit.subjects.packages.test_planning_packages import APPROVAL, Account
from tests.unit.subjects.packages.test_planning_packages import ASKED as QUESTIONS

LONG = "x" * 150
WITH_VARIABLES = replace(CONTAINER, environment=(("A", "1"), ("API_TOKEN", "abcdefgh")))
ASKED = {**described(), "ModelApprovalStatus": PENDING.value}


def test_values_that_are_cut_are_told_apart() -> None:
    first, second = (shown([("PATHS", LONG + end)])[0] for end in "ab")
    assert first != second
    assert first.startswith(f"PATHS={'x' * 100}... (")
    assert shown([("PATHS", "short")]) == ["PATHS=short"]


def test_containers_are_told_apart_where_there_are_several() -> None:
    assert shown_each([[("A", "1")]]) == ["A=1"]
    assert shown_each([[("A", "1")], [("A", "2")]]) == ["container 1: A=1", "container 2: A=2"]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([], [], []),
        (["A=1"], ["A=1"], ["= 1 as they were"]),
        (["A=1", "B=2"], ["B=3", "C=x=y"], ["+ C=x=y", "- A=1", "~ B: 2 -> 3"]),
        (["TOKEN=***"], ["TOKEN=***"], ["= 1 as they were"]),
    ],
)
def test_what_has_become_of_variables(before: list[str], now: list[str], expected: list[str]) -> None:
    assert compared(before, now) == expected


def test_what_was_approved_stays_on_record_until_something_else_is() -> None:
    approved = environment_on_record({}, a_package(APPROVED, WITH_VARIABLES), is_approved=True)
    assert approved_environment(approved) == ["A=1", "API_TOKEN=***"]
    edited = a_package(APPROVED, replace(WITH_VARIABLES, environment=(("A", "2"),)))
    assert environment_on_record(approved, edited, is_approved=False) == approved
    assert approved_environment(environment_on_record(approved, edited, is_approved=True)) == ["A=2"]
    assert environment_on_record({}, edited, is_approved=False) == {}
    assert approved_environment({}) is None


def view(arn: str, *lines: str) -> dict[str, Any]:
    return items.item(items.view_key(arn), items.VIEW, {"planner_state": {"environment": json.dumps(lines)}})


def _keys_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    return [key for wanted in request["RequestItems"].values() for key in wanted["Keys"]]


@pytest.mark.parametrize("version", [3, 2, 1])
def test_a_question_has_it_beside_the_nearest_version_that_was_approved(environment: Environment, version: int) -> None:
    arn = f"{PACKAGE_ARN.rpartition('/')[0]}/{version}"
    account = Account(environment, package=ASKED, elsewhere={arn: view(arn, "A=0")})
    said = account.plan()["message"]["text"]
    assert f"Environment, beside version {version}, which was approved last: - A=0" in said


def test_who_does_not_ask_does_not_look_for_it(environment: Environment) -> None:
    account = Account(environment, *kept_items(PACKAGE_ARN, *QUESTIONS, APPROVAL))
    assert account.plan()["notify"]
    keys = [key["pk"]["S"] for each in account.dynamodb.of("BatchGetItem") for key in _keys_of(each)]
    assert {items.view_key(PACKAGE_ARN)} == {key for key in keys if key.startswith(items.view_key(""))}
