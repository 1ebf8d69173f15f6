"""Each step that a state machine asks for is there: the modules are named in text, and load when they are needed."""

from importlib import import_module
from typing import Any

import pytest

from stagegate.core.errors import PlannedByAnotherReleaseError
from stagegate.runs.import_model import steps


@pytest.mark.parametrize(("module", "function"), [*steps.STEPS.values(), steps.CHANGE])
def test_a_step_has_its_function(module: str, function: str) -> None:
    assert callable(getattr(import_module(f"{steps.__package__}.{module}"), function))


@pytest.mark.parametrize(
    "request_",
    [
        {"step": "wait", "execution": "e", "subject": "s"},
        {"step": "wait", "execution": "e", "subject": "s", "requested": {}, "more": 1},
        {"step": "wait", "execution": "e", "subject": "s", "requested": {"subject": "s"}},
        {"step": "waits", "execution": "e", "subject": "s", "requested": {}},
    ],
)
def test_a_step_of_another_release_is_refused_by_name_before_anything_is_done(request_: dict[str, Any]) -> None:
    with pytest.raises(PlannedByAnotherReleaseError):
        steps.import_model(None, request_)  # type: ignore[arg-type]


def test_every_step_says_what_it_is_handed() -> None:
    assert set(steps.FIELDS) == set(steps.STEPS)
