"""Apply a change of a fence, or of another service control policy of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws import sessions
from stagegate.aws.config import ONCE, REPEATABLE
from stagegate.aws.sessions import Members
from stagegate.domain.arns import subject_of
from stagegate.domain.fences import LowerFence, RaiseFence, document_of
from stagegate.domain.guardrails.changes import LowerScp, RaiseScp
from stagegate.domain.rules import FenceKind
from stagegate.ledger import targets
from stagegate.surfaces import fences as surface

from . import apply_guardrail_scps
from .codecs import change_from_json
from .environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = surface.PERMISSIONS | apply_guardrail_scps.PERMISSIONS | targets.PERMISSIONS | sessions.PERMISSIONS
MEMBER_PERMISSIONS = surface.MEMBER_PERMISSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceWriter:
    """What writing fences needs. Document writes are sent once: the state machine repeats the whole of it instead."""

    environment: Environment
    organizations: "OrganizationsClient"
    dynamodb: "DynamoDBClient"

    @classmethod
    def from_environment(cls) -> "FenceWriter":
        """Return the writer of this function."""
        return cls(
            environment=Environment.read(),
            organizations=boto3.client("organizations", config=ONCE),
            dynamodb=boto3.client("dynamodb", config=REPEATABLE),
        )

    def apply(self, change: RaiseFence | LowerFence, holder: str, external_id: str | None) -> None:
        """Raise or lower a fence, and return once AWS has it as it should be.

        A fence that lists single cards is shared by subjects: it is rendered from everything on record that wants it,
        under a lease. Raises LeaseHeldError, ClaimLostError, DocumentTooLargeError, NotSettledError, MemberRoleError.
        """
        if not change.fence.lists_cards:
            self._write(change, frozenset(), external_id)
            return
        with targets.lease_to_write(
            self.dynamodb,
            self.environment.table,
            f"fence/{change.fence.account}",
            arn=change.card_arn,
            wish="" if isinstance(change, RaiseFence) else None,
            holder=holder,
            now=datetime.now(UTC),
        ) as cards:
            self._write(change, frozenset(cards), external_id)

    def _write(self, change: RaiseFence | LowerFence, cards: frozenset[str], external_id: str | None) -> None:
        fence = change.fence
        partition = subject_of(change.card_arn).partition
        document = document_of(fence, cards, partition=partition, governance_account=self.environment.account)
        surface.check_size(fence, document)
        prefix = self.environment.prefix
        if fence.kind is FenceKind.BOUNDARY:
            # A fence is lowered by its document alone: a role that isn't behind it any more is no reason to fail.
            covers = fence if isinstance(change, RaiseFence) else replace(fence, roles=())
            surface.put_boundary(self._members(external_id), covers, document, prefix, partition)
        else:
            denies = bool(cards) or not fence.lists_cards
            surface.put_scp(self.organizations, fence, document if denies else None, prefix, change.policy)

    def _members(self, external_id: str | None) -> Members:
        prefix = self.environment.prefix
        return Members.through(self.environment.member_role("fence"), f"{prefix}-apply-fence", external_id)


def apply_fence(writer: FenceWriter, request: Mapping[str, Any]) -> dict[str, Any]:
    """Apply one change, given as `codecs.change_to_json` makes it with `execution` and `external_id` beside it."""
    change = change_from_json(request)
    match change:
        case RaiseFence() | LowerFence():
            writer.apply(change, request["execution"], request.get("external_id"))
            return {"account": change.fence.account}
        case RaiseScp() | LowerScp():
            apply_guardrail_scps.apply_scp(
                writer.organizations, writer.dynamodb, writer.environment, change, request["execution"]
            )
            return {"guardrail": change.guardrail}
        case _:
            raise TypeError(f"{request['kind']} is no change of a fence")
