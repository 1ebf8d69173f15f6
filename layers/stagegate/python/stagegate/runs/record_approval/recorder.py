"""Record approval: put down who changed a subject, on which version and content, and have it looked at again."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import AuditRecord, Version, version_set, version_written
from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.errors import translated
from stagegate.core.arns import Subject, subject_of
from stagegate.core.statuses import CardStatus
from stagegate.ledger import audit
from stagegate.runs.record_approval import package_records
from stagegate.runs.record_approval.card_calls import CardCall, card_call
from stagegate.runs.record_approval.package_calls import CALLS as PACKAGE_CALLS
from stagegate.runs.record_approval.package_calls import PackageCall, package_call
from stagegate.subjects.cards import observe as observe_cards
from stagegate.subjects.packages.artifact_reader import ArtifactReader

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_stepfunctions import SFNClient

PERMISSIONS = observe_cards.PERMISSIONS | package_records.PERMISSIONS | audit.PERMISSIONS | {"states:StartExecution"}


@cache
def _lookout() -> ArtifactReader:
    """Made at the first approval of a package: rules that are wrong keep no other change from being put on record."""
    return ArtifactReader.from_environment("record-approval")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """What recording needs: the subject, the ledger, the state machine that looks at the subject, and a way to look at
    what a package is made of.
    """

    environment: Environment
    partition: str
    state_machine: str
    sagemaker: "SageMakerClient"
    dynamodb: "DynamoDBClient"
    stepfunctions: "SFNClient"
    reader: Callable[[], ArtifactReader] = _lookout

    @classmethod
    def from_environment(cls, state_machine: str) -> "Recorder":
        """Return the recorder of this function, which starts that state machine."""
        return cls(
            environment=Environment.read(),
            partition=state_machine.split(":")[1],
            state_machine=state_machine,
            sagemaker=boto3.client("sagemaker", config=REPEATABLE),
            dynamodb=boto3.client("dynamodb", config=REPEATABLE),
            stepfunctions=boto3.client("stepfunctions", config=REPEATABLE),
        )

    def record(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Put down the change that a CloudTrail event reports and start the subject's state machine.

        Delivered twice, it records once and starts twice: a run more changes nothing, a run less might. A copy that
        names nobody records nothing: the caller's own account forwards the one that does.
        Raises InputError for an event that can't be read.
        """
        call = self._call(event)
        subject = subject_of(call.arn)
        recorded = 0
        if subject.account == self.environment.account and call.actor is not None:
            records = (
                package_records.records_of(self.sagemaker, self.reader, call, call.actor, subject)
                if isinstance(call, PackageCall)
                else self._records(call, call.actor, subject)
            )
            for record in records:
                recorded += audit.record_once(self.dynamodb, self.environment.table, call.arn, record)
        with translated(f"start {self.state_machine}"):
            started = self.stepfunctions.start_execution(
                stateMachineArn=self.state_machine,
                input=json.dumps({"subject": call.arn, "trigger": f"record {call.id}"}),
            )
        return {"subject": call.arn, "recorded": recorded, "execution": started["executionArn"]}

    def _call(self, event: Mapping[str, Any]) -> CardCall | PackageCall:
        detail = event.get("detail")
        if isinstance(detail, Mapping) and detail.get("eventName") in PACKAGE_CALLS:
            return package_call(event)
        return card_call(event, partition=self.partition)

    def _records(self, call: CardCall, actor: Actor, subject: Subject) -> Iterator[AuditRecord]:
        """Yield the records of a call. A creation is two: its author's, and that of whoever set its first status."""
        versions = [
            Version(
                number=summary["ModelCardVersion"],
                status=CardStatus(summary["ModelCardStatus"]),
                created=summary["CreationTime"].astimezone(UTC),
                modified=(summary.get("LastModifiedTime") or summary["CreationTime"]).astimezone(UTC),
            )
            for summary in observe_cards.versions(self.sagemaker, subject.name)
        ]
        written = version_written(call.at, versions)
        if call.creates or call.status is None:
            yield self._record(f"{call.id}-content", call.at, actor, subject, None, written)
        if call.status is not None:
            version = written if call.creates else version_set(call.status, call.at, versions)
            yield self._record(call.id, call.at, actor, subject, call.status, version)

    def _record(
        self, id_: str, at: datetime, actor: Actor, subject: Subject, status: CardStatus | None, version: int | None
    ) -> AuditRecord:
        return AuditRecord(
            id=id_,
            at=at,
            actor=actor,
            status=status.value if status else None,
            version=version,
            content_hash=None
            if version is None
            else observe_cards.content_hash_of(self.sagemaker, subject.name, version),
        )
