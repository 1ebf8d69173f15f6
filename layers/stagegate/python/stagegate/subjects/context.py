"""What planning reads from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members
from stagegate.core.arns import Subject, guardrail_subject, subject_of
from stagegate.core.errors import InputError
from stagegate.rules.checks import stack
from stagegate.rules.load import load
from stagegate.rules.model import Rules

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_ram import RAMClient
    from mypy_boto3_sagemaker import SageMakerClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Everything that planning reads from. All that it ever writes is what the public hub says, into the ledger."""

    environment: Environment
    rules: Rules
    sagemaker: "SageMakerClient"
    ram: "RAMClient"
    organizations: "OrganizationsClient"
    dynamodb: "DynamoDBClient"
    members: Members

    @classmethod
    def from_environment(cls) -> "Planner":
        """Return the planner of this function. Raises SettingsError if governance.toml is wrong or not the stack's."""
        environment = Environment.read()
        rules = load(environment.settings)
        stack.check(rules, environment)
        return cls(
            environment=environment,
            rules=rules,
            sagemaker=boto3.client("sagemaker", config=REPEATABLE),
            ram=boto3.client("ram", config=REPEATABLE),
            organizations=boto3.client("organizations", config=REPEATABLE),
            dynamodb=boto3.client("dynamodb", config=REPEATABLE),
            members=Members.through(
                environment.member_role("observe"), f"{environment.prefix}-plan", rules.organization.external_id
            ),
        )

    def subject(self, arn: str) -> Subject:
        """Return the subject of an ARN, or of the name of a guardrail, which is the stack's own.

        Raises UnknownSubjectError, and InputError for an ARN of another Region.
        """
        here = self.environment
        partition = self.sagemaker.meta.partition
        if guardrail := guardrail_subject(arn, partition=partition, region=here.region, account=here.account):
            return guardrail
        subject = subject_of(arn)
        if subject.region != self.environment.region:
            raise InputError(
                f"subject: found a {subject.kind.replace('-', ' ')} of Region {subject.region}; allowed: one of"
                f" {self.environment.region}, where this stack runs (what a model is shared by is regional)"
            )
        return subject
