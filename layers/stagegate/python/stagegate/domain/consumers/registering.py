"""Registering versions in the owner's groups."""

from typing import Any

from stagegate.domain.group_grants import CREATE_VERSION, pending_only
from stagegate.domain.package_grants import DESCRIBE_GROUP
from stagegate.domain.rules import Rules

from .allowing import Consumer, allow


def statements(rules: Rules, consumer: Consumer) -> list[dict[str, Any]]:
    """Return what registering in the stage's groups takes, as pending and as nothing else; nothing where it doesn't.

    Where other roles than the stage's register, it is these that need it.
    """
    groups = sorted({group for r in rules.registrations if r.stage == consumer.stage.name for group in r.groups})
    if not groups:
        return []
    pending: dict[str, dict[str, str | list[str]]] = {}
    for condition in sorted(pending_only(rules), key=lambda c: (c.operator, c.key)):
        (value,) = condition.values
        pending.setdefault(condition.operator, {})[condition.key] = value
    return [
        allow("RegistryGroups", [DESCRIBE_GROUP], [f"{consumer.home}:model-package-group/{each}" for each in groups]),
        allow("Registering", [CREATE_VERSION], [f"{consumer.home}:model-package/{g}/*" for g in groups], pending),
    ]
