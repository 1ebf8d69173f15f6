"""Apply a change of a document, or of a key's grants, that many subjects want something of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws import sessions
from stagegate.aws.config import ONCE, REPEATABLE
from stagegate.aws.sessions import Members
from stagegate.domain.errors import PermanentError
from stagegate.domain.policy_changes import CloseTarget, OpenTarget, Surface, Target
from stagegate.domain.wishes import digest_of, statements_in, still_wanted, uses_in, wish_of
from stagegate.ledger import targets
from stagegate.surfaces import bucket_policies, group_policies, key_grants, repository_policies
from stagegate.surfaces.bucket_policies import BucketPolicy
from stagegate.surfaces.group_policies import GroupPolicy
from stagegate.surfaces.policy_documents import Document, put_statements
from stagegate.surfaces.repository_policies import RepositoryPolicy

from .codecs import change_from_json
from .environment import Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MEMBER_PERMISSIONS = bucket_policies.PERMISSIONS | repository_policies.PERMISSIONS | key_grants.PERMISSIONS
PERMISSIONS = MEMBER_PERMISSIONS | group_policies.PERMISSIONS | targets.PERMISSIONS | sessions.PERMISSIONS

_ACTIONS = {
    Surface.GROUP_POLICY: group_policies.PERMISSIONS,
    Surface.BUCKET_POLICY: bucket_policies.PERMISSIONS,
    Surface.REPOSITORY_POLICY: repository_policies.PERMISSIONS,
    Surface.KEY_GRANTS: key_grants.PERMISSIONS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWriter:
    """What writing shared documents needs. A document is sent once: the state machine repeats the whole of it."""

    environment: Environment
    dynamodb: "DynamoDBClient"

    @classmethod
    def from_environment(cls) -> "PolicyWriter":
        """Return the writer of this function."""
        return cls(environment=Environment.read(), dynamodb=boto3.client("dynamodb", config=REPEATABLE))

    def apply(self, change: OpenTarget | CloseTarget, holder: str, external_id: str | None) -> None:
        """Put the subject's wish on record, make the target what everybody wants of it, and return once it is.

        A run that dies after the wish is on record leaves it to the next writer of the target. What a wish adds that
        can't be fulfilled (the document would be too large, a role doesn't exist) is taken back: it would keep
        everybody else from opening and from closing. What it takes away stays away.

        Raises LeaseHeldError, ClaimLostError, MemberRoleError, and what `put_statements` and `put_grants` raise.
        """
        session = self._session(change.target, external_id)
        with targets.lease(
            self.dynamodb, self.environment.table, change.target.id, holder=holder, now=datetime.now(UTC)
        ):
            before = targets.wishes(self.dynamodb, self.environment.table, change.target.id)
            wish = wish_of(change)
            self._record(change, wish, holder)
            wanted = {**before, change.subject_arn: wish}
            try:
                self._write(session, change.target, {arn: text for arn, text in wanted.items() if text is not None})
            except PermanentError:
                kept = still_wanted(before.get(change.subject_arn), wish)
                if kept != wish:
                    self._record(change, kept, holder)
                raise
            targets.record_written(
                self.dynamodb,
                self.environment.table,
                change.target.id,
                arn=change.subject_arn,
                digest=None if wish is None else digest_of(wish),
                holder=holder,
            )

    def _record(self, change: OpenTarget | CloseTarget, wish: str | None, holder: str) -> None:
        targets.record_wish(
            self.dynamodb,
            self.environment.table,
            change.target.id,
            arn=change.subject_arn,
            wish=wish,
            holder=holder,
        )

    def _write(self, session: boto3.Session, target: Target, wishes: Mapping[str, str]) -> None:
        if target.surface is Surface.KEY_GRANTS:
            kms = session.client("kms", region_name=target.region, config=REPEATABLE)
            key_grants.put_grants(kms, target, uses_in(wishes), self.environment.prefix)
        else:
            put_statements(document_of(session, target), statements_in(wishes))

    def _session(self, target: Target, external_id: str | None) -> boto3.Session:
        """Return a session of the target's account: this function's own, or one that can change this target alone."""
        if target.account == self.environment.account:
            return boto3.Session()
        prefix = self.environment.prefix
        members = Members.through(self.environment.member_role("policy"), f"{prefix}-apply-policy", external_id)
        statement = {"Effect": "Allow", "Action": sorted(_ACTIONS[target.surface]), "Resource": target.arn}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        return members.session(target.account, partition=target.partition, policy=policy)


def document_of(session: boto3.Session, target: Target) -> Document:
    """Return the document of a target that has one. Raises KeyError for a key, whose grants are no document."""
    region = target.region
    match target.surface:
        case Surface.GROUP_POLICY:
            sagemaker = session.client("sagemaker", region_name=region, config=ONCE)
            return GroupPolicy(target=target, sagemaker=sagemaker)
        case Surface.BUCKET_POLICY:
            return BucketPolicy(target=target, s3=session.client("s3", region_name=region, config=ONCE))
        case Surface.REPOSITORY_POLICY:
            return RepositoryPolicy(target=target, ecr=session.client("ecr", region_name=region, config=ONCE))
        case _:
            raise KeyError(target.surface)


def apply_policy(writer: PolicyWriter, request: Mapping[str, Any]) -> dict[str, Any]:
    """Apply one change, given as `codecs.change_to_json` makes it with `execution` and `external_id` beside it."""
    change = change_from_json(request)
    if not isinstance(change, OpenTarget | CloseTarget):
        raise TypeError(f"{request['kind']} is no change of a shared document")
    writer.apply(change, request["execution"], request.get("external_id"))
    return {"target": change.target.id, "opened": wish_of(change) is not None}
