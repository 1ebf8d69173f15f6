"""A model card under a customer key, and whoever tries to read it and to write it."""

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.stagegate.organization import Organization

REVIEWED: dict[str, Any] = {
    "model_overview": {"model_description": "churn"},
    "intended_uses": {"risk_rating": "High"},
    "training_details": {"objective_function": {"notes": "minimizes log loss"}},
    "evaluation_details": [{"name": "holdout"}],
}
STAGES = ("dev", "test", "prod")


@dataclass
class Sealed:
    """One card, its key (an ARN), and the account that the key belongs to by its name."""

    organization: Organization
    name: str
    key: str
    owner: str = "governance"

    @property
    def arn(self) -> str:
        return f"arn:aws:sagemaker:us-east-1:{self.organization.accounts['governance']}:model-card/{self.name}"

    def created(self, status: str = "Draft") -> "Sealed":
        self.organization.client("sagemaker", "governance").create_model_card(
            ModelCardName=self.name,
            Content=json.dumps(REVIEWED),
            ModelCardStatus=status,
            SecurityConfig={"KmsKeyId": self.key},
        )
        assert self.organization.settle()
        return self

    def sets(self, who: str, status: str) -> None:
        """Somebody sets the status; everything that follows has happened then."""
        self.organization.clock.next_second()  # two changes of one second have no order (`approval_of`)
        named = self.name if who in ("governance", "approver") else self.arn
        self.organization.client("sagemaker", who).update_model_card(ModelCardName=named, ModelCardStatus=status)
        assert self.organization.settle()

    def access(self) -> str:
        """What each stage's role can do with the card, found out by doing it: `dev rw  test r  prod -`."""
        return "  ".join(f"{stage} {self.may(stage)}" for stage in STAGES)

    def may(self, stage: str) -> str:
        """`rw`, `r` or `-`; `sealed` where the card can be seen and not be read.

        The attempt to write is one that SageMaker refuses whoever is let in: content and status at once.
        """
        sagemaker = self.organization.client("sagemaker", stage)
        if not _is_let_in(lambda: sagemaker.describe_model_card(ModelCardName=self.arn)):
            metadata = {"ModelCardName": self.arn, "IncludedData": "MetadataOnly"}
            return "sealed" if _is_let_in(lambda: sagemaker.describe_model_card(**metadata)) else "-"
        both = {"ModelCardName": self.arn, "Content": "{}", "ModelCardStatus": "Draft"}
        return "rw" if _is_let_in(lambda: sagemaker.update_model_card(**both)) else "r"

    def grants(self) -> list[tuple[str, list[str]]]:
        """Our grants on the key for this card: the account of each, and its operations."""
        return sorted(
            (grant["GranteePrincipal"].split(":")[4], grant["Operations"])
            for grant in self.all_grants()
            if grant["Name"].startswith("stagegate-")
            and grant["Constraints"]["EncryptionContextSubset"] == {"aws:sagemaker:model-card-arn": self.arn}
        )

    def all_grants(self) -> list[dict[str, Any]]:
        kms = self.organization.admin("kms", self.owner)
        return [grant for page in kms.get_paginator("list_grants").paginate(KeyId=self.key) for grant in page["Grants"]]

    def run(self, **more: str) -> Execution:
        """A run that is started by hand, once it is over; with a `trigger`, it looks as one for an event does."""
        started = self.organization.client("stepfunctions", "governance").start_execution(
            stateMachineArn=self.organization.outputs["GovernStateMachine"],
            input=json.dumps({"subject": self.arn, **more}),
        )
        assert self.organization.settle()
        (run,) = [e for e in self.organization.executions() if e.execution_arn == started["executionArn"]]
        return run

    def manual_run(self, **more: str) -> dict[str, Any]:
        """What a run that a person starts has to say, which must succeed."""
        run = self.run(**more)
        assert run.status == "SUCCEEDED", (run.error, run.cause)
        said: dict[str, Any] = json.loads(run.output or "{}")
        return said

    def heard(self, code: str) -> list[str]:
        """The messages that have this blocking finding."""
        return [
            each.text
            for each in self.organization.outbox
            if f"[block] {code}: " in each.text and self.name in each.text
        ]


def _is_let_in(attempt: Any) -> bool:
    try:
        attempt()
    except ClientError as error:
        if error.response["Error"]["Code"].startswith("AccessDenied"):
            return False
        if error.response["Error"]["Code"] != "ValidationException":
            raise
    return True
