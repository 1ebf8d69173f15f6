"""The question that approvers are asked, as a value: who asks, what Yes opens and what blocks it, and how to answer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from stagegate.approvals.as_if import StageIfYes
from stagegate.approvals.records import Approvable, AuditRecord
from stagegate.core.arns import Subject
from stagegate.core.messages.mail import TO_DECIDE
from stagegate.core.untrusted import word
from stagegate.rules.model import Rules

_CONSOLES = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Yes:
    """One status that says yes: what it comes to for each stage. `changes` are the difference to what is open once this
    message is out, a line each: `+` for who gets access, `-` for who loses it, `~` for who gets another one.
    """

    status: str
    stages: tuple[StageIfYes, ...]
    changes: tuple[str, ...] = ()

    @property
    def opens(self) -> tuple[str, ...]:
        """The stages with approvers that it opens, or keeps open."""
        return tuple(each.stage for each in self.stages if each.is_gated and each.opens)

    @property
    def shut(self) -> tuple[str, ...]:
        """The stages with approvers that it would open, and that stay closed whoever says so."""
        return tuple(each.stage for each in self.stages if not each.opens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One way to answer: the status that it sets, and the command that does, from any account that sees the subject."""

    says: str
    status: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What approvers are asked about one subject, as it is now.

    `asked_by` set its status, and `since` when; "" where CloudTrail hasn't said who yet. `yes` are the statuses that
    open something that has approvers, what opens most for them first. `console` is a page of the subject, "" for none.
    """

    subject: str
    status: str
    version: int | None
    asked_by: str
    since: datetime
    yes: tuple[Yes, ...]
    answers: tuple[Answer, ...]
    console: str = ""

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that an answer is about, each once."""
        return tuple(dict.fromkeys(each.stage for yes in self.yes for each in yes.stages if each.is_gated))

    @property
    def headline(self) -> str:
        """What the first Yes would come to, for a subject line; where several have to say so, how many have."""
        first = self.yes[0]
        opens = (f"{each.stage}{_how_far(each)}" for each in first.stages if each.is_gated and each.opens)
        return f"{first.status} would open {', '.join(opens) or 'nothing now'}"


def lines(question: Question, access: Mapping[str, str]) -> list[str]:
    """Return what a mail says of a question. `access` says what a stage may do then, in words: `read only`."""
    by = f"by {word(question.asked_by)}" if question.asked_by else "(CloudTrail hasn't said by whom yet)"
    said = [TO_DECIDE, f"Asked {by}, since {question.since:%Y-%m-%d %H:%M:%S} UTC."]
    for yes in question.yes:
        for each in yes.stages:
            if each.is_gated:
                may = ", ".join(each.may) or "nobody"
                does = f"{yes.status} opens {each.stage}, {access[each.stage]}"
                said.append(f"- {does}; may be set by {may}{_several(each)}")
        said += _if_yes(yes)
    width = max(len(answer.says) for answer in question.answers) + 2
    said += [f"{answer.says + ':':{width}}{answer.command}" for answer in question.answers]
    return [*said, f"In the console: {question.console}"] if question.console else said


def for_a_reason(rules: Rules, stage: str) -> str:
    """Return that a stage asks for a reason, "" where it doesn't."""
    return ", for a reason that has to be given" if rules.stage(stage).reason_required else ""


def _how_far(stage: StageIfYes) -> str:
    return f" ({len(stage.approved)} of {stage.needed} approved)" if stage.needed > 1 else ""


def _several(stage: StageIfYes) -> str:
    if stage.needed == 1:
        return ""
    done = f"{len(stage.approved)} of {stage.needed} approved, by {'; '.join(stage.approved)}" if stage.approved else ""
    return f"; {stage.needed} different people have to set it, each once{f': {done}' if done else ''}"


def _if_yes(yes: Yes) -> list[str]:
    said = [f"With {yes.status}, by what is known now:", *yes.changes]
    if not yes.changes:
        said.append("Access stays as it is.")
    for each in yes.stages:
        for blocker in each.blockers:
            who = f" if {', '.join(blocker.by)} sets it" if blocker.by else ""
            finding = blocker.finding
            said.append(f"! {each.stage} stays closed{who}: {finding.code}: {finding.detail}")
        if each.waits:
            said.append(
                f"? {each.stage}: CloudTrail hasn't said yet who wrote it, so that a finding may come with that."
            )
    return list(dict.fromkeys(said))


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Return what becomes of access, a line for each stage: both say for a stage who has it, and what they may do."""
    gained = [f"+ {stage} {after[stage]}" for stage in after if stage not in before]
    other = [
        f"~ {stage} {after[stage]} (was {before[stage]})"
        for stage in after
        if stage in before and before[stage] != after[stage]
    ]
    return (*gained, *other, *(f"- {stage} {before[stage]}" for stage in before if stage not in after))


def most_first(statuses: Collection[Yes]) -> tuple[Yes, ...]:
    """Return the statuses that say yes, in their order but for those which open nothing: they come last."""
    return tuple(sorted(statuses, key=lambda yes: not yes.opens))


def asker(subject: Approvable, records: Collection[AuditRecord]) -> tuple[str, datetime]:
    """Return who set the status that asks, "" where nobody has said so yet, and since when it is set."""
    if change := subject.last_change:
        return change.actor.arn, change.at
    setters = [record for record in records if record.status == str(subject.status)]
    last = max(setters, key=lambda record: (record.at, record.id), default=None)
    return (last.actor.arn, last.at) if last else ("", subject.last_modified)


def console_page(subject: Subject, page: str) -> str:
    """Return the address of a page of SageMaker's console, in the partition and the Region of the subject."""
    domain = _CONSOLES.get(subject.partition, "console.aws.amazon.com")
    return f"https://{subject.region}.{domain}/sagemaker/home?region={subject.region}#/{page}"


def as_json(question: Question) -> dict[str, object]:
    """Return a question as programs get it with a message (`question` in docs/message.schema.json)."""
    return {
        "subject": question.subject,
        "status": question.status,
        "version": question.version,
        "asked_by": question.asked_by,
        "since": question.since.isoformat(),
        "yes": [
            {
                "status": yes.status,
                "changes": list(yes.changes),
                "stages": [
                    {
                        "stage": each.stage,
                        "is_gated": each.is_gated,
                        "opens": each.opens,
                        "waits": each.waits,
                        "may": list(each.may),
                        "needed": each.needed,
                        "approved": list(each.approved),
                        "blockers": [{**b.finding.as_json(), "by": list(b.by)} for b in each.blockers],
                    }
                    for each in yes.stages
                ],
            }
            for yes in question.yes
        ],
        "answers": [{"says": a.says, "status": a.status, "command": a.command} for a in question.answers],
        "console": question.console,
    }
