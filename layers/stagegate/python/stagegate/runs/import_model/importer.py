"""What importing works with: the ledger, the hosting account through its member role, the owner's through its own."""

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from stagegate.aws import sessions
from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.errors import code_of, translated
from stagegate.aws.json import from_json
from stagegate.aws.sessions import Accounts, Members, limited_to_each, own_session, sts_client
from stagegate.core.errors import PlannedByAnotherReleaseError
from stagegate.ledger import targets
from stagegate.ledger.queues import Ticket
from stagegate.targets.desired import digest_of
from stagegate.targets.model_import import ModelImport
from stagegate.targets.target import Target

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_sts import STSClient

START = frozenset({"states:StartExecution"})
PERMISSIONS = START | sessions.PERMISSIONS | {"dynamodb:Query"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """What an import needs. `govern` and `imports` are the ARNs of the two state machines."""

    environment: Environment
    dynamodb: "DynamoDBClient"
    stepfunctions: "SFNClient"
    govern: str
    imports: str
    sts: "STSClient | None" = None
    """Enters the accounts of host and owner; where there is none, one is made for each step."""

    @classmethod
    def from_environment(cls) -> "Importer":
        """Return the importer of this function. Raises KeyError for a variable that the template didn't set."""
        return cls(
            environment=Environment.read(),
            dynamodb=own_session().client("dynamodb", config=REPEATABLE),
            stepfunctions=own_session().client("stepfunctions", config=REPEATABLE),
            govern=os.environ["STAGEGATE_STATE_MACHINE"],
            imports=os.environ["STAGEGATE_IMPORTS"],
            sts=sts_client(),
        )

    @property
    def table(self) -> str:
        """The ledger."""
        return self.environment.table

    def host(
        self, service: str, target: Target, external_id: str | None, actions: Mapping[str, str | Collection[str]]
    ) -> Any:
        """Return a client in the hosting account that can do no more than `actions`, each on its resources."""
        session = self.host_session(target, external_id, actions)
        return session.client(service, region_name=target.region, config=REPEATABLE)  # type: ignore[call-overload]

    def host_session(
        self, target: Target, external_id: str | None, actions: Mapping[str, str | Collection[str]]
    ) -> boto3.Session:
        """Return a session in the hosting account. Raises MemberRoleError."""
        members = self._members("import", external_id)
        policy = limited_to_each(([action], resource) for action, resource in sorted(actions.items()))
        return members.session(target.account, partition=target.partition, policy=policy)

    def owners(self, external_id: str | None) -> Accounts:
        """Return the way into the accounts that own weights and keys, to read what stands there."""
        return Accounts(own=self.environment.account, members=self._members("observe", external_id))

    def _members(self, purpose: str, external_id: str | None) -> Members:
        environment = self.environment
        role = environment.member_role(purpose)
        return Members.through(role, f"{environment.prefix}-import-model", external_id, self.sts)

    def start(self, machine: str, name: str | None, said: Mapping[str, Any]) -> None:
        """Start an execution. One that was started by that name before, by a request that was repeated, is enough."""
        request: dict[str, Any] = {"stateMachineArn": machine, "input": json.dumps(said)}
        with translated(f"start {machine}"):
            try:
                self.stepfunctions.start_execution(**request, **({"name": name} if name else {}))
            except ClientError as error:
                if code_of(error) != "ExecutionAlreadyExists":
                    raise

    def look_again(self, subject: str, why: str) -> None:
        """Have a package looked at: what it should have is another matter now."""
        self.start(self.govern, None, {"subject": subject, "trigger": why})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the import state machine: for which package, which target, and what is asked for there.

    `digest` stands for what is asked for: the desired grants on record have the same as long as it is wanted.
    """

    subject: str
    execution: str
    target: Target
    model: ModelImport
    digest: str
    external_id: str | None

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> "Run":
        """Return the run that a request of the state machine is about. Raises PlannedByAnotherReleaseError."""
        requested = request["requested"]
        if set(requested) != {"subject", "target", "model", "digest", "external_id"}:
            raise PlannedByAnotherReleaseError(f"an import is asked for with {', '.join(sorted(requested))}")
        return cls(
            subject=requested["subject"],
            execution=request["execution"],
            target=from_json(Target, requested["target"]),
            model=from_json(ModelImport, requested["model"]),
            digest=requested["digest"],
            external_id=requested["external_id"],
        )

    @property
    def ticket(self) -> Ticket:
        """The run's place in the queue."""
        return Ticket(
            queue=self.model.queue,
            target=self.target.id,
            digest=self.digest,
            holder=self.execution,
            package=self.subject,
        )

    def is_desired(self, importer: Importer) -> bool:
        """Tell whether the package still wants exactly this."""
        desired_text = targets.desired_texts(importer.dynamodb, importer.table, self.target.id).get(self.subject)
        return desired_text is not None and digest_of(desired_text) == self.digest
