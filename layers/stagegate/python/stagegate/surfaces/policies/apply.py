"""Apply a change of a document, or of a key's grants, that many subjects want something of."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws import sessions
from stagegate.aws.config import ONCE, REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members, limited_to
from stagegate.core.errors import PermanentError
from stagegate.ledger import targets
from stagegate.ledger.targets import Wanted
from stagegate.surfaces.policies import bucket_policies, repository_policies
from stagegate.surfaces.policies import write_documents as group_policies
from stagegate.surfaces.policies import write_keys as key_grants
from stagegate.surfaces.policies.bucket_policies import BucketPolicy
from stagegate.surfaces.policies.repository_policies import RepositoryPolicy
from stagegate.surfaces.policies.write import Document, put_statements
from stagegate.surfaces.policies.write_documents import GroupPolicy
from stagegate.surfaces.wire import change_from_json
from stagegate.targets.desired import digest_of, makes_a_difference, statements_in, still_wanted, uses_in, wish_of
from stagegate.targets.target import CloseTarget, OpenTarget, Surface, Target

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
        everybody else from opening and from closing. What it takes away is taken away all the same.

        Raises LeaseHeldError, ClaimLostError, MemberRoleError, and what `put_statements` and `put_grants` raise.
        """
        session = self._session(change.target, external_id)
        with targets.lease(
            self.dynamodb, self.environment.table, change.target.id, holder=holder, now=datetime.now(UTC)
        ):
            known = targets.wanted_of(self.dynamodb, self.environment.table, change.target.id)
            wish = wish_of(change)
            mine = known.get(change.subject_arn)
            self._record(change, wish, holder, instead_of=mine.carried_out if mine else "")
            self._fulfil(session, change, known, holder)
            targets.record_written(
                self.dynamodb,
                self.environment.table,
                change.target.id,
                arn=change.subject_arn,
                wish=wish,
                digest=None if wish is None else digest_of(wish),
                holder=holder,
            )

    def _fulfil(
        self, session: boto3.Session, change: OpenTarget | CloseTarget, known: Mapping[str, Wanted], holder: str
    ) -> None:
        """Write what everybody wants. If that is refused, write what can't be the reason, and raise the refusal unless
        this wish is among it: neither another's wish nor a part of this one may keep access open.
        """
        arn, wish = change.subject_arn, wish_of(change)
        mine = known.get(arn)
        everybody = {subject: wanted.wish for subject, wanted in known.items()}
        certain = {subject: _certain(wanted) for subject, wanted in known.items()}
        try:
            is_carried_out = mine is not None and mine.instead_of is None
            is_expected = makes_a_difference(everybody, arn, wish, is_carried_out=is_carried_out)
            self._write(session, change.target, _with(everybody, arn, wish), is_expected=is_expected)
            return
        except PermanentError as error:
            refusal = error
        if _with(certain, arn, wish) != _with(everybody, arn, wish):
            with suppress(PermanentError):
                self._write(session, change.target, _with(certain, arn, wish))
                return
        stood = mine.carried_out or None if mine else None
        kept = still_wanted(stood, wish)
        if kept != wish:
            self._record(change, kept, holder)
        with suppress(PermanentError):
            self._write(session, change.target, _with(certain, arn, kept), is_expected=kept != stood)
        raise refusal

    def _record(
        self, change: OpenTarget | CloseTarget, wish: str | None, holder: str, instead_of: str | None = None
    ) -> None:
        targets.record_wish(
            self.dynamodb,
            self.environment.table,
            change.target.id,
            arn=change.subject_arn,
            wish=wish,
            holder=holder,
            instead_of=instead_of,
        )

    def _write(
        self, session: boto3.Session, target: Target, wishes: Mapping[str, str], *, is_expected: bool = True
    ) -> None:
        if target.surface is Surface.KEY_GRANTS:
            kms = session.client("kms", region_name=target.region, config=REPEATABLE)
            prefix = self.environment.prefix
            key_grants.put_grants(kms, target, uses_in(wishes), prefix, is_expected=is_expected)
        else:
            mark = self.environment.mark
            put_statements(document_of(session, target), statements_in(wishes), mark, is_expected=is_expected)

    def _session(self, target: Target, external_id: str | None) -> boto3.Session:
        """Return a session of the target's account: this function's own, or one that can change this target alone."""
        if target.account == self.environment.account:
            return boto3.Session()
        prefix = self.environment.prefix
        members = Members.through(self.environment.member_role("policy"), f"{prefix}-apply-policy", external_id)
        policy = limited_to(_ACTIONS[target.surface], target.arn)
        return members.session(target.account, partition=target.partition, policy=policy)


def _certain(wanted: Wanted) -> str | None:
    """Return what a subject wants and is known to get: of a wish that isn't carried out yet, what was wanted before."""
    if wanted.instead_of is None:
        return wanted.wish
    return still_wanted(wanted.carried_out or None, wanted.wish)


def _with(wishes: Mapping[str, str | None], arn: str, wish: str | None) -> dict[str, str]:
    """Return the wishes with one subject's replaced, or without it."""
    return {subject: text for subject, text in {**wishes, arn: wish}.items() if text is not None}


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
    """Apply one change, given as `changes.change_to_json` makes it with `execution` and `external_id` beside it."""
    change: OpenTarget | CloseTarget = change_from_json(request, (OpenTarget, CloseTarget))
    writer.apply(change, request["execution"], request.get("external_id"))
    return {"target": change.target.id, "opened": wish_of(change) is not None}
