"""What the rules and the approvals let the stages do with one card or package."""

from dataclasses import dataclass

from stagegate.approvals.records import AuditRecord
from stagegate.core.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """One stage's access to a card, and the approval that let it in (None where the rules ask for none)."""

    stage: str
    write: bool
    approval: AuditRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitled:
    """Every entitlement of a card; what is in the way of others; and which stages wait for a record to arrive.

    `is_unrecorded`: SageMaker itself names who made the last change, and that isn't on record yet. `asks`: an approver
    could let a stage in, or keep it in, by setting the status once more.
    """

    entitlements: tuple[Entitlement, ...] = ()
    findings: tuple[Finding, ...] = ()
    waiting: tuple[str, ...] = ()
    is_unrecorded: bool = False
    asks: bool = False
