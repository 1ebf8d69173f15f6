"""Apply a change of an execution role, which imports of one package into one account read the weights with."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stagegate.aws import sessions
from stagegate.aws.config import REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members, limited_to_each, own_session, sts_client
from stagegate.core.errors import PermanentError
from stagegate.ledger import targets
from stagegate.rules.names import name_of_role
from stagegate.surfaces.imports import write_role
from stagegate.surfaces.wire import change_from_json
from stagegate.targets.desired import desired_text_of, written
from stagegate.targets.execution_role import PATH
from stagegate.targets.target import CloseTarget, OpenTarget, is_closed_anyway, role_arns

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sts import STSClient

MEMBER_PERMISSIONS = write_role.PERMISSIONS | write_role.MAKER_PERMISSIONS
PERMISSIONS = targets.DESIRED_PERMISSIONS | sessions.PERMISSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWriter:
    """What writing execution roles needs."""

    environment: Environment
    dynamodb: "DynamoDBClient"
    boundary: str
    """The boundary of execution roles, by its path and name: the parameter ImportRoleBoundary, or our own."""
    sts: "STSClient | None" = None
    """Enters the hosting account; where there is none, one is made for each change."""

    @classmethod
    def from_environment(cls) -> "RoleWriter":
        """Return the writer of this function."""
        environment = Environment.read()
        own = f"{PATH.removeprefix('/')}{environment.prefix}-import-boundary"
        boundary = os.environ.get("STAGEGATE_IMPORT_BOUNDARY", own)
        dynamodb = own_session().client("dynamodb", config=REPEATABLE)
        return cls(environment=environment, dynamodb=dynamodb, boundary=boundary, sts=sts_client())

    def apply(self, change: OpenTarget | CloseTarget, holder: str, external_id: str | None) -> None:
        """Make the role what the change wants, or take it away, and record that.

        A role belongs to one package, so nobody else writes it. A run that dies half-way leaves on record that what it
        had there is unknown: the next one writes the role again. In an account that is closed, where nobody can take it
        away, it counts as taken.
        Raises ClaimLostError before anything is changed, MemberRoleError, RefusedError.
        """
        target, desired_text = change.target, desired_text_of(change)
        table = self.environment.table
        targets.record_desired(
            self.dynamodb, table, target.id, arn=change.subject_arn, desired_text=desired_text, holder=holder
        )
        is_entered = True
        try:
            self._write(change, external_id)
        except PermanentError as error:
            is_entered = not is_closed_anyway(change, error)
            if is_entered:
                raise
        targets.record_written(
            self.dynamodb,
            table,
            target.id,
            arn=change.subject_arn,
            desired_text=desired_text,
            digest=written(desired_text, is_entered=is_entered),
            holder=holder,
        )

    def _write(self, change: OpenTarget | CloseTarget, external_id: str | None) -> None:
        target, prefix = change.target, self.environment.prefix
        maker = self.environment.member_role("import-role")
        members = Members.through(maker, f"{prefix}-import-role", external_id, self.sts)
        maker_arn = f"arn:{target.partition}:iam::{target.account}:role/{maker}"
        allowed = ((write_role.PERMISSIONS, role_arns(target)), (write_role.MAKER_PERMISSIONS, maker_arn))
        policy = limited_to_each(allowed)
        session = members.session(target.account, partition=target.partition, policy=policy)
        iam = session.client("iam", config=REPEATABLE)
        if isinstance(change, OpenTarget) and change.role:
            terms = write_role.Terms(boundary=self.boundary, maker=name_of_role(maker_arn))
            write_role.put_role(iam, change.role, terms)
        elif isinstance(change, CloseTarget) and not change.keep:
            write_role.delete_role(iam, target.name)


def import_role(writer: RoleWriter, request: Mapping[str, Any]) -> dict[str, Any]:
    """Apply one change, given as `wire.change_to_json` makes it with `execution` and `external_id` beside it."""
    change: OpenTarget | CloseTarget = change_from_json(request, (OpenTarget, CloseTarget))
    writer.apply(change, request["execution"], request.get("external_id"))
    return {"target": change.target.id, "opened": desired_text_of(change) is not None}
