"""The state machines hold together: every way leads somewhere, every failure is caught, every name is known."""

import math
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from stagegate.ledger.targets import LEASE_TIME
from tests.support.asl.expressions import expression_problems, substitutions, variables
from tests.support.asl.integrations import integration_problems
from tests.support.asl.machine import Level, graph_problems, levels
from tests.support.asl.tasks import LAMBDA_ERRORS, failure_problems

ROOT = Path(__file__).parents[2]
DEFINITIONS = {path.name: path for path in (ROOT / "statemachines").glob("*.asl.yaml")}

# "machine.State: problem" -> why it is right all the same. A reason that no longer applies fails the test.
ACCEPTED: dict[str, str] = {}


def known_variables(level: Level) -> dict[str, frozenset[str]]:
    """A level starts with what its outer state has."""
    if level.outer is None:
        return variables(level)
    around, name = level.outer
    outside = known_variables(around)
    return variables(level, outside[name]) if name in outside else {}


def problems_of(path: Path) -> list[str]:
    return [
        problem
        for level in levels(path)
        for problem in (
            *graph_problems(level),
            *failure_problems(level),
            *expression_problems(level, known_variables(level)),
            *integration_problems(level),
        )
    ]


def state_machines_of_the_template() -> dict[str, dict[str, Any]]:
    template = yaml_parse((ROOT / "template.yaml").read_text())
    return {
        Path(resource["Properties"]["DefinitionUri"]).name: resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::StateMachine"
    }


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_function_that_is_tried_again_is_tried_again_however_it_died(name: str) -> None:
    for level in levels(DEFINITIONS[name]):
        for state, fields in level.states.items():
            retried = {error for rule in fields.get("Retry", []) for error in rule["ErrorEquals"]}
            if retried & LAMBDA_ERRORS:
                assert retried >= LAMBDA_ERRORS, state


@pytest.mark.parametrize("task", ["ApplyFence", "ApplyPolicy"])
def test_retries_outlast_the_lease_of_a_writer_that_died(task: str) -> None:
    """Full jitter waits between nothing and the interval: three standard deviations below the mean is long enough."""
    found = [level.states[task] for level in levels(DEFINITIONS["govern.asl.yaml"]) if task in level.states]
    (rule,) = [r for state in found for r in state["Retry"] if "LeaseHeldError" in r["ErrorEquals"]]
    assert rule["JitterStrategy"] == "FULL"
    interval, rate, most = rule["IntervalSeconds"], rule["BackoffRate"], rule["MaxDelaySeconds"]
    longest = [min(interval * rate**attempt, most) for attempt in range(rule["MaxAttempts"])]
    mean, deviation = sum(longest) / 2, math.sqrt(sum(wait**2 for wait in longest) / 12)
    assert mean - 3 * deviation > LEASE_TIME.total_seconds()


def test_every_definition_belongs_to_the_template() -> None:
    assert DEFINITIONS
    assert set(state_machines_of_the_template()) == set(DEFINITIONS)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definition(name: str) -> None:
    assert [problem for problem in problems_of(DEFINITIONS[name]) if problem not in ACCEPTED] == []


def test_every_accepted_problem_is_still_one() -> None:
    found = {problem for path in DEFINITIONS.values() for problem in problems_of(path)}
    assert set(ACCEPTED) <= found


@pytest.mark.parametrize("name", DEFINITIONS)
def test_template_fills_in_every_name_and_no_other(name: str) -> None:
    given = state_machines_of_the_template()[name].get("DefinitionSubstitutions", {})
    assert substitutions(DEFINITIONS[name].read_text()) == set(given)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definition_speaks_jsonata_throughout(name: str) -> None:
    text = DEFINITIONS[name].read_text()
    assert text.count("QueryLanguage:") == text.count("QueryLanguage: JSONata") == 1
