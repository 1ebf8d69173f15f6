"""Apply a change of a guardrail in a member account: the boundary of roles, or Canvas's setting."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws import sessions
from stagegate.aws.config import ONCE, REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members, limited_to, own_session, sts_client
from stagegate.ledger import claims, targets
from stagegate.rules.names import SUBJECT, boundary_target, policy_arn
from stagegate.surfaces.guardrails import write_boundaries, write_canvas
from stagegate.surfaces.guardrails.changes import PutBoundary, RemoveBoundary, SetDirectDeployment
from stagegate.surfaces.wire import change_from_json

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sts import STSClient

PERMISSIONS = targets.BEGUN_PERMISSIONS | claims.PERMISSIONS | sessions.PERMISSIONS
MEMBER_PERMISSIONS = write_boundaries.PERMISSIONS
CANVAS_PERMISSIONS = write_canvas.PERMISSIONS
"""Canvas's setting is changed through a member role of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryWriter:
    """What writing boundaries needs. A policy is sent once: the state machine repeats the whole of it instead."""

    environment: Environment
    dynamodb: "DynamoDBClient"
    sts: "STSClient | None" = None
    """Enters member accounts; where there is none, one is made for each."""

    @classmethod
    def from_environment(cls) -> "BoundaryWriter":
        """Return the writer of this function."""
        dynamodb = own_session().client("dynamodb", config=REPEATABLE)
        return cls(environment=Environment.read(), dynamodb=dynamodb, sts=sts_client())

    def apply(self, change: PutBoundary | RemoveBoundary, holder: str, external_id: str | None) -> None:
        """Put a guardrail on roles of an account, or take it off.

        The account goes on record before anything is put there, so that a run that dies can't leave it behind.
        Raises ClaimLostError, MemberRoleError, RefusedError.
        """
        iam = self._session(change, external_id).client("iam", config=ONCE)
        if isinstance(change, PutBoundary):
            self._record_begun(change, holder, begun=True)
            write_boundaries.put_boundary(
                iam,
                change.guardrail,
                change.document,
                change.roles,
                prefix=self.environment.prefix,
                account=change.account,
                partition=change.partition,
            )
            return
        self.ask(change, holder)
        write_boundaries.remove_boundary(
            iam,
            change.guardrail,
            change.roles,
            delete=change.delete,
            prefix=self.environment.prefix,
            account=change.account,
            partition=change.partition,
        )
        if change.delete:
            self._record_begun(change, holder, begun=False)

    def ask(self, change: RemoveBoundary | SetDirectDeployment, holder: str) -> None:
        """Ask for the claim, where nothing goes on record before the change. Raises ClaimLostError."""
        subject = f"{SUBJECT}{change.guardrail}"
        claims.ask(self.dynamodb, self.environment.table, subject, holder, closes=change.closes)

    def _record_begun(self, change: PutBoundary | RemoveBoundary, holder: str, *, begun: bool) -> None:
        targets.record_begun(
            self.dynamodb,
            self.environment.table,
            boundary_target(change.account),
            arn=f"{SUBJECT}{change.guardrail}",
            begun=begun,
            holder=holder,
        )

    def _session(self, change: PutBoundary | RemoveBoundary, external_id: str | None) -> boto3.Session:
        """Return a session that can write this guardrail, and nothing else of what the member role may.

        It names no roles: a path is not part of what they are known by, and the text may have 2,048 characters. Which
        roles they can be, the member role says.
        """
        prefix, account, partition = self.environment.prefix, change.account, change.partition
        arn = policy_arn(prefix, change.guardrail, account, partition)
        policy = limited_to(MEMBER_PERMISSIONS, [arn, f"arn:{partition}:iam::{account}:role/*"])
        role = self.environment.member_role("boundary")
        members = Members.through(role, f"{prefix}-apply-boundary", external_id, self.sts)
        return members.session(account, partition=partition, policy=policy)


def apply_boundary(writer: BoundaryWriter, request: Mapping[str, Any]) -> dict[str, Any]:
    """Apply one change, given as `wire.change_to_json` makes it with `execution` and `external_id` beside it."""
    change: PutBoundary | RemoveBoundary | SetDirectDeployment
    change = change_from_json(request, (PutBoundary, RemoveBoundary, SetDirectDeployment))
    match change:
        case PutBoundary() | RemoveBoundary():
            writer.apply(change, request["execution"], request.get("external_id"))
        case SetDirectDeployment():
            writer.ask(change, request["execution"])
            set_direct_deployment(writer, change, request.get("external_id"))
    return {"guardrail": change.guardrail, "account": change.account}


def set_direct_deployment(writer: BoundaryWriter, change: SetDirectDeployment, external_id: str | None) -> None:
    """Set the setting of one domain or profile. Raises MemberRoleError, NotSettledError, RefusedError."""
    environment, region, domain = writer.environment, writer.environment.region, change.domain
    here = f"arn:{change.partition}:sagemaker:{region}:{change.account}"
    named = f"user-profile/{domain}/{change.profile}" if change.profile else f"domain/{domain}"
    session_name = f"{environment.prefix}-apply-boundary"
    members = Members.through(environment.member_role("canvas"), session_name, external_id, writer.sts)
    policy = limited_to(CANVAS_PERMISSIONS, f"{here}:{named}")
    session = members.session(change.account, partition=change.partition, policy=policy)
    # Sent once: between two attempts somebody may have changed what is written back.
    sagemaker = session.client("sagemaker", region_name=region, config=ONCE)
    write_canvas.set_direct_deployment(sagemaker, domain, change.profile, change.status)
