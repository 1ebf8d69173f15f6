"""Each step that a state machine asks for is there: the modules are named in text, and load when they are needed."""

from importlib import import_module

import pytest

from stagegate.runs.import_model import steps


@pytest.mark.parametrize("step", steps.STEPS)
def test_a_step_has_its_function(step: str) -> None:
    module, function = steps.STEPS[step]
    assert callable(getattr(import_module(f"{steps.__package__}.{module}"), function))
