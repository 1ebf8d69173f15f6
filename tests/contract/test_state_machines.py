"""The state machines hold together: every way leads somewhere, every failure is caught, every name is known."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

import stagegate.surfaces
from sandbox.services.stepfunctions.definitions.expressions import evaluate
from stagegate.ledger.targets import LEASE_TIME
from stagegate.plans.mode import Mode
from stagegate.surfaces.hub_contents import write as hub_contents
from stagegate.surfaces.shares import write as shares
from stagegate.targets.target import Target, TargetType
from tests.support.asl.expressions import expression_problems, substitutions, variables
from tests.support.asl.integrations import integration_problems
from tests.support.asl.machine import Level, graph_problems, levels
from tests.support.asl.reading import reading_problems, text_problems
from tests.support.asl.tasks import LAMBDA_ERRORS, failure_problems
from tests.support.plan_request import plan_request

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
        *text_problems(path),
        *(
            problem
            for level in levels(path)
            for problem in (
                *reading_problems(level),
                *graph_problems(level),
                *failure_problems(level),
                *expression_problems(level, known_variables(level)),
                *integration_problems(level),
            )
        ),
    ]


def resources_of_the_template() -> dict[str, dict[str, Any]]:
    resources: dict[str, dict[str, Any]] = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    return resources


def state_machines_of_the_template() -> dict[str, dict[str, Any]]:
    return {
        Path(resource["Properties"]["DefinitionS3Location"]).name: resource["Properties"]
        for resource in resources_of_the_template().values()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
    }


def state_of(machine: str, name: str) -> dict[str, Any]:
    (found,) = [level.states[name] for level in levels(DEFINITIONS[machine]) if name in level.states]
    return dict(found)


def states_of(machine: str) -> list[dict[str, Any]]:
    return [dict(state) for level in levels(DEFINITIONS[machine]) for state in level.states.values()]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_function_that_is_tried_again_is_tried_again_however_it_died(name: str) -> None:
    for level in levels(DEFINITIONS[name]):
        for state, fields in level.states.items():
            retried = {error for rule in fields.get("Retry", []) for error in rule["ErrorEquals"]}
            if retried & LAMBDA_ERRORS:
                assert retried >= LAMBDA_ERRORS, state


def test_only_starts_of_executions_are_tried_again_whatever_it_was() -> None:
    """Anywhere else a retry by States.ALL would repeat what can't succeed. An execution's name makes it one."""
    found = {
        f"{level.name}.{name}"
        for path in DEFINITIONS.values()
        for level in levels(path)
        for name, state in level.states.items()
        if any("States.ALL" in rule["ErrorEquals"] for rule in state.get("Retry", []))
    }
    assert found == {
        "govern.StartAfresh",
        "govern.StartPackages",
        "sweep.LookOn",
        "sweep.LookOnce",
        "sweep.StartEach[0].StartGovern",
        "sweep.StartOn",
    }


def longest_waits_of(rule: Mapping[str, Any]) -> list[float]:
    """The most that each retry waits, in seconds."""
    interval, rate, most = rule["IntervalSeconds"], rule["BackoffRate"], rule.get("MaxDelaySeconds", math.inf)
    return [min(interval * rate**attempt, most) for attempt in range(rule["MaxAttempts"])]


def waits_of(rule: Mapping[str, Any]) -> tuple[float, float]:
    """The least and the most that all retries wait, in seconds. Full jitter waits between nothing and the interval:
    these are three standard deviations from the mean.
    """
    assert rule["JitterStrategy"] == "FULL"
    longest = longest_waits_of(rule)
    mean, deviation = sum(longest) / 2, math.sqrt(sum(wait**2 for wait in longest) / 12)
    return mean - 3 * deviation, mean + 3 * deviation


def test_retries_outlast_the_lease_of_a_writer_that_died() -> None:
    (rule,) = state_of("govern.asl.yaml", "OpenChange")["Retry"]
    least, _ = waits_of(rule)
    assert "LeaseHeldError" in rule["ErrorEquals"]
    assert least > LEASE_TIME.total_seconds()


def busy_rule_of(name: str) -> Mapping[str, Any]:
    """How a state of `govern` repeats what AWS is too busy for."""
    rules: list[Mapping[str, Any]] = state_of("govern.asl.yaml", name)["Retry"]
    return next(rule for rule in rules if "ThrottledError" in rule["ErrorEquals"])


def test_a_busy_aws_is_asked_ever_more_seldom_and_for_minutes() -> None:
    """Runs that start together and ask again together get the same answer again: the last pauses spread them."""
    limit = yaml_parse(DEFINITIONS["govern.asl.yaml"].read_text())["TimeoutSeconds"]
    for name in ("Plan", "NotifyFailure"):
        rule = busy_rule_of(name)
        least, most = waits_of(rule)
        assert least > 30, name
        assert rule["MaxDelaySeconds"] >= 120, name
        assert most < limit - 60, name


def test_what_comes_after_opening_does_not_wait_until_the_run_is_stopped() -> None:
    """It holds the claim of what it has opened, and a run that is stopped tells nobody: a fresh one goes on."""
    limit = yaml_parse(DEFINITIONS["govern.asl.yaml"].read_text())["TimeoutSeconds"]
    _, opening = waits_of(state_of("govern.asl.yaml", "OpenChange")["Retry"][0])
    longest = {name: longest_waits_of(busy_rule_of(name)) for name in ("Verify", "Notify", "Record")}
    for name, waits in longest.items():
        assert max(waits) >= 60, name
        assert opening + sum(waits) < limit - 60, name
    assert sum(map(sum, longest.values())) < limit - 60


SETTLES = max(shares.SETTLE_SECONDS, hub_contents.SETTLE_SECONDS)
"""How long a function waits for AWS at most."""


def test_a_run_fails_of_what_does_not_settle_before_its_time_runs_out() -> None:
    """The approvers have a message of a run that fails, and none of one that is stopped."""
    (rule,) = state_of("govern.asl.yaml", "OpenChange")["Retry"]
    _, most = waits_of(rule)
    limit = yaml_parse(DEFINITIONS["govern.asl.yaml"].read_text())["TimeoutSeconds"]
    assert "NotSettledError" in rule["ErrorEquals"]
    assert most + SETTLES * (rule["MaxAttempts"] + 1) < limit - 60, "a minute for all other states"


def test_closes_that_all_fail_are_tried_as_long_as_there_is_time_for_each_of_them() -> None:
    """One pass tries every close once or a few times; passes go on while there is time for one more."""
    (rule,) = state_of("govern.asl.yaml", "CloseChange")["Retry"]
    (again,) = [each for each in state_of("govern.asl.yaml", "IsApplied")["Choices"] if each["Next"] == "WaitToClose"]
    (latest, each_takes) = map(int, re.search(r"< (\d+) - (\d+) \*", again["Condition"]).groups())  # type: ignore[union-attr]
    delays = [rule["IntervalSeconds"] * rule["BackoffRate"] ** attempt for attempt in range(rule["MaxAttempts"])]
    assert sum(delays) + SETTLES * (rule["MaxAttempts"] + 1) <= each_takes / 1000
    limit = yaml_parse(DEFINITIONS["govern.asl.yaml"].read_text())["TimeoutSeconds"]
    pause = state_of("govern.asl.yaml", "WaitToClose")["Seconds"]
    assert pause > 0, "what AWS is too busy for isn't tried again at once"
    assert latest / 1000 + pause <= limit - 55, "most of a minute for all other states"
    assert latest / each_takes >= 10, "so many may all be stuck at once"
    assert (latest - 8 * each_takes) / 1000 > LEASE_TIME.total_seconds(), "and the lease of a dead writer is outlasted"


BUSY = frozenset({"ThrottledError", "Lambda.TooManyRequestsException"})
PASSING = frozenset({"ThrottledError", "NotSettledError", "LeaseHeldError", "Lambda.TooManyRequestsException"})


def not_closed(*errors: str) -> list[dict[str, Any]]:
    """What a pass over closes comes to: one that was made, and these that weren't."""
    return [{"target": "made"}, *({"not_closed": {"error": error, "cause": "why"}} for error in errors)]


def value_of(expression: str, states: Mapping[str, Any], **known: Any) -> Any:
    """What Step Functions makes of an expression of a definition."""
    return evaluate(expression.strip(), {**known, "states": states})


def test_a_close_is_tried_again_where_an_open_is() -> None:
    """Also where Lambda had no room for the function."""
    (rule,) = state_of("govern.asl.yaml", "OpenChange")["Retry"]
    (again,) = [each for each in state_of("govern.asl.yaml", "IsApplied")["Choices"] if each["Next"] == "WaitToClose"]
    assert set(rule["ErrorEquals"]) >= PASSING
    started = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    states = {"context": {"Execution": {"StartTime": started}}}
    for error in {*PASSING, "RefusedError", "DocumentTooLargeError", "States.Timeout"}:
        assert value_of(again["Condition"], states, results=not_closed(error)) is (error in PASSING), error
    assert value_of(again["Condition"], states, results=not_closed("RefusedError", "ThrottledError")) is True


@pytest.mark.parametrize(
    ("errors", "error", "anew", "is_tried"),
    [
        *((["ThrottledError", error], "StillOpenError", "", error in BUSY) for error in sorted(PASSING)),
        (["ThrottledError"], "StillOpenError", "||", True),
        (["ThrottledError"], "StillOpenError", "|||", False),
        (["ThrottledError", "RefusedError"], "StillOpenError", "", False),
        (["RefusedError"], "StillOpenError", "", False),
        (["ThrottledError"], "ClaimLostError", "", False),
        ([], "RefusedError", "", False),
        ([], "ThrottledError", "", True),
    ],
)
def test_what_aws_was_too_busy_to_close_is_left_to_a_fresh_run(
    errors: list[str], error: str, anew: str, *, is_tried: bool
) -> None:
    """Once it is on record what is open. Three times: then the approvers hear what it is, and at once of all else."""
    (caught,) = state_of("govern.asl.yaml", "Record")["Catch"]
    (fresh,) = state_of("govern.asl.yaml", "MayPlanAnew")["Choices"]
    failed = {"errorOutput": {"Error": error, "Cause": "dev: why"}}
    failure = value_of(caught["Assign"]["failure"], failed, results=not_closed(*errors))
    assert (failure["Error"], failure["Cause"]) == (error, "dev: why")
    states = {"context": {"Execution": {"Input": {"anew": anew}}}}
    assert value_of(fresh["Condition"], states, failure=failure, dryRun=False) is is_tried
    assert value_of(fresh["Condition"], states, failure=failure, dryRun=True) is False


def surfaces() -> set[str]:
    """Every surface that a change can name: those of the changes in the surfaces' rooms, and those of the targets."""
    found = walk_packages(stagegate.surfaces.__path__, "stagegate.surfaces.")
    kinds: list[Any] = [kind for room in found for kind in vars(import_module(room.name)).values()]
    changes: list[Any] = [kind for kind in kinds if isinstance(kind, type) and "line" in vars(kind)]
    of_targets = {Target(type=type_, account="", region="", partition="", name="").surface for type_ in TargetType}
    return {change.surface for change in changes if isinstance(change.surface, str)} | of_targets


def test_a_change_goes_to_the_function_of_its_surface() -> None:
    """The function is looked up by the surface: each surface that a change can name is there, and nothing else."""
    looked_up = state_of("govern.asl.yaml", "Plan")["Assign"]["functions"]
    table = re.findall(r"'([a-z-]+)': '\$\{(\w+)\}'", looked_up)
    assert len(table) == looked_up.count(":"), "each entry is a surface and a function of the template"
    assert sorted(surface for surface, _ in table) == sorted(surfaces())
    assert len({function for _, function in table}) == len(table), "two surfaces would share a role"


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_machine_may_invoke_the_functions_that_it_names_and_no_other(name: str) -> None:
    """Also those that it names in a table, and chooses as it runs."""
    machine, resources = state_machines_of_the_template()[name], resources_of_the_template()
    named = {
        machine["DefinitionSubstitutions"][function]["Fn::GetAtt"][0]
        for level in levels(DEFINITIONS[name])
        for state in level.states.values()
        for function in substitutions(
            f"{state.get('Arguments', {}).get('FunctionName', '')}{state.get('Assign', {}).get('functions', '')}"
        )
    }
    assert named
    assert {resources[function]["Type"] for function in named} == {"AWS::Serverless::Function"}
    role = resources[machine["RoleArn"]["Fn::GetAtt"][0]]
    invoked = [
        resource["Fn::GetAtt"][0]
        for policy in role["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "lambda:" in str(statement["Action"])
        for resource in statement["Resource"]
    ]
    assert sorted(invoked) == sorted(named)


@pytest.mark.parametrize("machine", ["govern.asl.yaml", "sweep.asl.yaml"])
def test_a_plan_is_asked_for_with_what_it_takes(machine: str) -> None:
    assert state_of(machine, "Plan")["Arguments"]["Payload"]["request"].keys() == plan_request("any").keys()


MAILS = {"NotifyFailure", "Ask"}
"""Which tell people something that needs no plan to be true: any release's function takes them."""


@pytest.mark.parametrize("machine", ["govern.asl.yaml", "sweep.asl.yaml"])
def test_what_comes_of_a_plan_says_its_release_and_its_rules(machine: str) -> None:
    """A function of 0.2.0 finds nothing in it that it asks for, and fails: it would drop what it doesn't know."""
    handed = {
        name: state["Arguments"]["Payload"]
        for level in levels(DEFINITIONS[machine])
        for name, state in level.states.items()
        if state.get("Resource", "").endswith(":lambda:invoke") and name not in MAILS
    }
    assert handed
    assert {name for name, payload in handed.items() if set(payload) != {"by", "request"}} == set()


@pytest.mark.parametrize(
    "function",
    # A schedule, and whoever asks, starts these two: nobody hands them a plan.
    sorted({path.parent.name for path in (ROOT / "functions").glob("*/app.py")} - {"report", "evidence"}),
)
def test_each_function_asks_who_has_planned_what_it_is_handed(function: str) -> None:
    assert "handed(event)" in (ROOT / "functions" / function / "app.py").read_text()


def test_a_run_is_started_by_what_a_plan_knows() -> None:
    modes = [rule["Assign"]["mode"] for rule in state_of("govern.asl.yaml", "ReadInput")["Choices"] if "Assign" in rule]
    said = {word for mode in modes for word in (re.findall(r"[?:] '(\w+)'", mode) or [mode])}
    assert said == set(Mode)
    assert state_of("sweep.asl.yaml", "Plan")["Arguments"]["Payload"]["request"]["mode"] == Mode.SWEEP


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


def test_the_claims_calls_are_tried_again_whatever_name_a_passing_error_has() -> None:
    """Step Functions' names, which are the older SDK's classes: see `test_integration_errors.py`."""
    claim = [state for state in states_of("govern.asl.yaml") if "dynamodb:" in state.get("Resource", "")]
    assert len(claim) == 5
    for state in claim:
        retried = {error for rule in state["Retry"] for error in rule["ErrorEquals"]}
        assert retried >= {
            "DynamoDB.AmazonDynamoDBException",
            "DynamoDB.InternalServerErrorException",
            "DynamoDB.ProvisionedThroughputExceededException",
            "DynamoDB.RequestLimitExceededException",
            "DynamoDB.SdkClientException",
            "States.Timeout",
        }
        assert "DynamoDB.ConditionalCheckFailedException" not in retried
