"""Apply a change of a fence."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stagegate.aws import sessions
from stagegate.aws.config import ONCE, REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members, own_session
from stagegate.core.arns import subject_of
from stagegate.core.errors import PermanentError
from stagegate.ledger import claims, targets
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.narrowed.covers import Cover
from stagegate.surfaces.fences import write
from stagegate.surfaces.fences.model import EXCEPTED, AllowWrites, DenyWrites, RemoveFence, document_of
from stagegate.targets.fences import fence_target

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_organizations import OrganizationsClient

PERMISSIONS = write.PERMISSIONS | targets.PERMISSIONS | claims.PERMISSIONS | sessions.PERMISSIONS
MEMBER_PERMISSIONS = write.MEMBER_PERMISSIONS


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
            organizations=own_session().client("organizations", config=ONCE),
            dynamodb=own_session().client("dynamodb", config=REPEATABLE),
        )

    def apply(self, change: DenyWrites | AllowWrites, holder: str, external_id: str | None) -> None:
        """Raise or lower a fence, and return once AWS has it as it should be.

        A fence that excepts cards is shared by subjects: it is rendered from everything on record that wants to be
        excepted, under a lease, as `policies.apply` does. One that doesn't is the same for every card, and needs the
        lease only to take back what is noted of this one. Raising that twice, or late, is nothing; lowering it takes
        the claim.
        Raises LeaseHeldError, ClaimLostError, DocumentTooLargeError, NotSettledError, MemberRoleError.
        """
        if change.fence.covers is not Cover.OTHERS and not change.noted:
            if isinstance(change, AllowWrites):
                claims.ask(self.dynamodb, self.environment.table, change.card_arn, holder, closes=False)
            self._write(change, self._document(change, ()), external_id)
            return
        table, target = self.environment.table, fence_target(change.fence.account)
        with targets.lease(self.dynamodb, table, target, holder=holder, now=datetime.now(UTC)):
            before = targets.desired_texts(self.dynamodb, table, target)
            if isinstance(change, AllowWrites) and change.fence.covers is Cover.OTHERS:
                self._except(
                    change, {*before, change.card_arn}, holder, external_id, was_wanted=change.card_arn in before
                )
            else:
                self._record_desired(change, None, holder)
                self._write(change, self._document(change, before.keys() - {change.card_arn}), external_id)
                self._record_written(change, None, holder)

    def remove(self, change: RemoveFence, partition: str, holder: str, external_id: str | None) -> None:
        """Take a fence away, for the run that holds the claim on its account.

        Raises ClaimLostError, MemberRoleError, RefusedError.
        """
        claims.ask(self.dynamodb, self.environment.table, change.account_arn, holder, closes=False)
        fence, prefix = change.fence, self.environment.prefix
        if fence.kind is FenceKind.SCP:
            write.put_scp(self.organizations, fence, None, prefix, change.policy)
            return
        bare = replace(fence, covers=Cover.NONE)
        document = document_of(bare, (), partition=partition, governance_account=self.environment.account)
        write.take_boundary(self._members(external_id), fence, document, prefix, partition)

    def _except(
        self, change: AllowWrites, excepted: Collection[str], holder: str, external_id: str | None, *, was_wanted: bool
    ) -> None:
        """Except the card. What can't be carried out is taken back: it would keep the fence from being raised."""
        document = self._document(change, excepted)
        self._record_desired(change, "", holder)
        try:
            self._write(change, document, external_id)
        except PermanentError:
            if not was_wanted:
                self._record_desired(change, None, holder)
            raise
        self._record_written(change, EXCEPTED, holder)

    def _document(self, change: DenyWrites | AllowWrites, excepted: Collection[str]) -> str:
        """Return the document to write. Raises DocumentTooLargeError."""
        partition = subject_of(change.card_arn).partition
        document = document_of(change.fence, excepted, partition=partition, governance_account=self.environment.account)
        write.check_size(change.fence, document, len(excepted))
        return document

    def _write(self, change: DenyWrites | AllowWrites, document: str, external_id: str | None) -> None:
        fence, prefix = change.fence, self.environment.prefix
        if fence.kind is FenceKind.BOUNDARY:
            # A fence is lowered by its document alone: a role that isn't behind it any more is no reason to fail.
            covers = fence if isinstance(change, DenyWrites) else replace(fence, roles=())
            partition = subject_of(change.card_arn).partition
            write.put_boundary(self._members(external_id), covers, document, prefix, partition)
        else:
            stays = fence.covers is not Cover.NONE
            write.put_scp(self.organizations, fence, document if stays else None, prefix, change.policy)

    def _record_desired(self, change: DenyWrites | AllowWrites, desired_text: str | None, holder: str) -> None:
        target = fence_target(change.fence.account)
        targets.record_desired(
            self.dynamodb, self.environment.table, target, arn=change.card_arn, desired_text=desired_text, holder=holder
        )

    def _record_written(self, change: DenyWrites | AllowWrites, digest: str | None, holder: str) -> None:
        target = fence_target(change.fence.account)
        desired_text = None if digest is None else ""
        targets.record_written(
            self.dynamodb,
            self.environment.table,
            target,
            arn=change.card_arn,
            desired_text=desired_text,
            digest=digest,
            holder=holder,
        )

    def _members(self, external_id: str | None) -> Members:
        prefix = self.environment.prefix
        return Members.through(self.environment.member_role("fence"), f"{prefix}-apply-fence", external_id)
