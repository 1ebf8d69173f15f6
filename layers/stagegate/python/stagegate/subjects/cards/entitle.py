"""Which stages may do what with a card: what the rules say, before AWS is involved."""

from collections.abc import Collection
from datetime import datetime

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.gate import awaited, not_approved, principals_for
from stagegate.approvals.principals import Actor, could_be_one_person
from stagegate.approvals.records import AuditRecord, Standing, approval_of, authors_of, of_this_one, with_last_change
from stagegate.core.findings import Finding, blocked, warned
from stagegate.rules.model import AfterEdit, Approvers, Rules, StageAccess
from stagegate.subjects.cards.card import Card


def entitle(
    rules: Rules,
    card: Card | None,
    records: Collection[AuditRecord],
    *,
    open_stages: Collection[str] = (),
    now: datetime,
) -> Entitled:
    """Return which stages the rules let at a card that looks like this. No card (it was deleted): none.

    `open_stages` are those that see the card now: while the record of the last change is missing, a stage that
    is open on an approval that still stands stays open, and no other opens.
    """
    if card is None:
        return Entitled()
    if card.is_sealed:
        return Entitled(findings=_sealed(card) if rules.cards.status[card.status].opens else ())
    known = {record.id for record in records}
    records = with_last_change(card, of_this_one(card, records))
    entitlements: list[Entitlement] = []
    findings: list[Finding] = []
    waiting: list[str] = []
    for access in rules.cards.status[card.status].opens:
        gated = [entry for entry in rules.approvers if entry.stage == access.stage]
        if not gated:
            entitlements.append(Entitlement(stage=access.stage, write=access.write))
            continue
        is_open = access.stage in open_stages
        decision = _through_the_gate(rules, card, records, access, gated, is_open=is_open, now=now)
        if isinstance(decision, Entitlement):
            entitlements.append(decision)
            if decision.approval and decision.approval.content_hash != card.content_hash:
                findings.append(_ask_again(access.stage, decision.approval))
        elif isinstance(decision, Finding):
            findings.append(decision)
        else:
            waiting.append(access.stage)
    relied_upon = {e.approval.id: e.approval for e in entitlements if e.approval and e.approval.id not in known}
    return Entitled(
        entitlements=tuple(entitlements),
        findings=tuple(findings),
        waiting=tuple(waiting),
        new_records=tuple(relied_upon.values()),
    )


def _sealed(card: Card) -> tuple[Finding, ...]:
    finding = blocked(
        "CardSealed",
        f"The card is encrypted with {card.kms_key}, and Stagegate may not decrypt it: what an approval was about can't"
        " be told. Name the key's ARN in ArtifactKeys of the governance stack, and let the key's policy have IAM decide"
        " there. Until then nobody outside the governance account sees the card.",
    )
    return (finding,)


def _through_the_gate(
    rules: Rules,
    card: Card,
    records: Collection[AuditRecord],
    access: StageAccess,
    gated: Collection[Approvers],
    *,
    is_open: bool,
    now: datetime,
) -> Entitlement | Finding | None:
    """Return the entitlement, the finding that blocks it, or None while a record is awaited."""
    stage = access.stage
    principals = principals_for(gated, card.risk)
    if not principals:
        return blocked(
            "NoApprover", f"governance.toml names nobody who may approve risk {card.risk} for {stage}.", stage
        )
    approval = approval_of(card, records, principals)
    record = approval.record
    if record is None:
        if approval.standing is Standing.WAITING:
            return awaited(card, now, stage)
        return not_approved(card, records, principals, stage)
    if not approval.settled and not is_open:
        return awaited(card, now, stage)
    if approval.standing is Standing.EDITED and (rules.cards.after_edit is AfterEdit.CLOSE or not is_open):
        return blocked(
            "ApprovalVoid",
            f"{record.actor.arn} approved version {record.version}; the content has been edited since (version"
            f" {card.version}). An approver has to approve the card as it is now.",
            stage,
        )
    if problem := _sections_missing(rules, card, stage):
        return problem
    if rules.cards.four_eyes:
        authors = authors_of(record.version, record.content_hash, records)
        if not authors:
            return awaited(card, now, stage)
        authors |= _authors_now(card, records)
        if same := [author for author in authors if could_be_one_person(record.actor, author)]:
            return _four_eyes(record, same, stage)
    return Entitlement(stage=stage, write=access.write, approval=record)


def _authors_now(card: Card, records: Collection[AuditRecord]) -> frozenset[Actor]:
    return authors_of(card.version, card.content_hash, records)


def _sections_missing(rules: Rules, card: Card, stage: str) -> Finding | None:
    missing = [section for section in rules.cards.required_sections if section not in card.sections]
    if not missing:
        return None
    return blocked(
        "SectionsMissing", f"The card has nothing under {', '.join(missing)}; fill it in and ask again.", stage
    )


def _four_eyes(approval: AuditRecord, authors: Collection[Actor], stage: str) -> Finding:
    """Return the finding for an approval by one of these authors, or by somebody who can't be told from all of them."""
    approver = approval.actor
    if any(author.person == approver.person for author in authors):
        return blocked(
            "FourEyes",
            f"{approver.arn} wrote this content and approved it. Somebody else on the list of {stage} has to.",
            stage,
        )
    if any(author.is_in_studio or approver.is_in_studio for author in authors):
        return blocked(
            "FourEyes",
            f"{approver.arn} approved, and the content was written in a Studio session that doesn't say whose it"
            f" was. Set ExecutionRoleIdentityConfig to USER_PROFILE_NAME for the Studio domain and save the content"
            f" again, or have somebody on the list of {stage} approve who doesn't use Studio.",
            stage,
        )
    written = ", ".join(sorted(author.arn for author in authors))
    return blocked(
        "FourEyes",
        f"{approver.arn} approved what {written} wrote, and nothing tells that these are two people: whoever assumes a"
        " role chooses the session's name. Have sessions carry a source identity (sts:SetSourceIdentity), or let"
        f" somebody on the list of {stage} approve under another role and name.",
        stage,
    )


def _ask_again(stage: str, approval: AuditRecord) -> Finding:
    return warned(
        "ApprovalOutdated",
        f"The content was edited after {approval.actor.arn} approved version {approval.version}. {stage} stays open"
        ' (after_edit = "ask"); please approve the card as it is now, or take it back.',
        stage,
    )
