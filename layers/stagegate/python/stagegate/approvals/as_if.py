"""What Yes would come to: the gates, run as if each of those who are asked had just approved.

Where several have to, it is taken that all who are missing say yes after them: what is in the way is shown to the first
of them, too.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.fingerprints import Fingerprints
from stagegate.approvals.gate import APPROVALS_MISSING, principals_for
from stagegate.approvals.gates.several import needed_for
from stagegate.approvals.principals import somebody_of
from stagegate.approvals.records import LONGEST_CALL, Approvable, AuditRecord
from stagegate.core.findings import Finding, Severity
from stagegate.rules.model import Approvers

SOON = 2 * LONGEST_CALL + timedelta(seconds=1)
"""How long after now somebody is taken to approve: no call on record can be taken for theirs then."""
AS_IF = "as-if"
"""The id of the record of who is taken to approve, of whom the gates take that they bring along who else is missing
(`Case.stands_for_all`). It is never kept.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """What would keep a stage closed, whoever approves it, or for those whom `by` names."""

    finding: Finding
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageIfYes:
    """What Yes comes to for one stage. One that `is_gated` has approvers, and `may` are those for this risk, of whom so
    many different people are `needed`; `approved` says who has approved already and when, where Yes adds to that.
    `blockers` are in the way of them or of all. Yes of anybody, with that of all others who are needed, `opens` it;
    `waits`: as far as is known before the record comes of who wrote it.
    """

    stage: str
    is_gated: bool
    opens: bool
    may: tuple[str, ...] = ()
    waits: bool = False
    blockers: tuple[Blocker, ...] = ()
    needed: int = 1
    approved: tuple[str, ...] = ()


EntitledBy = Callable[[AuditRecord], Entitled]
"""What the gates say of the subject in the status of a record, and with that record, which stands for all."""


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
    gated = {stage: [entry for entry in approvers if entry.stage == stage] for stage in stages}
    asked = {stage: principals_for(entries, subject.risk) for stage, entries in gated.items()}
    everybody = sorted({principal for principals in asked.values() for principal in principals})
    said: dict[str, Entitled] = {}
    for principal in everybody or [""]:
        said[principal] = entitled_by(
            AuditRecord(
                id=AS_IF,
                at=(now + SOON).replace(microsecond=0),
                actor=somebody_of(principal),
                status=str(subject.status),
                version=subject.version,
                content_hash=subject.content_hash,
                fingerprints=fingerprints,
                risk=subject.risk,
                moment=now + SOON,
                card=card,
                reason=AS_IF,
            )
        )
    return tuple(
        _of_stage(stage, sorted(asked[stage]), said, gated[stage], needed_for(gated[stage], subject.risk))
        for stage in stages
    )


def _of_stage(
    stage: str, may: list[str], said: dict[str, Entitled], gated: Sequence[Approvers], needed: int
) -> StageIfYes:
    asked = may or list(said)
    opens = {p: e for p in asked for e in said[p].entitlements if e.stage == stage}
    waits = [p for p in asked if stage in said[p].waiting]
    found: dict[Finding, list[str]] = {}
    for principal in asked:
        blocks = [f for f in said[principal].findings if f.severity is Severity.BLOCK and f.stage in (stage, None)]
        why = [finding for finding in blocks if finding.code != APPROVALS_MISSING]
        for finding in why or blocks:
            found.setdefault(finding, []).append(principal)
    return StageIfYes(
        stage=stage,
        is_gated=bool(gated),
        may=tuple(may),
        opens=bool(opens or waits),
        waits=bool(waits) and not opens,
        needed=needed,
        approved=_approved(opens.values()),
        blockers=tuple(
            Blocker(finding=finding, by=() if len(by) == len(asked) and len(asked) != 1 else tuple(filter(None, by)))
            for finding, by in found.items()
        ),
    )


def _approved(let_in: Collection[Entitlement]) -> tuple[str, ...]:
    """Return who has approved already, of whom anybody's Yes is another one."""
    beside = [each.others for each in let_in if each.approval and each.approval.id == AS_IF]
    return tuple(str(each) for each in max(beside, key=len)) if beside else ()
