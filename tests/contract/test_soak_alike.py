"""Errors that soak takes for alike are alike for the product: its translation, botocore's retries, its state machines.

The operations are those that the roles' permissions name, so that a new call brings its errors here by itself.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from botocore.retries.standard import RetryContext, StandardRetryConditions

from sandbox.services.stepfunctions.definitions.resources import Resource, resource_of
from sandbox.services.stepfunctions.errors import matches
from soak.trials.alike import Alike
from soak.trials.calls import Fault, Made, faults_of
from stagegate.aws.errors import translated
from stagegate.core.errors import StagegateError
from tests.contract.test_passing_errors import CALLED, is_an_operation, model_of
from tests.support.scripted import refusal

ROOT = Path(__file__).parents[2]
OPERATIONS = [each for each in CALLED if is_an_operation(each)]
SOURCES = "\n".join(
    path.read_text() for folder in ("layers/stagegate", "functions") for path in (ROOT / folder).rglob("*.py")
)


def alike(made: Made) -> dict[Alike, list[Fault]]:
    found: dict[Alike, list[Fault]] = defaultdict(list)
    for fault in faults_of(made):
        if fault.alike:
            found[fault.alike].append(fault)
    return found


def is_tried_again(service: str, operation: str, fault: Fault) -> bool:
    """By botocore's standard mode, after the first attempt."""
    context: Any = RetryContext(
        attempt_number=1,
        operation_model=model_of(service).operation_model(operation),
        parsed_response={"Error": {"Code": fault.code, "Message": ""}},
        http_response=SimpleNamespace(status_code=fault.status, headers={}),
    )
    found: bool = StandardRetryConditions(max_attempts=4).is_retryable(context)
    return found


def raised(fault: Fault) -> str:
    """The name of our error for it."""
    with pytest.raises(StagegateError) as ours, translated("read"):
        raise refusal(fault.code, ResponseMetadata={"HTTPStatusCode": fault.status})
    return ours.type.__name__


@pytest.mark.parametrize("called", OPERATIONS)
def test_a_function_can_t_tell_apart_what_is_taken_for_alike(called: str) -> None:
    service, operation = _parts(called)
    for faults in alike(Made("stagegate-plan", service, operation, 0)).values():
        assert len({(is_tried_again(service, operation, fault), raised(fault)) for fault in faults}) == 1, faults
        if len(faults) > 1:
            assert [fault.code for fault in faults if f'"{fault.code}"' in SOURCES] == []


def _parts(called: str) -> tuple[str, str]:
    service, _, operation = called.partition(":")
    return service, operation


def tasks() -> Iterator[tuple[str, Resource, dict[str, Any]]]:
    """Every Task of the state machines: its name, what it calls, and the state."""

    def walk(name: str, node: Any) -> Iterator[tuple[str, Resource, dict[str, Any]]]:
        if isinstance(node, dict):
            if node.get("Type") == "Task":
                yield name, resource_of(node["Resource"].replace("${Partition}", "aws")), node
            for key, value in node.items():
                yield from walk(f"{name}.{key}", value)

    for path in sorted((ROOT / "statemachines").glob("*.asl.yaml")):
        yield from walk(path.name.partition(".")[0], yaml.safe_load(path.read_text()))


TASKS = list(tasks())


@pytest.mark.parametrize(("name", "resource", "state"), TASKS, ids=[name for name, _, _ in TASKS])
def test_a_state_can_t_tell_apart_what_is_taken_for_alike(name: str, resource: Resource, state: dict[str, Any]) -> None:
    made = Made("stagegate-govern", resource.service, resource.operation, 0, in_function=False)
    lists = [each["ErrorEquals"] for each in (*state.get("Retry", ()), *state.get("Catch", ()))]
    for faults in alike(made).values():
        seen = {tuple(matches(resource.error_name(fault.code), names) for names in lists) for fault in faults}
        assert len(seen) == 1, (name, [(fault.code, resource.error_name(fault.code)) for fault in faults])


def test_errors_are_taken_for_alike_at_all() -> None:
    """Otherwise the tests above would compare nothing."""
    calls = [Made("stagegate-plan", service, operation, 0) for service, operation in map(_parts, OPERATIONS)]
    groups = [faults for made in calls for faults in alike(made).values()]
    assert any(len(faults) > 1 for faults in groups)
