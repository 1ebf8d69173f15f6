"""What history has of a run about a hub beside its lines: every model by its name, which a line only counts."""

from collections.abc import Iterable, Mapping
from typing import Any

from stagegate.plans.change import Change
from stagegate.surfaces.hub_contents.changes import SetReferences, names
from stagegate.surfaces.wire import change_from_json


def names_in(changes: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the names of all models that these changes, as the state machine has them, are about (`models_in`)."""
    references = [each for each in changes if each["kind"] == SetReferences.__name__]
    return models_in(change_from_json(each, [SetReferences]) for each in references)


def models_in(changes: Iterable[Change]) -> dict[str, list[str]]:
    """Return the names of all models that these changes remove, change the minimum of, or add."""
    whole: dict[str, list[str]] = {"removed": [], "changed": [], "added": []}
    for change in changes:
        if isinstance(change, SetReferences):
            whole["removed"] += change.remove
            whole["changed"] += names(change.change)
            whole["added"] += names(change.add)
    return whole
