"""What Yes would come to: the gates, run as if each of those who are asked had just approved."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.fingerprints import Fingerprints
from stagegate.approvals.gate import principals_for
from stagegate.approvals.principals import Actor
from stagegate.approvals.records import LONGEST_CALL, Approvable, AuditRecord
from stagegate.core.findings import Finding, Severity
from stagegate.rules.model import Approvers

SOON = 2 * LONGEST_CALL + timedelta(seconds=1)
"""How long after now somebody is taken to approve: no call on record can be taken for theirs then."""
_SOMEBODY = "somebody-of-this-role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """What would keep a stage closed, whoever approves it, or for those whom `by` names."""

    finding: Finding
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageIfYes:
    """What Yes comes to for one stage. One that `is_gated` has approvers, and `may` are those for this risk.
    `blockers` are in the way of them or of all. Yes of anybody `opens` it; `waits`: as far as is known before the
    record comes of who wrote it.
    """

    stage: str
    is_gated: bool
    opens: bool
    may: tuple[str, ...] = ()
    waits: bool = False
    blockers: tuple[Blocker, ...] = ()


EntitledBy = Callable[[AuditRecord], Entitled]
"""What the gates say of the subject in the status of a record, and with that record."""


def if_approved(
    subject: Approvable,
    stages: Collection[str],
    approvers: Collection[Approvers],
    entitled_by: EntitledBy,
    *,
    now: datetime,
    fingerprints: Fingerprints | None = None,
    card: str | None = None,
) -> tuple[StageIfYes, ...]:
    """Return for each stage what the approval of `subject`, which is in the status that Yes sets, would come to."""
    asked = {stage: principals_for([a for a in approvers if a.stage == stage], subject.risk) for stage in stages}
    everybody = sorted({principal for principals in asked.values() for principal in principals})
    said: dict[str, Entitled] = {}
    for principal in everybody or [""]:
        said[principal] = entitled_by(
            AuditRecord(
                id="as-if",
                at=(now + SOON).replace(microsecond=0),
                actor=_somebody(principal),
                status=str(subject.status),
                version=subject.version,
                content_hash=subject.content_hash,
                fingerprints=fingerprints,
                risk=subject.risk,
                moment=now + SOON,
                card=card,
            )
        )
    gated = {entry.stage for entry in approvers}
    return tuple(_of_stage(stage, sorted(asked[stage]), said, is_gated=stage in gated) for stage in stages)


def _of_stage(stage: str, may: list[str], said: dict[str, Entitled], *, is_gated: bool) -> StageIfYes:
    asked = may or list(said)
    opens = [p for p in asked if any(e.stage == stage for e in said[p].entitlements)]
    waits = [p for p in asked if stage in said[p].waiting]
    found: dict[Finding, list[str]] = {}
    for principal in asked:
        for finding in said[principal].findings:
            if finding.severity is Severity.BLOCK and finding.stage in (stage, None):
                found.setdefault(finding, []).append(principal)
    return StageIfYes(
        stage=stage,
        is_gated=is_gated,
        may=tuple(may),
        opens=bool(opens or waits),
        waits=bool(waits) and not opens,
        blockers=tuple(
            Blocker(finding=finding, by=() if len(by) == len(asked) and len(asked) != 1 else tuple(filter(None, by)))
            for finding, by in found.items()
        ),
    )


def _somebody(principal: str) -> Actor:
    """Return one of those whom a principal of the rules names: of a role some session, and not one that is known."""
    head, _, path = principal.partition(":role/")
    if not path:
        return Actor(arn=principal)
    account, partition = head.rpartition(":")[2], head.split(":")[1]
    role = path.rpartition("/")[2]
    return Actor(arn=f"arn:{partition}:sts::{account}:assumed-role/{role}/{_SOMEBODY}", role_arn=principal)
