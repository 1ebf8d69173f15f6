"""A first deployment that failed can be repeated, and nothing that holds records is ever deleted."""

from typing import Any

import pytest

from tests.support.scripted import Scripted, refusal
from tools.deploy.failed_creation import clear

NO_STACK = refusal("ValidationError", "Stack with id stagegate does not exist")
NO_TABLE = refusal("ResourceNotFoundException")
TABLE = {"Table": {"TableStatus": "ACTIVE"}}
DELETED = refusal("ResourceNotFoundException", "Requested resource not found")


def stack_in(status: str) -> dict[str, Any]:
    return {"Stacks": [{"StackName": "stagegate", "CreationTime": "2026-11-30T00:00:00Z", "StackStatus": status}]}


def cleared(stack: Any, table: Any, items: list[dict[str, Any]] | None = None) -> tuple[list[str], list[str]]:
    """Return what is said, and every call that changes something."""
    deleted = [*(stack if isinstance(stack, list) else [stack])]
    cloudformation = Scripted("cloudformation", DescribeStacks=deleted, DeleteStack={})
    dynamodb = Scripted("dynamodb", DescribeTable=table, Scan={"Items": items or []}, UpdateTable={}, DeleteTable={})
    said = list(clear(cloudformation.client, dynamodb.client, stack="stagegate", prefix="stagegate"))
    done = [*dynamodb.operations, *cloudformation.operations]
    return said, [each for each in done if not each.startswith(("Describe", "Scan"))]


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"])
def test_a_stack_that_never_was_goes_with_its_empty_ledger(status: str) -> None:
    gone = {"Stacks": [stack_in("DELETE_COMPLETE")["Stacks"][0]]}
    said, done = cleared([stack_in(status), gone], [TABLE, TABLE, DELETED])
    assert done == ["UpdateTable", "DeleteTable", "DeleteStack"]
    assert said == [
        "table stagegate-ledger has nothing in it, from a deployment that failed: deleting it",
        f"stack stagegate is {status}, and was never deployed: deleting it",
    ]


def test_half_of_it_is_done_when_it_runs_again() -> None:
    gone = {"Stacks": [stack_in("DELETE_COMPLETE")["Stacks"][0]]}
    assert cleared([stack_in("ROLLBACK_COMPLETE"), gone], NO_TABLE)[1] == ["DeleteStack"]
    assert cleared(NO_STACK, [TABLE, TABLE, DELETED])[1] == ["UpdateTable", "DeleteTable"]


@pytest.mark.parametrize("stack", [NO_STACK, stack_in("REVIEW_IN_PROGRESS")])
def test_a_first_deployment_finds_nothing_to_do(stack: Any) -> None:
    assert cleared(stack, NO_TABLE) == ([], [])


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"]
)
def test_a_stack_that_is_there_is_left_alone_whatever_its_ledger_has(status: str) -> None:
    assert cleared(stack_in(status), TABLE, [{"pk": {"S": "SUBJECT#1"}}]) == ([], [])
    assert cleared(stack_in(status), TABLE) == ([], [])


@pytest.mark.parametrize("stack", [NO_STACK, stack_in("ROLLBACK_COMPLETE")])
def test_records_without_a_stack_are_never_deleted(stack: Any) -> None:
    with pytest.raises(ValueError, match=r"table stagegate-ledger: found records .*over with ADOPT=1"):
        cleared(stack, TABLE, [{"pk": {"S": "SUBJECT#1"}}])


def test_a_stack_at_work_is_waited_for_by_whoever_asks() -> None:
    with pytest.raises(ValueError, match=r"stack stagegate: found UPDATE_IN_PROGRESS; allowed: a stack at rest"):
        cleared(stack_in("UPDATE_IN_PROGRESS"), TABLE)


def test_another_refusal_is_no_missing_stack() -> None:
    with pytest.raises(Exception, match="AccessDenied"):
        cleared(refusal("AccessDenied", "no"), TABLE)
