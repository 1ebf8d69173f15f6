"""Which actions of which roles nobody has used, and which of these have a reason."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tools.access_table import WHERE, plain, statements

REASONS = Path(__file__).parent / "unused.toml"
EVERY_ROLE = "*"

Use = tuple[str, str]
"""A role's name, and an action as the template has it."""


@dataclass(frozen=True, slots=True)
class Report:
    """`unused`: what no test has used, and nothing explains; `explained` is what has a reason. `stale`: reasons for
    what is used after all, or isn't allowed to anybody.
    """

    allowed: int
    unused: tuple[Use, ...]
    explained: tuple[Use, ...]
    stale: tuple[Use, ...]

    @property
    def ok(self) -> bool:
        """Whether nobody has to do anything."""
        return not self.unused and not self.stale


def allowed_by_templates() -> frozenset[Use]:
    """Return every action of every role of both templates."""
    return frozenset(
        (role, action)
        for template in WHERE
        for role, statement in statements(template)
        if statement["Effect"] == "Allow"
        for action in plain(statement["Action"])
    )


def reasons(path: Path = REASONS) -> dict[Use, str]:
    """Return the reasons for what isn't used, by role (`*` for each that has the action) and action."""
    entries: Iterable[Mapping[str, Any]] = tomllib.loads(path.read_text()).get("unused", [])
    return {(role, action): each["why"] for each in entries for role in each["roles"] for action in each["actions"]}


def report(allowed: Collection[Use], used: Collection[Use], explained: Collection[Use]) -> Report:
    """Compare what is allowed with what was used (actions in small letters)."""
    unused = {use for use in allowed if not _is_used(use, used)}
    by_reason = {use: [r for r in ((use[0], use[1]), (EVERY_ROLE, use[1])) if r in explained] for use in unused}
    needed = {reason for listed in by_reason.values() for reason in listed}
    return Report(
        allowed=len(allowed),
        unused=tuple(sorted(use for use, listed in by_reason.items() if not listed)),
        explained=tuple(sorted(use for use, listed in by_reason.items() if listed)),
        stale=tuple(sorted(set(explained) - needed)),
    )


def _is_used(use: Use, used: Collection[Use]) -> bool:
    role, action = use[0], use[1].lower()
    if "*" not in action:
        return (role, action) in used
    return any(of == role and fnmatchcase(each, action) for of, each in used)
