"""Who approved a package, by SageMaker's own word: its event of the change, and its description of the package."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from stagegate.approvals.gate import principals_for
from stagegate.approvals.kept import Kept
from stagegate.approvals.principals import Actor, is_issued_by, is_one_of
from stagegate.approvals.records import AuditRecord, RecordSource, of_this_one
from stagegate.approvals.state_changes import StateChange, doubt
from stagegate.aws.sessions import Accounts
from stagegate.core.arns import Subject
from stagegate.core.errors import PermanentError
from stagegate.rules.narrowed.members import accounts_of
from stagegate.subjects import observe_roles
from stagegate.subjects.context import Access, Auditor
from stagegate.subjects.packages import observe
from stagegate.subjects.packages.audit import with_bytes
from stagegate.subjects.packages.model import Package

PERMISSIONS = observe_roles.MEMBER_PERMISSIONS
MEMBER_PERMISSIONS = observe_roles.MEMBER_PERMISSIONS
"""Those of `audit` come on top, which reads the package and its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftToCloudTrail:
    """Why SageMaker's word isn't enough: CloudTrail's record of the call decides, as it does without this event."""

    reason: str


def is_asked_for(auditor: Auditor) -> bool:
    """Tell whether the rules take SageMaker's word. It takes no call of AWS. Raises SettingsError."""
    packages = auditor.access().rules.packages
    return packages is not None and packages.takes_state_changes


def record_of(auditor: Auditor, change: StateChange, subject: Subject, kept: Kept) -> AuditRecord | LeftToCloudTrail:
    """Return the record of an approval, by whoever SageMaker says has set the status; or why CloudTrail decides.

    It is a record only of somebody who may approve, on bytes that are certain: of anybody and anything else SageMaker's
    word says no more than its event alone, which has started a run. Raises ThrottledError; what is refused is left to
    CloudTrail.
    """
    try:
        return _record_of(auditor, auditor.settled(), change, subject, kept)
    except PermanentError as error:
        return LeftToCloudTrail(reason=str(error))


def _record_of(
    auditor: Auditor, here: Access, change: StateChange, subject: Subject, kept: Kept
) -> AuditRecord | LeftToCloudTrail:
    # Loaded here: most calls that are recorded need no rules, and don't wait for what narrows them.
    from stagegate.rules.narrowed.for_subject import for_subject

    package = observe.observe(auditor.sagemaker, subject, sealed=True)
    if package is None:
        return LeftToCloudTrail(reason="the package is gone")
    if reason := doubt(change, package, of_this_one(package, kept.records)):
        return LeftToCloudTrail(reason=reason)
    rules = for_subject(here.rules, subject)
    opens = rules.opened_by(package.group, package.status)
    principals = principals_for([each for each in rules.approvers if each.stage in opens], package.risk)
    actor = _identified(here, subject, package, principals)
    if actor is None or not is_one_of(actor, principals):
        return LeftToCloudTrail(reason="SageMaker names nobody who may approve, or not for certain")
    moment = package.last_modified
    record = AuditRecord(
        id=f"state-change-{package.version}-{moment:%Y%m%dT%H%M%S%f}",
        at=moment.replace(microsecond=0),
        moment=moment,
        actor=actor,
        status=package.status.value,
        version=package.version,
        content_hash=package.content_hash,
        risk=package.risk,
        source=RecordSource.STATE_CHANGE,
        card=package.card,
    )
    record = with_bytes(record, package.status, auditor, subject, package, kept, here)
    return record if record.fingerprints else LeftToCloudTrail(reason=record.not_fingerprinted)


def _identified(here: Access, subject: Subject, package: Package, principals: Collection[str]) -> Actor | None:
    """Return who made the last change, where that can be compared with approvers as CloudTrail's record could be.

    A Studio user is known by the profile if the session says that name, too. The ARN of a session leaves out the path
    of its role, and a role may have been deleted and another made under its name: IAM says which one it is, by the
    unique id that SageMaker has seen.
    """
    actor = package.last_actor
    if actor is None:
        return None
    if actor.profile_name is not None:
        return actor if actor.source_identity == actor.profile_name else None
    if ":assumed-role/" not in actor.arn:
        return actor
    account = actor.arn.split(":")[4]
    is_known = account in accounts_of(here.rules, here.environment.account)
    if not is_known or not any(p == actor.arn or is_issued_by(actor.arn, p) for p in principals):
        return None
    accounts = Accounts(own=here.environment.account, members=here.members)
    roles = observe_roles.role_ids(accounts, account, region=subject.region, partition=subject.partition)
    unique, _, _ = (package.last_principal_id or "").partition(":")
    role = next((arn for arn, id_ in roles.items() if id_ == unique and is_issued_by(actor.arn, arn)), None)
    return replace(actor, role_arn=role) if role else None
