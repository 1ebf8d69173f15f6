"""Record approval: record who changed a subject, on which version and content, and have it looked at again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.errors import translated
from stagegate.ledger import audit
from stagegate.subjects.context import Auditor
from stagegate.subjects.registry import SUBJECTS, subject_named

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_stepfunctions import SFNClient

    from stagegate.subjects.parts import Auditing

PERMISSIONS = audit.PERMISSIONS | {"states:StartExecution"}
"""Those of each kind's own `audit` come on top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """What recording needs: a way to read the subject, the ledger, and the state machine that looks at the subject."""

    environment: Environment
    partition: str
    state_machine: str
    auditor: Auditor
    dynamodb: "DynamoDBClient"
    stepfunctions: "SFNClient"

    @classmethod
    def from_environment(cls, state_machine: str) -> "Recorder":
        """Return the recorder of this function, which starts that state machine."""
        return cls(
            environment=Environment.read(),
            partition=state_machine.split(":")[1],
            state_machine=state_machine,
            auditor=Auditor.of("record-approval"),
            dynamodb=boto3.client("dynamodb", config=REPEATABLE),
            stepfunctions=boto3.client("stepfunctions", config=REPEATABLE),
        )

    def record(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Record the change that a CloudTrail event reports and start the subject's state machine.

        Delivered twice, it records once and starts twice: a run more changes nothing, a run less might. A copy that
        names nobody records nothing: the caller's own account forwards the one that does.
        Raises InputError for an event that can't be read.
        """
        here = self.environment
        auditing = _auditing(event)
        call = auditing.call_of(event, self.partition)
        subject = subject_named(call.arn, partition=self.partition, region=here.region, account=here.account)
        recorded = 0
        if subject.account == here.account and call.actor is not None:
            for record in auditing.records_of(self.auditor, call, call.actor, subject):
                recorded += audit.record_once(self.dynamodb, here.table, call.arn, record)
        with translated(f"start {self.state_machine}"):
            started = self.stepfunctions.start_execution(
                stateMachineArn=self.state_machine,
                input=json.dumps({"subject": call.arn, "trigger": f"record {call.id}"}),
            )
        return {"subject": call.arn, "recorded": recorded, "execution": started["executionArn"]}


def _auditing(event: Mapping[str, Any]) -> "Auditing":
    """Return what reads the calls of a kind of subject; for any other call that of the first, which refuses it."""
    detail = event.get("detail")
    name = detail.get("eventName") if isinstance(detail, Mapping) else None
    kinds = [kind for kind in SUBJECTS.values() if kind.calls]
    return next((kind for kind in kinds if name in kind.calls), kinds[0]).auditing()
