"""What a person is told about a hub, beside what they are told about every subject."""

from collections.abc import Iterable

from stagegate.plans.change import Change
from stagegate.plans.grants import Grant
from stagegate.rules.hubs import HUB_PERMISSIONS, HubAccess
from stagegate.surfaces.hub_contents.changes import SetReferences, names

_ACCESS = {HUB_PERMISSIONS[HubAccess.READ]: "see its models", HUB_PERMISSIONS[HubAccess.USE]: "see and deploy them"}


def models_in(changes: Iterable[Change]) -> dict[str, list[str]]:
    """Return the names of all models that these changes remove, change the minimum of, or add."""
    whole: dict[str, list[str]] = {"removed": [], "changed": [], "added": []}
    for change in changes:
        if isinstance(change, SetReferences):
            whole["removed"] += change.remove
            whole["changed"] += names(change.change)
            whole["added"] += names(change.add)
    return whole


def access(grants: Iterable[Grant]) -> list[str]:
    """Return which stages have the hub after that, and what they may do with it."""
    lines = [f"- {g.stage} ({', '.join(g.accounts)}): {_ACCESS.get(g.permission, g.permission)}" for g in grants]
    return lines or ["- nobody outside the governance account"]
