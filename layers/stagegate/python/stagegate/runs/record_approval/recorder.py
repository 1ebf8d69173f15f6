"""Record approval: who changed a subject, on which version and content, and what the approvers were asked about it.

It alone may write into a subject's approvals (`ledger/approvals.py`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stagegate.approvals.kept import Kept
from stagegate.approvals.questions import Asked, Question, time_to_decide
from stagegate.approvals.reasons import REASON_TAG, asks_reasons, is_approvers, is_late
from stagegate.approvals.records import AuditRecord
from stagegate.approvals.tags.audiences import tag_keys
from stagegate.approvals.tags.record import TagRecord
from stagegate.approvals.tags.settle import says_more
from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.errors import translated
from stagegate.aws.json import from_json
from stagegate.aws.sessions import own_session
from stagegate.core.errors import InputError
from stagegate.ledger import approvals
from stagegate.runs import notify
from stagegate.runs.record_approval import tags as audit_tags
from stagegate.subjects.context import Auditor
from stagegate.subjects.packages.state_changes import audit_approval
from stagegate.subjects.packages.state_changes.audit_event import change_of
from stagegate.subjects.registry import SUBJECTS, kind_of, subject_named

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient

    from stagegate.subjects.parts import Auditing

PERMISSIONS = approvals.PERMISSIONS | notify.PERMISSIONS | audit_approval.PERMISSIONS | {"states:StartExecution"}
"""Those of each kind's own `audit` come on top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """What recording needs: a way to read the subject, the ledger, and the state machine that looks at the subject."""

    environment: Environment
    partition: str
    state_machine: str
    topic: str
    auditor: Auditor
    dynamodb: "DynamoDBClient"
    stepfunctions: "SFNClient"
    sns: "SNSClient"

    @classmethod
    def from_environment(cls, state_machine: str, topic: str) -> "Recorder":
        """Return the recorder of this function, which starts that state machine and asks by that topic."""
        dynamodb = own_session().client("dynamodb", config=REPEATABLE)
        return cls(
            environment=Environment.read(),
            partition=state_machine.split(":")[1],
            state_machine=state_machine,
            topic=topic,
            auditor=Auditor.of("record-approval", dynamodb),
            dynamodb=dynamodb,
            stepfunctions=own_session().client("stepfunctions", config=REPEATABLE),
            sns=notify.client(),
        )

    def record(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Record the change that a CloudTrail event reports and start the subject's state machine.

        Delivered twice, it records once and starts twice: a run more changes nothing, a run less might. A copy that
        names nobody records nothing: the caller's own account forwards the one that does. `decided_after_s` are the
        seconds that a question had been open which a new record answers.
        Raises InputError for an event that can't be read.
        """
        here = self.environment
        auditing = _auditing(event)
        call = auditing.call_of(event, self.partition)
        subject = subject_named(call.arn, partition=self.partition, region=here.region, account=here.account)
        recorded = 0
        answer: dict[str, Any] = {"subject": call.arn}
        if subject.account == here.account and call.actor is not None:
            found = approvals.current(self.dynamodb, here.table, call.arn)
            kept = approvals.kept_in(self.dynamodb, here.table, call.arn, found)
            for record in auditing.records_of(self.auditor, call, call.actor, subject, kept):
                if approvals.put(self.dynamodb, here.table, call.arn, record, None if recorded else found):
                    recorded += 1
                    answer |= _decided(record, kept)
        if call.creates and subject.account == here.account and subject.kind == "model-card":
            recorded += self._record_tags(event, call.arn)
        return {**answer, "recorded": recorded, "execution": self._look_again(call.arn, f"record {call.id}")}

    def record_tags(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Record who set or took off a card's tag that the rules select audiences by, and start the card's run; or who
        gave a reason, where a stage asks for one, which starts none unless it comes after the status.

        For any other tag, and without such rules, nothing is called. Delivered twice, it is recorded once. Raises
        InputError for an event that can't be read, SettingsError, ThrottledError.
        """
        here = self.environment
        arn = audit_tags.tagged_by(event)
        subject = subject_named(arn, partition=self.partition, region=here.region, account=here.account)
        if subject.account != here.account or subject.kind != "model-card":
            raise InputError(f"CloudTrail event: found tags of {arn}; allowed: those of a card of {here.account}")
        touched = list(audit_tags.records_of(event, self._tag_keys()))
        answer: dict[str, Any] = {"subject": arn, "recorded": 0}
        if not touched:
            return answer
        answer["recorded"] = self._record_tags(event, arn)
        reasons = [tag for tag in touched if tag.key == REASON_TAG]
        if len(reasons) == len(touched) and not self._is_late(arn, reasons):
            return answer
        return {**answer, "execution": self._look_again(arn, f"record {touched[0].id}")}

    def _tag_keys(self) -> frozenset[str]:
        """Return the tags that the rules ask about."""
        rules = self.auditor.access().rules
        return frozenset({*tag_keys(rules), *([REASON_TAG] if asks_reasons(rules) else [])})

    def _is_late(self, arn: str, reasons: Iterable[TagRecord]) -> bool:
        """Tell whether the record of a reason comes after that of its status: a run has to look again."""
        found = approvals.current(self.dynamodb, self.environment.table, arn)
        kept = approvals.kept_in(self.dynamodb, self.environment.table, arn, found)
        return any(is_late(tag, kept.records) for tag in reasons)

    def _record_tags(self, event: Mapping[str, Any], arn: str) -> int:
        """Record what an event says of the tags that the rules ask for, and what can change anything by it; return how
        many records were new. Rules that are wrong keep no card without tags from being put on record.
        """
        if not (audit_tags.is_tagging(event) or audit_tags.sets_tags(event)):
            return 0
        touched = audit_tags.records_of(event, self._tag_keys())
        return sum(self._record_tag(arn, record) for record in touched)

    def _record_tag(self, arn: str, record: TagRecord) -> bool:
        table, rules = self.environment.table, self.auditor.access().rules
        entitled = tag_keys(rules).get(record.key)
        found = approvals.current(self.dynamodb, table, arn)
        counts = record.key == REASON_TAG and is_approvers(record, rules)
        if not counts and entitled is not None:
            kept = approvals.kept_in(self.dynamodb, table, arn, found)
            created = max((each.at for each in kept.records if each.creates), default=None)
            counts = says_more(record, kept.tags, entitled, created)
        return counts and approvals.put(self.dynamodb, table, arn, record, found)

    def take_word(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Record who approved a package by SageMaker's own event and description, where the rules ask for that and
        nothing speaks against it, and start the package's state machine once more.

        Where they don't ask, nothing is called. `left_to_cloudtrail` says why nothing is recorded. Delivered twice, it
        is recorded once. Raises InputError for an event that can't be read, SettingsError, ThrottledError.
        """
        here = self.environment
        change = change_of(event)
        answer: dict[str, Any] = {"subject": change.arn, "recorded": 0}
        if not audit_approval.is_asked_for(self.auditor):
            return {**answer, "left_to_cloudtrail": "governance.toml takes CloudTrail's records alone"}
        subject = subject_named(change.arn, partition=self.partition, region=here.region, account=here.account)
        if subject.account != here.account:
            raise InputError(f"state change event: found {change.arn}; allowed: a package of {here.account}")
        found = approvals.current(self.dynamodb, here.table, change.arn)
        kept = approvals.kept_in(self.dynamodb, here.table, change.arn, found)
        record = audit_approval.record_of(self.auditor, change, subject, kept)
        if isinstance(record, audit_approval.LeftToCloudTrail):
            return {**answer, "left_to_cloudtrail": record.reason}
        recorded = int(approvals.put(self.dynamodb, here.table, change.arn, record, found))
        if recorded:
            answer |= _decided(record, kept)
        return {**answer, "recorded": recorded, "execution": self._look_again(change.arn, f"record {record.id}")}

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Record what a run of `govern` has found that belongs to the approvals, and tell the approvers.

        `request` has `subject`, `execution`, `round`, what `notify` takes, and `approvals` of the plan. Who made the
        last change is not taken from there, but from SageMaker again; a run more sees to that record. What is asked is
        recorded once the message is published. Done twice, it is recorded once, and said twice only where nobody knows
        whether it was said. Raises InputError for a subject that has no approvals.
        """
        here, wanted = self.environment, request["approvals"]
        subject = subject_named(request["subject"], partition=self.partition, region=here.region, account=here.account)
        if not kind_of(subject).calls or subject.account != here.account:
            raise InputError(f"subject: found {subject.arn}; allowed: a card or a package of {here.account}")
        found = approvals.current(self.dynamodb, here.table, subject.arn)
        kept = approvals.kept_in(self.dynamodb, here.table, subject.arn, found)
        recorded = False
        if wanted["is_unrecorded"]:
            record = kind_of(subject).auditing().own_record_of(self.auditor, subject, kept)
            recorded = record is not None and approvals.put(self.dynamodb, here.table, subject.arn, record, found)
        id_ = f"{request['execution']}#{request['round']}"
        answer: dict[str, Any] = {"message_id": None}
        if not kept.has(id_):
            answer = notify.notify(self.sns, self.topic, request, notify.key_client)
            if wanted["asked"] and answer["message_id"]:
                question = Question(id=id_, at=datetime.now(UTC), asked=from_json(Asked, wanted["asked"]))
                approvals.put(self.dynamodb, here.table, subject.arn, question, None if recorded else found)
        if recorded:
            self._look_again(subject.arn, "record by SageMaker")
        return answer

    def _look_again(self, arn: str, trigger: str) -> str:
        with translated(f"start {self.state_machine}"):
            started = self.stepfunctions.start_execution(
                stateMachineArn=self.state_machine, input=json.dumps({"subject": arn, "trigger": trigger})
            )
        return started["executionArn"]


def _auditing(event: Mapping[str, Any]) -> "Auditing":
    """Return what reads the calls of a kind of subject; for any other call that of the first, which refuses it."""
    detail = event.get("detail")
    name = detail.get("eventName") if isinstance(detail, Mapping) else None
    kinds = [kind for kind in SUBJECTS.values() if kind.calls]
    return next((kind for kind in kinds if name in kind.calls), kinds[0]).auditing()


def _decided(record: AuditRecord, before: Kept) -> dict[str, Any]:
    waited = time_to_decide(record, before.questions, before.records)
    return {"decided_after_s": waited.total_seconds()} if waited is not None else {}
