"""Whether the approvals that nobody has ended are enough to let a stage in: each for itself, and all together."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from stagegate.approvals.entitlement import Entitlement
from stagegate.approvals.gate import not_approved, not_asked
from stagegate.approvals.gates.case import Candidate, Case, Gate, Waits
from stagegate.approvals.gates.several import approvals_missing, counted
from stagegate.approvals.principals import Actor, is_one_of
from stagegate.approvals.records import AuditRecord, Standing
from stagegate.core.findings import Finding
from stagegate.rules.model import Approvers, StageAccess


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alike:
    """Approvals of one content, and of the same bytes, in order. `is_asked`: all are about what was asked before."""

    standing: Standing
    is_asked: bool
    approvals: tuple[AuditRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enough:
    """The approvals of one stage: `needed` of the `principals` that `gated` names have to let it in."""

    case: Case
    gate: Gate
    access: StageAccess
    gated: tuple[Approvers, ...]
    principals: Collection[str]
    needed: int
    found: dict[str, Finding | Waits | None] = field(default_factory=dict)

    def decided(self, approvals: Sequence[AuditRecord]) -> Entitlement | tuple[Finding, ...] | Finding | Waits:
        """Return what `approvals` come to, as they were judged and in order: at least one."""
        sets = tuple(self._sets(approvals))
        for alike in sets:
            if complete := self._complete(alike):
                if alike.is_asked or self._is_open:
                    *others, last = complete
                    return Entitlement(
                        stage=self.access.stage, write=self.access.write, approval=last, others=tuple(others)
                    )
                if self.needed == 1:
                    return not_asked(complete[-1], self.access.stage, what=self.case.what)
        return self._too_few(sets)

    @property
    def _is_open(self) -> bool:
        return self.access.stage in self.case.open_stages

    def _sets(self, approvals: Sequence[AuditRecord]) -> Iterator[_Alike]:
        """Yield the approvals that are about the same, those first that count for most: on the present content, and
        among these those that were asked for, and the last.
        """
        kept = {record.id: record for record in self.case.records}  # as they came, and not as they were judged
        present = [r for r in approvals if r.content_hash == self.case.subject.content_hash]
        others = [r for r in approvals if r.content_hash != self.case.subject.content_hash]
        for standing, records in ((Standing.APPROVED, present), (Standing.EDITED, others)):
            for is_asked in (True, False):
                alike: dict[tuple[str | None, str], list[AuditRecord]] = {}
                for r in reversed(records):
                    if not is_asked or self.case.is_answer(r):
                        bytes_ = r.fingerprints.digest if r.fingerprints else ""
                        alike.setdefault((r.content_hash, bytes_), []).append(kept[r.id])
                for found in alike.values():
                    yield _Alike(standing=standing, is_asked=is_asked, approvals=tuple(reversed(found)))

    def _objection(self, record: AuditRecord, standing: Standing) -> Finding | Waits | None:
        if record.id not in self.found:
            candidate = Candidate(
                access=self.access, record=record, standing=standing, gated=self.gated, is_open=self._is_open
            )
            self.found[record.id] = self.gate.objection(candidate)
        return self.found[record.id]

    def _complete(self, alike: _Alike) -> tuple[AuditRecord, ...]:
        good = (each for each in reversed(alike.approvals) if self._objection(each, alike.standing) is None)
        if self.needed == 1:  # the last one; the others needn't be looked at
            return tuple(each for each in [next(good, None)] if each)
        return counted(tuple(good)[::-1], self.needed, self._stands_for_all).complete

    def _stands_for_all(self, record: AuditRecord) -> bool:
        return record.id == self.case.stands_for_all

    def _too_few(self, sets: Sequence[_Alike]) -> tuple[Finding, ...] | Finding | Waits:
        """Return why the stage stays out: of one who is needed, what speaks against their last approval; of several,
        who has approved, who is still asked, and what speaks against each approval that doesn't count.
        """
        first = sets[0]
        objection = self._objection(first.approvals[-1], first.standing)
        if first.standing is Standing.EDITED and objection and self._is_unclear(first.approvals[-1]):
            subject, stage = self.case.subject, self.access.stage
            return not_approved(subject, self.case.records, self.principals, stage, what=self.case.what)
        if objection and (self.needed == 1 or first.standing is Standing.EDITED):
            return objection
        present = next((each for each in sets if not each.is_asked), first)
        return self._of_several(present.approvals if present.standing is Standing.APPROVED else ())

    def _of_several(self, approvals: Sequence[AuditRecord]) -> tuple[Finding, ...] | Waits:
        last: dict[Actor, Finding | Waits | None] = {}
        for each in approvals:
            objection = self._objection(each, Standing.APPROVED)
            if objection is None and not self._is_open and not self.case.is_answer(each):
                objection = not_asked(each, self.access.stage, what=self.case.what, is_enough=False)
            last[each.actor] = objection if each.actor not in last or last[each.actor] is not None else None
        good = [each for each in approvals if last[each.actor] is None]
        waits = [each for each in approvals if isinstance(last[each.actor], Waits)]
        if waits and counted([*good, *waits], self.needed).complete:
            return Waits()
        missing = approvals_missing(
            self.case.subject,
            counted(good, self.needed).so_far,
            good,
            self.principals,
            self.needed,
            self.access.stage,
            what=self.case.what,
        )
        return (missing, *dict.fromkeys(each for each in last.values() if isinstance(each, Finding)))

    def _is_unclear(self, approval: AuditRecord) -> bool:
        """Tell whether an approver has set the status since, on what can't be told and may be the subject as it is."""
        subject = self.case.subject
        return any(
            r.status == subject.status
            and r.at > approval.at
            and subject.version in {each.number for each in r.versions}
            and is_one_of(r.actor, self.principals)
            for r in self.case.records
        )
