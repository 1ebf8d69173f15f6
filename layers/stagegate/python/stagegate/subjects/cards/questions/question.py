"""What the approvers of a card are asked: the gates of the card run for each status that says yes."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from stagegate.approvals.as_if import SOON, StageIfYes, if_approved
from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.questions import Asked
from stagegate.approvals.questions import Question as WasAsked
from stagegate.approvals.reasons import REASON_TAG
from stagegate.approvals.records import AuditRecord
from stagegate.core.arns import Subject
from stagegate.core.statuses import CardStatus
from stagegate.plans.grants import Grant
from stagegate.plans.question import Answer, Question, Yes, asker, console_page, difference, most_first
from stagegate.rules.model import Rules
from stagegate.subjects.cards.model import Card

Gates = Callable[[Card, Collection[AuditRecord], Collection[WasAsked], datetime], Entitled]
"""What the gates say of a card, by its records and by what was asked, at a time."""


def question_of(
    rules: Rules,
    subject: Subject,
    card: Card,
    records: Collection[AuditRecord],
    questions: Collection[WasAsked],
    grants: Collection[Grant],
    gates: Gates,
    *,
    now: datetime,
) -> Question | None:
    """Return what is asked about a card as it is now, None where no answer opens anything that has approvers.

    `grants` are what is open once the message is out. Whoever approves is asked by it, so `questions` get this one.
    """
    yes = [_yes(rules, card, status, records, questions, grants, gates, now) for status in _statuses(rules)]
    if not yes:
        return None
    first, *others = most_first(yes)
    update = (
        f"aws sagemaker update-model-card --region {subject.region} --model-card-name {card.arn} --model-card-status"
    )
    asks_why = any(rules.stage(each.stage).reason_required for yes in (first, *others) for each in yes.stages)
    tag = (
        f"aws sagemaker add-tags --region {subject.region} --resource-arn {card.arn} --tags Key={REASON_TAG},Value=WHY"
    )
    answers = [
        *([Answer(says="First, why", status=card.status, command=tag)] if asks_why else []),
        *(Answer(says="Yes", status=each.status, command=f"{update} {each.status}") for each in (first, *others)),
        Answer(says="Send back", status=CardStatus.DRAFT, command=f"{update} {CardStatus.DRAFT}"),
        Answer(says="No", status=CardStatus.ARCHIVED, command=f"{update} {CardStatus.ARCHIVED}"),
    ]
    by, since = asker(card, records)
    return Question(
        subject=card.arn,
        status=card.status.value,
        version=card.version,
        asked_by=by,
        since=since,
        yes=(first, *others),
        answers=tuple(answers),
        console=console_page(subject, f"model-cards/{card.name}"),
    )


def _statuses(rules: Rules) -> list[CardStatus]:
    gated = {entry.stage for entry in rules.approvers}
    return [s for s, rule in rules.cards.status.items() if any(access.stage in gated for access in rule.opens)]


def _yes(
    rules: Rules,
    card: Card,
    status: CardStatus,
    records: Collection[AuditRecord],
    questions: Collection[WasAsked],
    grants: Collection[Grant],
    gates: Gates,
    now: datetime,
) -> Yes:
    approved = replace(card, status=status, last_modified=now + SOON, last_change=None)
    asked = Asked(version=card.version, content_hash=card.content_hash, risk=card.risk)
    known = (*questions, WasAsked(id="as-if", at=now, asked=asked))

    def entitled_by(record: AuditRecord) -> Entitled:
        return gates(approved, (*records, record), known, now + SOON)

    opens = rules.cards.status[status].opens
    stages = if_approved(approved, [access.stage for access in opens], rules.approvers, entitled_by, now=now)
    return Yes(status=status.value, stages=stages, changes=_changes(rules, status, stages, grants))


def _changes(
    rules: Rules, status: CardStatus, stages: Collection[StageIfYes], grants: Collection[Grant]
) -> tuple[str, ...]:
    writes = {access.stage: access.write for access in rules.cards.status[status].opens}
    before = {g.stage: _access(g.accounts, write=g.write) for g in grants if not g.target}
    after = {
        each.stage: _access(rules.stage(each.stage).accounts, write=writes[each.stage]) for each in stages if each.opens
    }
    return difference(before, after)


def _access(accounts: Collection[str], *, write: bool) -> str:
    return f"({', '.join(accounts)}): {rights(write=write)}"


def rights(*, write: bool) -> str:
    """Return what an account that sees a card may do with it."""
    return "read and write" if write else "read only"
