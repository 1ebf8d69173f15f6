"""Import: the steps of the import state machine, each under its own name, and the changes that govern applies."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from stagegate.core.errors import PlannedByAnotherReleaseError
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

_ALWAYS = frozenset({"step", "execution", "subject", "requested"})
FIELDS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("wait", "check", "begin", "leave"), _ALWAYS),
    "look": _ALWAYS | {"job"},
    "invoke": _ALWAYS | {"model"},
    "end": _ALWAYS | {"model", "findings", "unproven", "failure"},
}
"""All that each step is handed. An import takes days, and the release that ends it may not be the one that began it:
what a step is handed says all that it needs, and is understood to the letter or refused. Nothing here can change its
meaning under its name (docs/decisions/0026-upgrades.md).
"""

CHANGE = ("request", "ask")
"""What takes a change from govern, which gives every function that applies one the same request."""


def import_model(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take the step that the request's `step` names, or apply the `change` of one that has no step.

    Raises PlannedByAnotherReleaseError for a step that isn't one, and one that is handed more or less than it takes.
    """
    if "step" in request and FIELDS.get(request["step"], frozenset()) != frozenset(request):
        raise PlannedByAnotherReleaseError(
            f"import step {request['step']}: found {', '.join(sorted(request))}; allowed:"
            f" {', '.join(sorted(FIELDS.get(request['step'], ())) or STEPS)}"
        )
    module, function = STEPS[request["step"]] if "step" in request else CHANGE
    taken: dict[str, Any] = getattr(import_module(f"{__package__}.{module}"), function)(importer, request)
    return taken
