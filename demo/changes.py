"""Whether there is anything new to be seen from the consumers' accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.kernel.calls import ApiCall
    from sandbox.stagegate.organization import Organization

_READS = ("BatchGet", "Check", "Decrypt", "Describe", "Get", "Head", "List", "Query", "Simulate")
_ELSEWHERE = frozenset({"cloudwatch", "dynamodb", "events", "lambda", "logs", "sns", "sqs", "stepfunctions", "sts"})
"""Services that say nothing of who may use a model."""


@dataclass(slots=True)
class Changes:
    """What may have changed access since it was asked last: calls that aren't reads, and what is due at a time."""

    organization: Organization
    _calls: int = 0
    _fired: int = field(default=-1)

    def are_new(self) -> bool:
        """Whether there have been any; the first time, too."""
        calls, fired = self.organization.calls.since(self._calls), self.organization.clock.fired
        is_due = fired != self._fired
        self._calls, self._fired = self._calls + len(calls), fired
        return is_due or any(map(_may_change_access, calls))


def _may_change_access(call: ApiCall) -> bool:
    return call.error_code is None and call.service not in _ELSEWHERE and not call.operation.startswith(_READS)
