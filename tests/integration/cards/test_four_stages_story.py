"""The whole story by other rules: four stages, other names and accounts, a fence that names cards, one by boundary."""

from collections.abc import Iterator

import pytest

from demo.card import card
from demo.story import StepResult
from sandbox.kernel.delays import Delays
from tests.support.fixtures import FOUR_STAGES, CardEnvironment, card_environment, problems

pytestmark = pytest.mark.slow

STEPS = 23
FUNCTIONS = ("plan", "apply-share", "apply-fence", "verify", "record", "notify")


@pytest.fixture(scope="module")
def environment() -> Iterator[CardEnvironment]:
    with card_environment(FOUR_STAGES, Delays(cloudtrail=0.4)) as opened:
        yield opened


@pytest.fixture(scope="module")
def results(environment: CardEnvironment) -> list[StepResult]:
    return list(environment.stage.play("card", card(environment.actions), lambda _: None))


def test_every_observation_is_the_expected_one(results: list[StepResult]) -> None:
    assert [problem for result in results for problem in problems(result)] == []
    assert len(results) == STEPS


def test_the_rules_are_told_apart_by_what_was_seen(results: list[StepResult]) -> None:
    seen = {result.step.column: result.observed for result in results if result.step.column}
    access = {
        name: {f"{observer.account} {observer.role}": str(found) for observer, found in table.items()}
        for name, table in seen.items()
    }
    assert access["Draft"]["101010101010 Scientist"] == "rw"
    assert access["PendingReview"]["101010101010 Scientist"] == "r"
    assert access["PendingReview"]["202020202020 Reviewer"] == "r"
    assert access["PendingReview"]["202020202020 Administrator"] == "rw"  # no boundary of theirs
    assert access["Approved by no approver"]["404040404040 Operator"] == "-"
    assert access["Approved by an approver"]["404040404040 Operator"] == "r"
    assert access["Archived"]["303030303030 Stager"] == "-"
    assert set(access["deleted"].values()) == {"-"}


def test_no_call_of_the_runs_is_left_out_of_their_costs(
    environment: CardEnvironment, results: list[StepResult]
) -> None:
    made = [
        call
        for call in environment.organization.calls
        if (
            call.principal_arn.endswith(tuple(f"/stagegate-{name}" for name in FUNCTIONS))
            and call.service not in ("sts", "logs")
        )
        or (call.principal_arn.endswith("/stagegate-govern") and call.service != "lambda")
    ]
    counted = sum(cost.calls + cost.settle_polls for result in results for cost in result.costs)
    # A call is counted twice where two runs overlap: the fresh one that a run starts before it ends, say.
    assert len(made) <= counted <= len(made) * 1.05
