"""The question that somebody is to decide: what is asked, what Yes opens, and whether this caller is asked. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from stagegate.access.model import SubjectRecord
from stagegate.access.own_rules import rules_of
from stagegate.access.waiting import decision_on
from stagegate.approvals.attribution import authors_of
from stagegate.approvals.gates.several import needed_for
from stagegate.approvals.principals import Actor, could_be_one_person, is_one_of
from stagegate.approvals.questions import last_of
from stagegate.core.findings import Finding, Severity
from stagegate.core.statuses import CardStatus, PackageStatus, RiskRating
from stagegate.rules.model import Rules
from stagegate.subjects.cards.contents.metrics import Measured, not_met
from stagegate_cli import codes
from stagegate_cli.names import shortened
from stagegate_cli.own_card import cards_word
from stagegate_cli.problems import Problem

STATUSES = {
    "model-card": {
        "approve": CardStatus.APPROVED.value,
        "send-back": CardStatus.DRAFT.value,
        "reject": CardStatus.ARCHIVED.value,
    },
    "model-package": {
        "approve": PackageStatus.APPROVED.value,
        "send-back": PackageStatus.PENDING.value,
        "reject": PackageStatus.REJECTED.value,
    },
}
"""The status that each answer sets, by the kind of subject."""
_OF_ALL_STAGES = ("NothingToDeploy", "ImageUnknown", "Unpinned", "BucketUnknown", "ArtifactForOthers")
"""Findings of a package's last run that don't depend on its status, a stage or an approval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What SageMaker says of the subject now. `sections` are those that are filled in; None for a package. `metrics`
    are those of a card's evaluations.

    `about` are the lines that the message to the approvers has of it, as far as the subject alone says them. One that
    was deleted and made again is another, by when it was `created`.
    """

    status: str
    version: int
    content_hash: str
    risk: RiskRating
    about: tuple[str, ...]
    sections: frozenset[str] | None
    created: datetime
    metrics: tuple[Measured, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. `opens` says what Yes lets open, a line each, and `blocks` what keeps it from opening now;
    `asks_reason`: one of these stages asks why.

    `about` are the lines that the message to the approvers has of the subject. `asked` are the principals who may
    answer, `written_by` the callers who may have written what is there.
    """

    subject: str
    status: str
    version: int
    risk: str
    about: list[str]
    asked_at: datetime
    asked: list[str]
    written_by: list[str]
    opens: list[str]
    blocks: list[str]
    asks_reason: bool
    content_hash: str
    created: datetime


def question_of(
    record: SubjectRecord, file: Rules, now: Now, caller: Actor, card: SubjectRecord | None = None
) -> Question:
    """Return what this caller is asked about the subject as it is now. `card` is what is recorded of the card that a
    package follows.

    Raises Problem where nothing is asked, where what was asked about isn't what is there, and where somebody else is
    asked.
    """
    rules = rules_of(record, file, card)
    waiting = decision_on(record, file, card)
    if waiting is None:
        raise Problem(_nothing_asked(record, now), codes.WAITS)
    asked = waiting.question.asked
    name = shortened(record.subject.arn)
    if (asked.version, asked.content_hash, asked.risk) != (now.version, now.content_hash, now.risk):
        alike = "the same" if asked.content_hash == now.content_hash else "other"
        raise Problem(
            f"{name}: asked about was version {asked.version} of risk {asked.risk}; version {now.version} of risk"
            f" {now.risk} with {alike} content is there now. Nothing was called. `stagegate run` asks about it.",
            codes.WAITS,
        )
    caller = as_principal(caller, waiting.approvers)
    if not is_one_of(caller, waiting.approvers):
        raise Problem(
            f"{name}: found {caller.arn}, who isn't asked; asked are"
            f" {', '.join(waiting.approvers) or 'nobody'}. Nothing was called.",
            codes.WAITS,
        )
    authors = authors_of(now.version, now.content_hash, record.records)
    return Question(
        subject=record.subject.arn,
        status=now.status,
        version=now.version,
        risk=str(now.risk),
        about=list(now.about),
        asked_at=waiting.question.at,
        asked=list(waiting.approvers),
        written_by=sorted(author.arn for author in authors),
        opens=_opens(record, rules, now.risk, card),
        blocks=_blocks(record, rules, now, caller, authors, card),
        asks_reason=any(rules.stage(stage).reason_required for stage in _rights(record, rules, now.risk)),
        content_hash=now.content_hash,
        created=now.created,
    )


def as_principal(caller: Actor, principals: Collection[str]) -> Actor:
    """Return the caller with the role that a principal names: a session's ARN has lost the role's path."""
    _, _, service, _, account, named = caller.arn.split(":", 5)
    kind, _, rest = named.partition("/")
    if service != "sts" or kind != "assumed-role":
        return caller
    role = rest.partition("/")[0]
    fits = (each for each in principals if each.split(":")[4] == account and each.endswith(f"/{role}"))
    return replace(caller, role_arn=next((each for each in fits if ":role/" in each), None))


def _nothing_asked(record: SubjectRecord, now: Now) -> str:
    name, last = shortened(record.subject.arn), last_of(record.questions)
    if last is None:
        return f"{name} is {now.status}, and nobody was asked about it. Nothing was called."
    return (
        f"{name} is {now.status}, and no question is open: the last one, of {last.at:%Y-%m-%d %H:%M:%S} UTC, about"
        f" version {last.asked.version}, is answered or isn't about what is there. Nothing was called."
    )


def _opens(record: SubjectRecord, rules: Rules, risk: RiskRating, card: SubjectRecord | None) -> list[str]:
    """Return what approval lets open that needs it, and whether it is open already, or its card keeps it closed."""
    accounts = {stage.name: " ".join(stage.accounts) for stage in rules.stages}
    open_ = {grant.stage for grant in record.grants}
    lines = []
    for stage, right in _rights(record, rules, risk).items():
        word = cards_word(record, card, rules, stage)
        note = f", but not now: {word.says}" if word and not word.opens else ""
        note = note or (", which is open already" if stage in open_ else "")
        lines.append(f"{stage} ({accounts[stage]}) {right}{note}")
    return lines


def _rights(record: SubjectRecord, rules: Rules, risk: RiskRating) -> dict[str, str]:
    """Return the stages that approval lets open and that need it, each with what for."""
    gated = {entry.stage for entry in rules.approvers if risk in entry.risks}
    rights = {}
    if record.subject.kind == "model-card":
        opens = rules.cards.status[CardStatus.APPROVED].opens
        rights = {each.stage: "to read and write" if each.write else "to read" for each in opens}
    else:
        group = record.subject.name.partition("/")[0]
        imported = rules.importing(group, PackageStatus.APPROVED)
        for stage in rules.opened_by(group, PackageStatus.APPROVED):
            rights[stage] = "to deploy, and imports it into Amazon Bedrock" if stage in imported else "to deploy"
    return {stage: right for stage, right in rights.items() if stage in gated}


def _blocks(
    record: SubjectRecord,
    rules: Rules,
    now: Now,
    caller: Actor,
    authors: Collection[Actor],
    card: SubjectRecord | None,
) -> list[str]:
    """Return what would keep this caller's Yes from opening anything. Only what is certain: a run looks at the rest."""
    blocks = []
    missing = sorted(set(rules.cards.required_sections) - now.sections) if now.sections is not None else []
    if missing:
        blocks.append(f"sections are empty that the rules require: {', '.join(missing)}")
    packages = rules.packages
    wants_two = rules.cards.four_eyes if now.sections is not None else packages is not None and packages.four_eyes
    if wants_two and any(could_be_one_person(caller, author) for author in authors):
        blocks.append("you may have written it: the rules ask for another person")
    stages = _rights(record, rules, now.risk)
    needed = {stage: needed_for([e for e in rules.approvers if e.stage == stage], now.risk) for stage in stages}
    if max(needed.values(), default=1) > 1 and any(
        could_be_one_person(caller, each) for each in _approved(record, now)
    ):
        several = ", ".join(f"{number} for {stage}" for stage, number in needed.items() if number > 1)
        blocks.append(f"you may be who has approved it already: the rules ask for different people, {several}")
    if not stages:
        blocks.append("the rules open nothing for it by an approval")
    unmet = [now.sections is not None and not_met(rules.stage(stage), now.metrics, shows=True) for stage in stages]
    if all(unmet):
        blocks += [f"{found.code}: {found.detail}" for found in unmet if found]
    words = [cards_word(record, card, rules, stage) for stage in stages]
    if all(word and not word.opens for word in words):
        blocks += dict.fromkeys(word.says for word in words if word)
    if record.subject.kind == "model-package" and record.now:
        blocks += [f"{each.code}: {each.detail}" for each in record.now.findings if _is_of_all_stages(each)]
    return blocks + (["the rules are paused: nothing opens or closes"] if rules.paused else [])


def _approved(record: SubjectRecord, now: Now) -> list[Actor]:
    """Return who has set the status that says yes, on what is there now, since it was in another one."""
    yes = STATUSES[record.subject.kind]["approve"]
    left = max((each.at for each in record.records if each.status and each.status != yes), default=None)
    return [
        each.actor
        for each in record.records
        if each.status == yes and each.content_hash == now.content_hash and (left is None or each.at > left)
    ]


def _is_of_all_stages(finding: Finding) -> bool:
    """Tell whether a finding keeps a package closed in every stage, whoever approves it."""
    return finding.severity is Severity.BLOCK and finding.code in _OF_ALL_STAGES
