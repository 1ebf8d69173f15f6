"""What the account itself has: logs of an earlier installation, and room for functions."""

from tests.support.scripted import Scripted
from tools.deploy import concurrency, kept_logs

PLAN = "/aws/lambda/stagegate-plan"


def groups(*names: str) -> Scripted:
    return Scripted("logs", DescribeLogGroups={"logGroups": [{"logGroupName": name} for name in names]})


def test_a_log_group_that_is_there_already_is_named_and_left_alone() -> None:
    logs = groups(PLAN, f"{PLAN}-other")
    (problem,) = kept_logs.problems(logs.client, [PLAN, "/aws/lambda/stagegate-sweep"])
    assert problem.startswith(f"log group {PLAN}: found one of an earlier installation; allowed: none")
    assert set(logs.operations) == {"DescribeLogGroups"}


def test_none_is_no_problem() -> None:
    assert kept_logs.problems(groups(f"{PLAN}-other").client, [PLAN]) == []


def test_an_account_with_little_concurrency_is_told_how_to_get_more() -> None:
    def told(found: int) -> str | None:
        return concurrency.warning(
            Scripted("lambda", GetAccountSettings={"AccountLimit": {"UnreservedConcurrentExecutions": found}}).client
        )

    assert told(100) is None
    said = told(10)
    assert said
    assert said.startswith("Lambda: found 10 concurrent executions")
    assert "--quota-code L-B99A9384" in said
