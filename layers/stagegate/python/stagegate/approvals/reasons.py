"""The reason that an approver has to give: a package's in the call that approves it, a card's in a tag just before."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from stagegate.approvals.principals import Actor, could_be_one_caller, is_one_of
from stagegate.approvals.records import AuditRecord, RecordSource
from stagegate.approvals.tags.record import TagRecord
from stagegate.core.findings import Finding, blocked
from stagegate.core.untrusted import word
from stagegate.rules.model import Rules

REASON_TAG = "stagegate:reason"
"""The tag of a card that has the reason: SageMaker has no other place for one."""
MOST_OF_A_TAG = 256
"""Characters of a tag's value ("AddTags", API reference of SageMaker)."""


def asks_reasons(rules: Rules) -> bool:
    """Tell whether any stage asks for a reason: only then is it kept who sets the tag."""
    return any(stage.reason_required for stage in rules.whole.stages)


def is_approvers(tag: TagRecord, rules: Rules) -> bool:
    """Tell whether whoever gave a reason may be an approver of any stage: nobody else's is asked for.

    SageMaker names a Studio user by the profile, and CloudTrail by a session (`could_be_one_caller`).
    """
    principals = {principal for entry in rules.whole.approvers for principal in entry.principals}
    actor = tag.actor
    return actor is not None and (
        is_one_of(actor, principals) or any(could_be_one_caller(actor, Actor(arn=each)) for each in principals)
    )


def with_reasons(records: Iterable[AuditRecord], tags: Collection[TagRecord]) -> tuple[AuditRecord, ...]:
    """Return the records of a card with the reason of each that set a status: the last value that the same caller has
    given the tag before, and after they last set a status. So each approval has its own.
    """
    given = [tag for tag in tags if tag.key == REASON_TAG and tag.value and tag.actor]
    found = tuple(records)
    return tuple(_with_reason(record, found, given) for record in found) if given else found


def is_late(tag: TagRecord, records: Iterable[AuditRecord]) -> bool:
    """Tell whether somebody has set a status since they gave the tag its value: its record comes after that one."""
    return any(r.status and tag.actor and r.at >= tag.at and could_be_one_caller(r.actor, tag.actor) for r in records)


def reason_missing(record: AuditRecord, stage: str, *, of_a_card: bool) -> Finding | None:
    """Return the finding for an approval that says nothing of why; None for one that does."""
    if any(each.isprintable() and not each.isspace() for each in record.reason):
        return None
    how = f"the tag {REASON_TAG} before the status" if of_a_card else "--approval-description in the same call"
    return blocked(
        "ReasonMissing",
        f"{word(record.actor.arn)} set {record.status} and gave no reason, which {stage} asks for. Set {record.status}"
        f" once more with one: `stagegate decide` takes it as --reason, the AWS CLI as {how}.",
        stage,
    )


def waits_for_reason(record: AuditRecord) -> bool:
    """Tell whether CloudTrail's record has yet to say the reason: SageMaker's own word of an approval has none."""
    return record.source is RecordSource.STATE_CHANGE and not record.reason


def _with_reason(record: AuditRecord, records: Collection[AuditRecord], given: Collection[TagRecord]) -> AuditRecord:
    if record.status is None:
        return record
    own = [r for r in records if r.status and r.at < record.at and could_be_one_caller(r.actor, record.actor)]
    since = max((r.at for r in own), default=None)
    mine = [
        tag
        for tag in given
        if tag.at <= record.at
        and (since is None or tag.at > since)
        and tag.actor
        and could_be_one_caller(tag.actor, record.actor)
    ]
    last = max(mine, key=lambda tag: (tag.at, tag.id), default=None)
    return replace(record, reason=last.value or "") if last else record
