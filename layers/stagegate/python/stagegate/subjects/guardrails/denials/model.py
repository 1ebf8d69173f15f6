"""Denials: the statements that a guardrail is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """`actions` are denied on `resources`, or with `excludes` on everything else; where all `conditions` hold."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    excludes: bool = False
    conditions: Conditions = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the denial as a statement of an identity policy or a service control policy."""
        statement: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": "Deny",
            "Action": list(self.actions),
            "NotResource" if self.excludes else "Resource": list(self.resources),
        }
        if self.conditions:
            statement["Condition"] = {
                operator: {key: list(values) for key, values in keys.items()}
                for operator, keys in self.conditions.items()
            }
        return statement
