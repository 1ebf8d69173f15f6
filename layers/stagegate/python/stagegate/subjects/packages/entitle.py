"""Which stages may deploy a model package: what the rules say, before AWS is involved."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.fingerprints import Fingerprints
from stagegate.approvals.gate import principals_for
from stagegate.approvals.gates.case import Candidate, Case, Waits
from stagegate.approvals.gates.entitle import entitle_each
from stagegate.approvals.gates.four_eyes import four_eyes
from stagegate.approvals.principals import could_be_one_person, is_one_of
from stagegate.approvals.questions import Question
from stagegate.approvals.reasons import reason_missing, waits_for_reason
from stagegate.approvals.records import AuditRecord, RecordSource, Standing, of_this_one
from stagegate.approvals.state_changes import is_author_known, weighed
from stagegate.core.card_link import CardLink
from stagegate.core.findings import Finding, blocked
from stagegate.core.untrusted import word
from stagegate.rules.model import AfterChange, PackageRules, Rules, StageAccess
from stagegate.subjects.packages.artifact_findings import about_these_bytes, is_about_other_bytes, outdated, void
from stagegate.subjects.packages.artifacts import Artifacts
from stagegate.subjects.packages.model import Package

_OTHER_CARD = "another card"
"""What stands for the content of an approval that was about a package of another card."""


def entitle_package(
    rules: Rules,
    package: Package | None,
    records: Collection[AuditRecord],
    *,
    questions: Collection[Question] = (),
    open_stages: Collection[str] = (),
    artifacts: Artifacts | None = None,
    stands_for_all: str = "",
    now: datetime,
) -> Entitled:
    """Return which stages the rules let deploy or import a package that looks like this. No package (deleted): none.

    With `artifacts`, what lies at the package's addresses now, an approval counts if it was about exactly these bytes.
    Without them nobody has looked, and nothing is said of bytes.

    Where the rules ask about any status, an approval counts if what it is on had been asked before (`questions`).
    `open_stages` are those that may deploy it now: while the record of the last change is missing, a stage that is open
    on an approval that still stands stays open, and no other opens.
    """
    if package is None or rules.packages is None:
        return Entitled()
    opens = rules.opened_by(package.group, package.status)
    if not package.is_complete:
        return Entitled(findings=_not_complete() if opens else ())
    if not package.has_status:
        return Entitled(findings=_no_status())
    found = weighed(of_this_one(package, records), takes_state_changes=rules.packages.takes_state_changes)
    case = Case(
        subject=package,
        what="package",
        approvers=rules.approvers,
        records=_certain(found.records, takes_links=rules.packages.by_card is not CardLink.IGNORED),
        questions=questions if any(rule.ask_approvers for rule in rules.packages.status.values()) else None,
        open_stages=open_stages,
        now=now,
        stands_for_all=stands_for_all,
    )
    gate = _PackageGate(
        rules=rules.packages,
        package=package,
        case=case,
        fingerprints=artifacts.fingerprints if artifacts else None,
        asks_reasons=frozenset(stage.name for stage in rules.stages if stage.reason_required),
    )
    entitled = entitle_each(case, [StageAccess(stage=stage) for stage in opens], gate)
    return replace(entitled, findings=(*entitled.findings, *_contradicted(case, entitled, opens, found.contradicted)))


def lets_in(entitled: Entitled, open_stages: Collection[str]) -> bool:
    """Tell whether a stage is let in that isn't in yet."""
    return any(e.stage not in open_stages for e in entitled.entitlements)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PackageGate:
    """What a package needs beside an approval: its place in ModelLifeCycle, and the content, bytes and risk that were
    approved. `fingerprints` are of the bytes as they are now; None where nobody has looked. `asks_reasons` has the
    stages that ask why.
    """

    rules: PackageRules
    package: Package
    case: Case
    fingerprints: Fingerprints | None
    asks_reasons: frozenset[str] = frozenset()

    def outside(self, stage: str) -> Finding | None:
        """Return the finding for a package that isn't in the place of its lifecycle that the rules ask for."""
        package = self.package
        requested = [rule for rule in self.rules.lifecycle if rule.stage == stage]
        is_in = (package.lifecycle_stage, package.lifecycle_status)
        if not requested or any(is_in == (rule.lifecycle_stage, rule.lifecycle_status) for rule in requested):
            return None
        wanted = " or ".join(f"{rule.lifecycle_stage}/{rule.lifecycle_status}" for rule in requested)
        found = "/".join(word(part or "none") for part in is_in)
        return blocked(
            "OutsideLifecycle", f"The package's ModelLifeCycle is {found}; governance.toml asks for {wanted}.", stage
        )

    def judged(self, records: tuple[AuditRecord, ...]) -> tuple[AuditRecord, ...]:
        """Return the records with the content that stands for the same bytes as those of now, and the same card where
        the rules ask for cards.
        """
        found = about_these_bytes(records, self.package.content_hash, self.fingerprints)
        return tuple(replace(r, content_hash=_OTHER_CARD) if self._is_of_another_card(r) else r for r in found)

    def _is_of_another_card(self, record: AuditRecord) -> bool:
        """Tell whether the package's own card named another card then. Without a record of that, it didn't."""
        is_known = record.content_hash is not None and record.card is not None
        return self.rules.by_card is not CardLink.IGNORED and is_known and record.card != self.package.card

    def objection(self, candidate: Candidate) -> Finding | Waits | None:
        """Return what keeps a stage out that an approver has let in."""
        package, record, stage = self.package, candidate.record, candidate.access.stage
        if record.content_hash != package.content_hash or self._is_of_another_card(record):
            return blocked(
                "ApprovalVoid",
                f"{word(record.actor.arn)} approved other images, environments, data or another card than the package"
                " has now. An approver has to approve it as it is now.",
                stage,
            )
        if record.risk and not is_one_of(record.actor, principals_for(candidate.gated, record.risk)):
            return blocked(
                "ApprovalVoid",
                f"{word(record.actor.arn)} approved it as of risk {record.risk}, for which they are not on the approver"
                f" list of {stage}; its card says {package.risk} now. An approver has to approve it as it is now.",
                stage,
            )
        if stage in self.asks_reasons and waits_for_reason(record):
            return self.case.awaits(stage)
        if stage in self.asks_reasons and (silence := reason_missing(record, stage, of_a_card=False)):
            return silence
        if self.rules.four_eyes and (problem := self._second_person(record, stage)):
            return problem
        now, closes = self.fingerprints, self.rules.after_change is AfterChange.CLOSE or not candidate.is_open
        return void(record, now, stage) if now and closes and candidate.standing is Standing.EDITED else None

    def _second_person(self, record: AuditRecord, stage: str) -> Finding | Waits | None:
        """Return the finding where whoever approved may have registered the package, or changed what it is made of."""
        package = self.package
        takes_links = self.rules.by_card is not CardLink.IGNORED
        edits = [r for r in self.case.records if _is_edit(r, takes_links=takes_links)]
        if record.source is RecordSource.STATE_CHANGE and not is_author_known(package.content_hash, edits):
            return self.case.awaits(stage)
        if package.creator is None and not any(r.creates for r in edits):
            return self.case.awaits(stage)
        authors = {r.actor for r in edits} | ({package.creator} if package.creator else set())
        same = [author for author in authors if could_be_one_person(record.actor, author)]
        return four_eyes(record, same, stage) if same else None

    def remark(self, stage: str, approval: AuditRecord) -> Finding | None:
        """Return the question about bytes that aren't those which were approved."""
        now = self.fingerprints
        return outdated(approval, now, stage) if now and is_about_other_bytes(approval, now) else None


def _is_edit(record: AuditRecord, *, takes_links: bool) -> bool:
    """Tell of a call that changed what is approved: where the rules ask for cards, that has the link in it."""
    return record.status is None and (not record.metadata_only or (takes_links and record.links))


def _certain(records: Collection[AuditRecord], *, takes_links: bool) -> tuple[AuditRecord, ...]:
    """Take the content from each record that somebody else's edit came so close to that it may be theirs.

    A package has no versions of its content: what a call was about is read when its record arrives. Nothing comes
    before the call that made the package.
    """
    edits = [record for record in records if _is_edit(record, takes_links=takes_links) and not record.creates]
    return tuple(
        replace(record, content_hash=None)
        if any(
            record.earliest < edit.latest and edit.earliest < record.latest and edit.actor != record.actor
            for edit in edits
        )
        else record
        for record in records
    )


def _contradicted(
    case: Case, entitled: Entitled, opens: Collection[str], contradicted: Collection[AuditRecord]
) -> tuple[Finding, ...]:
    """Return the findings for stages that stay shut, or close, where CloudTrail names somebody else than SageMaker."""
    last = max((r for r in contradicted if r.status == case.subject.status), key=lambda r: r.id, default=None)
    let_in = {entitlement.stage for entitlement in entitled.entitlements}
    shut = [s for s in opens if s not in let_in and any(entry.stage == s for entry in case.approvers)]
    if last is None:
        return ()
    return tuple(
        blocked(
            "RecordsDisagree",
            f"SageMaker said that {last} set {last.status}, and CloudTrail says that somebody else set it about then."
            f" It approves nothing. An approver has to set {last.status} once more.",
            stage,
        )
        for stage in shut
    )


def _no_status() -> tuple[Finding, ...]:
    detail = "SageMaker says no approval status of the package. Nothing is open until somebody sets one."
    return (blocked("NoApprovalStatus", detail),)


def _not_complete() -> tuple[Finding, ...]:
    detail = "SageMaker hasn't finished making the package, or has failed to. Nothing is open until it is Completed."
    return (blocked("NotComplete", detail),)
