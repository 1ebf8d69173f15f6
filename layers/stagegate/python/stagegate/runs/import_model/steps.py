"""Import: the steps of the import state machine, and what govern asks of it, each under its own name."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from stagegate.runs.import_model.importer import Importer

STEPS: Mapping[str, tuple[str, str]] = {
    "ask": ("request", "ask"),
    "wait": ("job", "wait"),
    "check": ("check", "check"),
    "begin": ("job", "begin"),
    "look": ("job", "look"),
    "invoke": ("end", "invoke"),
    "end": ("end", "end"),
    "leave": ("job", "leave"),
}
"""Each step's module and function: a function that starts for one of them doesn't wait for the others to load."""


def import_model(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take the step that the request's `step` names, and return its answer. Raises KeyError for any other."""
    module, function = STEPS[request["step"]]
    taken: dict[str, Any] = getattr(import_module(f"{__package__}.{module}"), function)(importer, request)
    return taken
