"""Which role was allowed which action, in all the time of this process: what least privilege is measured by."""

from __future__ import annotations

import threading

from sandbox.kernel.identity import Principal

_lock = threading.Lock()
_uses: set[tuple[str, str]] = set()


def note(principal: Principal, action: str) -> None:
    """Note that a role was allowed an action. Others' uses aren't kept."""
    if principal.role_arn is not None:
        with _lock:
            _uses.add((principal.role_arn, action))


def all_uses() -> frozenset[tuple[str, str]]:
    """The ARNs of roles with the actions that they were allowed."""
    with _lock:
        return frozenset(_uses)
