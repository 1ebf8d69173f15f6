"""Each step that a state machine asks for is there: the modules are named in text, and load when they are needed."""

from importlib import import_module

import pytest

from stagegate.runs.import_model import steps


@pytest.mark.parametrize(("module", "function"), [*steps.STEPS.values(), steps.CHANGE])
def test_a_step_has_its_function(module: str, function: str) -> None:
    assert callable(getattr(import_module(f"{steps.__package__}.{module}"), function))
