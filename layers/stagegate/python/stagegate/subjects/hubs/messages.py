"""What a person is told about a hub, beside what they are told about every subject."""

from collections.abc import Iterable

from stagegate.core.sentences import named
from stagegate.plans.change import Change
from stagegate.plans.grants import Grant
from stagegate.rules.hubs import HUB_PERMISSIONS, HubAccess
from stagegate.surfaces.hub_contents.changes import Floor, MakeHub, RemoveContents, RemoveHub, SetReferences

_ACCESS = {HUB_PERMISSIONS[HubAccess.READ]: "see its models", HUB_PERMISSIONS[HubAccess.USE]: "see and deploy them"}


def line_of(change: MakeHub | SetReferences | RemoveContents | RemoveHub) -> str:
    """Return a change of a hub as a line: how many models it is about, and the first of them."""
    match change:
        case MakeHub(adopt=True):
            return "take the hub over"
        case MakeHub():
            return "make the hub"
        case RemoveContents(contents=contents):
            return f"delete {named([f'{content.type} {content.name}' for content in contents])}"
        case RemoveHub():
            return "delete the hub"
        case SetReferences():
            parts = (
                ("remove", change.remove),
                ("change the minimum of", names(change.change)),
                ("add", names(change.add)),
            )
            return "; ".join(f"{verb} {len(models)}: {named(models)}" for verb, models in parts if models)


def models_in(changes: Iterable[Change]) -> dict[str, list[str]]:
    """Return the names of all models that these changes remove, change the minimum of, or add."""
    whole: dict[str, list[str]] = {"removed": [], "changed": [], "added": []}
    for change in changes:
        if isinstance(change, SetReferences):
            whole["removed"] += change.remove
            whole["changed"] += names(change.change)
            whole["added"] += names(change.add)
    return whole


def names(floors: Iterable[Floor]) -> tuple[str, ...]:
    """Return the names of all models under these minimums."""
    return tuple(name for floor in floors for name in floor.names)


def access(grants: Iterable[Grant]) -> list[str]:
    """Return which stages have the hub after that, and what they may do with it."""
    lines = [f"- {g.stage} ({', '.join(g.accounts)}): {_ACCESS.get(g.permission, g.permission)}" for g in grants]
    return lines or ["- nobody outside the governance account"]
