"""What the rules and the approvals let the stages do with one card or package."""

from dataclasses import dataclass

from stagegate.approvals.records import AuditRecord
from stagegate.core.findings import Finding
from stagegate.core.untrusted import quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """One stage's access to a card or a package, and the approval that let it in (None where the rules ask for none).

    Where the rules ask for several, `approval` is the one that completed them, and `others` are those before it.
    """

    stage: str
    write: bool
    approval: AuditRecord | None = None
    others: tuple[AuditRecord, ...] = ()

    @property
    def approvals(self) -> tuple[AuditRecord, ...]:
        """All of them, in the order in which they were given; none where the rules ask for none."""
        return (*self.others, self.approval) if self.approval else ()

    @property
    def approval_id(self) -> str | None:
        """What stands for all of them: the ids of their records."""
        return "+".join(each.id for each in self.approvals) or None

    @property
    def approved_by(self) -> str:
        """Who gave them, and when, for people; "" for none."""
        return " and ".join(f"{each}{f', for {quoted(each.reason)}' if each.reason else ''}" for each in self.approvals)


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
