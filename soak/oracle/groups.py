"""Who may register versions in a model package group."""

from __future__ import annotations

from soak.oracle.facts import History
from soak.oracle.rules import Rules, fits
from soak.oracle.verdict import Verdict, closed, either, opened


def judge(group: History, name: str, rules: Rules, stage: str, *, was_open: bool) -> Verdict:
    """Whether a stage's roles may register a version in the group of that name, when everything has come to rest.

    `was_open`: whether they might before.
    """
    if not group.is_looked_at:
        return either("nobody has looked since the last change")
    if not group.exists:
        return closed("the group was deleted")
    if rules.paused:
        return opened("paused: what was open stays so") if was_open else closed("paused: nothing opens")
    if any(fits(pattern, name) for pattern in rules.registering.get(stage, ())):
        return opened(f"{stage} registers in this group")
    return closed(f"no registration of {stage} names this group")
