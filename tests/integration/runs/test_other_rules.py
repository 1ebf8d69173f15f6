"""Other rules are deployed while a run is under way: what it has planned isn't done, and a fresh run plans anew."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.services.stepfunctions.executions.execution import Execution
from tests.support.sweeps import SHIPPED, SweepEnvironment, settings, sweeping


@pytest.fixture(scope="module")
def environment() -> Iterator[SweepEnvironment]:
    with sweeping(SHIPPED) as opened:
        yield opened


def other_rules(environment: SweepEnvironment, folder: Path) -> None:
    """Deployed, and nobody waits for what is held."""
    percent = len(environment.runs("GovernStateMachine")) % 50 + 21
    path = settings(folder, ("ask_above_percent = 20", f"ask_above_percent = {percent}"))
    environment.organization.update_settings(path)


def started(environment: SweepEnvironment, name: str, **more: str) -> Execution:
    answer = environment.organization.client("stepfunctions", "governance").start_execution(
        stateMachineArn=environment.organization.outputs["GovernStateMachine"],
        input=json.dumps({"subject": environment.arn(name), **more}),
    )
    (run,) = [e for e in environment.runs("GovernStateMachine") if e.execution_arn == answer["executionArn"]]
    return run


@pytest.mark.parametrize("state", ["CloseChange", "Verify", "Notify", "Record"])
def test_a_close_that_other_rules_have_planned_is_planned_anew(
    environment: SweepEnvironment, tmp_path: Path, state: str
) -> None:
    name = f"closes-{state}"
    environment.creates(name)
    before = len(environment.organization.executions())
    hold = environment.organization.hold("govern", state, name)
    environment.sets(name, "Archived")
    assert environment.organization.settle(60)
    assert hold.is_held
    other_rules(environment, tmp_path)
    hold.release()
    assert environment.organization.settle(120)
    assert not environment.seen_by_dev(name)
    runs = environment.organization.executions()[before:]
    assert {run.status for run in runs} == {"SUCCEEDED"}
    ends = [json.loads(run.output or "{}").get("outcome") for run in runs]
    assert "handed over to a fresh run" in ends
    (held,) = [run for run in runs if run.execution_arn == hold.execution]
    (fresh,) = [run for run in runs if json.loads(run.execution_input).get("anew") == "|"]
    given, again = json.loads(held.execution_input), json.loads(fresh.execution_input)
    assert again == {**given, "anew": "|"}, "what started the run starts the fresh one"


def test_a_run_that_meets_other_rules_time_and_again_fails_by_name(
    environment: SweepEnvironment, tmp_path: Path
) -> None:
    environment.creates("again")
    hold = environment.organization.hold("govern", "Plan", "again")
    first = started(environment, "again", anew="|" * 20)
    assert environment.organization.settle(60)
    assert hold.is_held
    later = environment.organization.hold("govern", "CloseChange", "again")
    environment.admin("sagemaker").update_model_card(ModelCardName="again", ModelCardStatus="Archived")
    hold.release()
    assert environment.organization.settle(60)
    assert later.execution == first.execution_arn
    other_rules(environment, tmp_path)
    later.release()
    assert environment.organization.settle(120)
    assert (first.status, first.error) == ("FAILED", "PlannedByOtherRulesError")
    assert any("PlannedByOtherRulesError" in str(each.subject) for each in environment.organization.outbox)
    assert not environment.seen_by_dev("again"), "what started meanwhile goes on"
