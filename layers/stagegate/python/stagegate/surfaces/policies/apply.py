"""Apply a change of a document, or of a key's grants, that many subjects want something of."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from stagegate.aws import sessions
from stagegate.aws.config import ONCE, REPEATABLE
from stagegate.aws.environment import Environment
from stagegate.aws.sessions import Members, Resources, limited_to, own_session, sts_client
from stagegate.core.errors import DocumentTooLargeError, PermanentError, StagegateError
from stagegate.iam.describe import describe
from stagegate.iam.statements import Statement
from stagegate.ledger import targets
from stagegate.ledger.targets import DesiredGrants
from stagegate.surfaces.policies import observe_gone, write_documents, write_keys
from stagegate.surfaces.policies.write import Document, put_statements, put_what_fits
from stagegate.surfaces.policies.write_documents import BucketPolicy, GroupPolicy, RepositoryPolicy
from stagegate.surfaces.wire import change_from_json
from stagegate.targets.desired import (
    desired_text_of,
    makes_a_difference,
    statements_in,
    still_desired,
    uses_in,
    with_desired,
    written,
)
from stagegate.targets.target import CloseTarget, OpenTarget, Target, TargetType, is_closed_anyway

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sts import STSClient

MEMBER_PERMISSIONS = (
    write_documents.BUCKET_PERMISSIONS
    | observe_gone.BUCKET_PERMISSIONS
    | write_documents.REPOSITORY_PERMISSIONS
    | write_keys.PERMISSIONS
)
PERMISSIONS = MEMBER_PERMISSIONS | write_documents.GROUP_PERMISSIONS | targets.PERMISSIONS | sessions.PERMISSIONS

_ACTIONS = {
    TargetType.GROUP_POLICY: write_documents.GROUP_PERMISSIONS,
    TargetType.BUCKET_POLICY: write_documents.BUCKET_PERMISSIONS,
    TargetType.REPOSITORY_POLICY: write_documents.REPOSITORY_PERMISSIONS,
    TargetType.KEY_GRANTS: write_keys.PERMISSIONS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWriter:
    """What writing shared documents needs. A document is sent once: the state machine repeats the whole of it."""

    environment: Environment
    dynamodb: "DynamoDBClient"
    sts: "STSClient | None" = None
    """Enters the accounts of targets; where there is none, one is made for each."""

    @classmethod
    def from_environment(cls) -> "PolicyWriter":
        """Return the writer of this function."""
        dynamodb = own_session().client("dynamodb", config=REPEATABLE)
        return cls(environment=Environment.read(), dynamodb=dynamodb, sts=sts_client())

    def apply(self, change: OpenTarget | CloseTarget, holder: str, external_id: str | None) -> None:
        """Put what the subject wants on record, make the target what everybody wants of it, and return once it is.

        A run that dies after that leaves it to the next writer of the target. What a change adds that can't be carried
        out (the document would be too large, a role doesn't exist) is taken back: it would keep everybody else from
        opening and from closing. What it takes away is taken away all the same. On a target that is gone, or another
        account's by now, everything of the subject is closed, whoever else still wants something there; so it is where
        the target's account is closed and nobody can write there.

        Raises LeaseHeldError, ClaimLostError, MemberRoleError, and what `put_statements` and `put_grants` raise.
        """
        session = self._way_in(change, external_id)
        with targets.lease(
            self.dynamodb, self.environment.table, change.target.id, holder=holder, now=datetime.now(UTC)
        ):
            known = targets.desired_grants_of(self.dynamodb, self.environment.table, change.target.id)
            desired_text = desired_text_of(change)
            mine = known.get(change.subject_arn)
            self._record(change, desired_text, holder, instead_of=mine.carried_out if mine else "")
            is_entered = session is not None
            try:
                if session is not None:
                    self._fulfil(session, change, known, holder)
            except StagegateError as error:
                is_entered = not is_closed_anyway(change, error)
                is_close = isinstance(change, CloseTarget)
                if is_entered and not (is_close and self._is_gone(change.target, external_id)):
                    raise
            targets.record_written(
                self.dynamodb,
                self.environment.table,
                change.target.id,
                arn=change.subject_arn,
                desired_text=desired_text,
                digest=written(desired_text, is_entered=is_entered),
                holder=holder,
            )

    def _fulfil(
        self, session: boto3.Session, change: OpenTarget | CloseTarget, known: Mapping[str, DesiredGrants], holder: str
    ) -> None:
        """Write what everybody wants. If that is refused, write what can't be the reason, and raise the refusal unless
        this change is among it: neither what another wants nor a part of this may keep access open.
        """
        arn, desired_text = change.subject_arn, desired_text_of(change)
        mine = known.get(arn)
        everybody = {subject: wanted.desired_text for subject, wanted in known.items()}
        certain = {subject: _certain(wanted) for subject, wanted in known.items()}
        try:
            is_carried_out = mine is not None and mine.instead_of is None
            is_expected = makes_a_difference(everybody, arn, desired_text, is_carried_out=is_carried_out)
            self._write(session, change.target, with_desired(everybody, arn, desired_text), is_expected=is_expected)
            return
        except PermanentError as error:
            refusal = error
        if with_desired(certain, arn, desired_text) != with_desired(everybody, arn, desired_text):
            with suppress(PermanentError):
                self._write(session, change.target, with_desired(certain, arn, desired_text))
                return
        stood = mine.carried_out or None if mine else None
        kept = still_desired(stood, desired_text)
        if kept != desired_text:
            self._record(change, kept, holder)
        try:
            self._write(session, change.target, with_desired(certain, arn, kept), is_expected=kept != stood)
        except PermanentError:
            if change.closes and self._close_whole(session, change, certain, holder, refusal):
                return
        raise refusal

    def _close_whole(
        self,
        session: boto3.Session,
        change: OpenTarget | CloseTarget,
        certain: Mapping[str, str | None],
        holder: str,
        refusal: PermanentError,
    ) -> bool:
        """Take out all that the subject has on the target, as a part of it can't be taken out, and where a document has
        no room for what others want then, what of theirs has none. Return whether a close is done and nobody has lost
        anything, False where it can't be done either; else raise the refusal with what was done beside it.
        """
        arn, target = change.subject_arn, change.target
        self._record(change, None, holder)
        rest = with_desired(certain, arn, None)
        lost: tuple[Statement, ...] = ()
        try:
            try:
                self._write(session, target, rest)
            except DocumentTooLargeError:
                lost = put_what_fits(document_of(session, target), statements_in(rest), self.environment.sid_prefix)
        except PermanentError:
            return False
        if not lost and isinstance(change, CloseTarget):
            return True
        told = (
            f" There is no room to say what others want without it, and they have lost: {_lines(lost)}" if lost else ""
        )
        raise type(refusal)(
            f"{refusal} A part of what stands there had to be closed, so all that the subject had on {target.id} was"
            f" taken out.{told}"
        ) from refusal

    def _record(
        self, change: OpenTarget | CloseTarget, desired_text: str | None, holder: str, instead_of: str | None = None
    ) -> None:
        targets.record_desired(
            self.dynamodb,
            self.environment.table,
            change.target.id,
            arn=change.subject_arn,
            desired_text=desired_text,
            holder=holder,
            instead_of=instead_of,
        )

    def _write(
        self, session: boto3.Session, target: Target, desired_texts: Mapping[str, str], *, is_expected: bool = True
    ) -> None:
        if target.type is TargetType.KEY_GRANTS:
            kms = session.client("kms", region_name=target.region, config=REPEATABLE)
            prefix = self.environment.prefix
            write_keys.put_grants(kms, target, uses_in(desired_texts), prefix, is_expected=is_expected)
        else:
            sid_prefix = self.environment.sid_prefix
            put_statements(
                document_of(session, target), statements_in(desired_texts), sid_prefix, is_expected=is_expected
            )

    def _is_gone(self, target: Target, external_id: str | None) -> bool:
        """Tell whether the target is gone. That this can't be told is no news: what was refused says more."""

        def client(service: str, actions: Collection[str], resources: Resources) -> Any:
            session = self._limited(target, external_id, actions, resources)
            return session.client(service, region_name=target.region, config=REPEATABLE)  # type: ignore[call-overload]

        with suppress(StagegateError):
            return observe_gone.is_gone(client, target)
        return False

    def _way_in(self, change: OpenTarget | CloseTarget, external_id: str | None) -> boto3.Session | None:
        """Return a session that can write the target, None where nobody can and its account is closed."""
        try:
            return self._session(change.target, external_id)
        except PermanentError as error:
            if not is_closed_anyway(change, error):
                raise
            return None

    def _session(self, target: Target, external_id: str | None) -> boto3.Session:
        """Return a session of the target's account that can change this target alone."""
        return self._limited(target, external_id, _ACTIONS[target.type], target.arn)

    def _limited(
        self, target: Target, external_id: str | None, actions: Collection[str], resources: Resources
    ) -> boto3.Session:
        """Return a session of the target's account: this function's own, or one that can do no more than is named."""
        if target.account == self.environment.account:
            return own_session()
        prefix = self.environment.prefix
        role = self.environment.member_role("policy")
        members = Members.through(role, f"{prefix}-apply-policy", external_id, self.sts)
        return members.session(target.account, partition=target.partition, policy=limited_to(actions, resources))


def _certain(wanted: DesiredGrants) -> str | None:
    """Return what a subject wants and is known to get: of a change on its way, what was wanted before."""
    if wanted.instead_of is None:
        return wanted.desired_text
    return still_desired(wanted.carried_out or None, wanted.desired_text)


def _lines(statements: Collection[Statement]) -> str:
    return "; ".join(describe(statement) for statement in statements)


def document_of(session: boto3.Session, target: Target) -> Document:
    """Return the document of a target that has one. Raises KeyError for a key, whose grants are no document."""
    region = target.region
    match target.type:
        case TargetType.GROUP_POLICY:
            sagemaker = session.client("sagemaker", region_name=region, config=ONCE)
            return GroupPolicy(target=target, sagemaker=sagemaker)
        case TargetType.BUCKET_POLICY:
            return BucketPolicy(target=target, s3=session.client("s3", region_name=region, config=ONCE))
        case TargetType.REPOSITORY_POLICY:
            return RepositoryPolicy(target=target, ecr=session.client("ecr", region_name=region, config=ONCE))
        case _:
            raise KeyError(target.type)


def apply_policy(writer: PolicyWriter, request: Mapping[str, Any]) -> dict[str, Any]:
    """Apply one change, given as `wire.change_to_json` makes it with `execution` and `external_id` beside it."""
    change: OpenTarget | CloseTarget = change_from_json(request, (OpenTarget, CloseTarget))
    writer.apply(change, request["execution"], request.get("external_id"))
    return {"target": change.target.id, "opened": desired_text_of(change) is not None}
