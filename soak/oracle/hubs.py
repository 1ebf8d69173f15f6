"""What a private hub must hold, for whom it must be open, and what a guardrail must deny.

No event tells of either: what was changed since a sweep or a person's run looked can be as it was or as it must be.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from soak.oracle.rules import Hub, Rules


def holds(hub: Hub, published: Mapping[str, str]) -> frozenset[str]:
    """The models that the hub holds, of those that are `published` (each with its support status), by name."""
    return frozenset(
        name
        for name, support in published.items()
        if any(_fits(name, rule.models) for rule in hub.allow)
        and not _fits(name, hub.keep_out)
        and support == "Supported"  # what is deprecated or restricted is dropped, unless the rules flag it
    )


def minimum(hub: Hub, name: str) -> str | None:
    """The version below which nobody gets the model, if the rules state one."""
    return next((rule.minimum for rule in hub.allow if rule.minimum and _fits(name, rule.models)), None)


def denies(rules: Rules, role: str, model: str) -> bool:
    """Whether a role may not invoke a model of Bedrock, whatever its own policies allow."""
    return any(role in guardrail.roles and _fits(model, guardrail.denied) for guardrail in rules.guardrails)


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
