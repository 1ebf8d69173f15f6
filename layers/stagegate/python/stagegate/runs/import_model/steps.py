"""Import: the steps of the import state machine, each under its own name, and the changes that govern applies."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from stagegate.runs.import_model.importer import Importer

STEPS: Mapping[str, tuple[str, str]] = {
    "wait": ("job", "wait"),
    "check": ("check", "check"),
    "begin": ("job", "begin"),
    "look": ("job", "look"),
    "invoke": ("end", "invoke"),
    "end": ("end", "end"),
    "leave": ("job", "leave"),
}
"""Each step's module and function: a function that starts for one of them doesn't wait for the others to load."""

CHANGE = ("request", "ask")
"""What takes a change from govern, which gives every function that applies one the same request."""


def import_model(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take the step that the request's `step` names, or apply the `change` of one that has no step.

    Raises KeyError for a step that isn't one.
    """
    module, function = STEPS[request["step"]] if "step" in request else CHANGE
    taken: dict[str, Any] = getattr(import_module(f"{__package__}.{module}"), function)(importer, request)
    return taken
