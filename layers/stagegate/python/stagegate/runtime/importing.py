"""Import: the steps of the import state machine, and what govern asks of it, each under its own name."""

from collections.abc import Callable, Mapping
from typing import Any

from . import import_checks, import_endings, import_jobs, import_requests, importer
from .importer import Importer

PERMISSIONS = (
    importer.PERMISSIONS
    | import_requests.PERMISSIONS
    | import_checks.PERMISSIONS
    | import_jobs.PERMISSIONS
    | import_endings.PERMISSIONS
)
MEMBER_PERMISSIONS = (
    import_requests.MEMBER_PERMISSIONS
    | import_checks.MEMBER_PERMISSIONS
    | import_jobs.MEMBER_PERMISSIONS
    | import_endings.MEMBER_PERMISSIONS
)

STEPS: Mapping[str, Callable[[Importer, Mapping[str, Any]], dict[str, Any]]] = {
    "ask": import_requests.ask,
    "wait": import_jobs.wait,
    "check": import_checks.check,
    "begin": import_jobs.begin,
    "look": import_jobs.look,
    "invoke": import_endings.invoke,
    "end": import_endings.end,
    "leave": import_jobs.leave,
}


def import_model(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take the step that the request's `step` names, and return its answer. Raises KeyError for any other."""
    return STEPS[request["step"]](importer, request)
