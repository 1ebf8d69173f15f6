"""What a look has found about who can use what opens, kept for the runs that don't look."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stagegate.core.findings import Finding, Severity

_STATE = "use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The ARNs of roles that the rules name and no account has, and what else was found: warnings of open stages.

    A run that doesn't look goes by what the last look has left: the same is wanted, and the same is told.
    """

    absent: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()

    def about(self, stages: Iterable[str]) -> "Use":
        """Return the same with what is about these stages alone."""
        kept = set(stages)
        return Use(absent=self.absent, findings=tuple(f for f in self.findings if f.stage is None or f.stage in kept))

    def state(self) -> dict[str, str]:
        """Return it as the planner's state has it; nothing where there is nothing to know."""
        if not self.absent and not self.findings:
            return {}
        found = [[each.code, each.severity.value, each.detail, each.stage] for each in self.findings]
        return {_STATE: json.dumps({"absent": sorted(self.absent), "findings": found}, separators=(",", ":"))}


def use_in(planner_state: Mapping[str, str]) -> Use:
    """Return what `Use.state` made."""
    if _STATE not in planner_state:
        return Use()
    said = json.loads(planner_state[_STATE])
    return Use(
        absent=frozenset(said["absent"]),
        findings=tuple(
            Finding(code=code, severity=Severity(severity), detail=detail, stage=stage)
            for code, severity, detail, stage in said["findings"]
        ),
    )
