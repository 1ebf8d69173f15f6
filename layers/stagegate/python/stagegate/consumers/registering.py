"""Registering versions in the owner's groups."""

from typing import Any

from stagegate.consumers.statements import Consumer, allow, spelled
from stagegate.rules.model import Rules
from stagegate.targets.actions import CREATE_VERSION, DESCRIBE_GROUP, pending_only


def statements(rules: Rules, consumer: Consumer) -> list[dict[str, Any]]:
    """Return what registering in the stage's groups takes, as pending and as nothing else; nothing where it doesn't.

    Where other roles than the stage's register, it is these that need it. AWS's page has CreateModelPackage on the
    version that it makes, its service authorization reference on the group beside it (docs/live.md): both are here.
    """
    groups = spelled(group for r in rules.registrations if r.stage == consumer.stage.name for group in r.groups)
    if not groups:
        return []
    pending: dict[str, dict[str, str | list[str]]] = {}
    for condition in sorted(pending_only(rules), key=lambda c: (c.operator, c.key)):
        (value,) = condition.values
        pending.setdefault(condition.operator, {})[condition.key] = value
    of = [f"{consumer.home}:model-package-group/{each}" for each in groups]
    versions = [f"{consumer.home}:model-package/{each}/*" for each in groups]
    return [
        allow("RegistryGroups", [DESCRIBE_GROUP], of),
        allow("Registering", [CREATE_VERSION], [*of, *versions], pending),
    ]
