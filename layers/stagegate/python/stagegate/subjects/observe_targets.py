"""Look at the targets of a subject: every document, key, role and model as it stands, beside what is wanted of it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from stagegate.aws.sessions import Accounts, Resources
from stagegate.core.arns import Subject
from stagegate.core.errors import AccountClosedError, AccountLeftError, DocumentTooLargeError, PermanentError
from stagegate.core.findings import blocked, warned
from stagegate.ledger import targets
from stagegate.plans.blindness import Unseen
from stagegate.plans.change import Change
from stagegate.plans.grants import View
from stagegate.subjects import observe_gone
from stagegate.subjects.context import Planner
from stagegate.surfaces.policies import observe as observe_policies
from stagegate.surfaces.policies import observe_keys
from stagegate.targets.changes import DesiredGrant, open_target, targets_of
from stagegate.targets.compare import (
    TargetDiff,
    diff_of_content,
    diff_of_document,
    diff_of_grants,
    diff_of_model,
    diff_of_role,
)
from stagegate.targets.desired import desired_text_of, statements_in, uses_in
from stagegate.targets.target import ACCOUNT_CLOSED, OpenTarget, Target, TargetType, role_arns, target_of, title

_READS: Mapping[TargetType, frozenset[str]] = {
    TargetType.GROUP_POLICY: observe_policies.GROUP_PERMISSIONS,
    TargetType.BUCKET_POLICY: observe_policies.BUCKET_PERMISSIONS,
    TargetType.REPOSITORY_POLICY: observe_policies.REPOSITORY_PERMISSIONS,
    TargetType.KEY_GRANTS: observe_keys.PERMISSIONS,
}
MEMBER_PERMISSIONS = (
    observe_policies.BUCKET_PERMISSIONS
    | observe_policies.REPOSITORY_PERMISSIONS
    | observe_keys.PERMISSIONS
    | observe_gone.MEMBER_PERMISSIONS
)
PERMISSIONS = observe_policies.GROUP_PERMISSIONS | MEMBER_PERMISSIONS | observe_gone.PERMISSIONS
"""What only a package's imports take, the room for these adds (`packages.imports.plan`)."""


def look(
    planner: Planner,
    subject: Subject,
    desired: Collection[DesiredGrant],
    view: View,
    policies: Mapping[str, str | None] | None = None,
) -> dict[str, TargetDiff]:
    """Return what was seen of every target that a subject is on or should be on; of one that can't be looked at, why.

    What can't be seen of one target keeps nothing from closing on another, nor from trying to close on that one.
    `policies` are documents that were read a moment ago, by their targets' ids.
    """
    return {
        target.id: _after_closing(view, target, _seen(planner, subject, target, desired, policies or {}))
        for target in targets_of(subject, desired, view)
    }


def _after_closing(view: View, target: Target, seen: TargetDiff) -> TargetDiff:
    """Return what was seen of a target: an account that was closed, and isn't in the organization any more, is deleted
    by now ("Closing a member account", Organizations user guide: 90 days after).
    """
    if view.written.get(target.id) == ACCOUNT_CLOSED and isinstance(seen.unseen, AccountLeftError):
        return TargetDiff(in_sync=True, account_closed=True)
    return seen


def look_at(planner: Planner, subject: Subject, found: Iterable[Target]) -> dict[str, TargetDiff]:
    """Return how these targets differ from what all other subjects on record want there."""
    return {target.id: _seen(planner, subject, target, (), {}) for target in found}


def unseen_of(seen: Mapping[str, TargetDiff], partition: str) -> tuple[Unseen, ...]:
    """Return the targets that could not be looked at."""
    found = {target_of(id_, partition): diff.unseen for id_, diff in sorted(seen.items()) if diff.unseen}
    return tuple(Unseen(place=t.id, account=t.account, what=title(t), error=error) for t, error in found.items())


def lost(seen: Mapping[str, TargetDiff], desired: Iterable[DesiredGrant]) -> tuple[DesiredGrant, ...]:
    """Return what should be open on targets whose account is closed."""
    return tuple(each for each in desired if each.target.id in seen and seen[each.target.id].account_closed)


def accounts_of(seen: Iterable[str], partition: str) -> frozenset[str]:
    """Return the accounts of targets, by their ids."""
    return frozenset(target_of(id_, partition).account for id_ in seen)


def closes_at_least(changes: Iterable[Change], unseen: Collection[Unseen], *, is_sweep: bool) -> None:
    """Raise why something can't be looked at, unless there is something to close all the same; or a sweep looks, which
    counts how often.
    """
    if unseen and not is_sweep and not any(change.closes for change in changes):
        raise next(iter(unseen)).error


def _seen(
    planner: Planner,
    subject: Subject,
    target: Target,
    desired: Collection[DesiredGrant],
    policies: Mapping[str, str | None],
) -> TargetDiff:
    try:
        return _target_diff(planner, subject, target, desired, policies)
    except DocumentTooLargeError as error:
        detail = (
            f"{title(target)} has no room for all that is wanted of it: {error} Nothing opens there until it has, and"
            " what is recorded as open may be missing from it."
        )
        return TargetDiff(in_sync=False, findings=(blocked("DocumentFull", detail),), unseen=error)
    except PermanentError as error:
        gone, why = observe_gone.why_gone(planner, target, error)
        if gone:
            is_desired = any(each.target == target for each in desired)
            return TargetDiff(
                in_sync=True,
                findings=(gone,) if is_desired else (),
                account_closed=isinstance(why, AccountClosedError),
            )
        detail = f"{title(target)} could not be looked at: {why}"
        is_left = isinstance(why, AccountLeftError)
        unseen = warned("AccountLeft", detail) if is_left else warned("TargetUnseen", detail)
        return TargetDiff(in_sync=False, findings=(unseen,), unseen=why)


def _target_diff(
    planner: Planner,
    subject: Subject,
    target: Target,
    desired: Collection[DesiredGrant],
    policies: Mapping[str, str | None],
) -> TargetDiff:
    """Compare a target with what every other subject has on record there, and this one is to have."""
    if target.type is TargetType.HUB_CONTENT:
        return _diff_of_content(planner, open_target(subject, target, desired))
    if target.type in (TargetType.IMPORT_ROLE, TargetType.MODEL_IMPORT):
        return _diff_of_import(planner, open_target(subject, target, desired))
    desired_texts = targets.desired_texts(planner.dynamodb, planner.environment.table, target.id)
    others = {arn: desired_text for arn, desired_text in desired_texts.items() if arn != subject.arn}
    desired_text = desired_text_of(open_target(subject, target, desired))
    requested = others if desired_text is None else {**others, subject.arn: desired_text}
    if target.type is TargetType.KEY_GRANTS:
        prefix = planner.environment.prefix
        found = observe_keys.observe(_reader(planner, "kms", target), target, prefix)
        first = {grant.use: grant.id for grant in reversed(found)}
        odd = [grant.id for grant in found if grant.use is None or grant.id != first[grant.use]]
        return diff_of_grants(target, [use for use in first if use is not None], uses_in(requested), odd)
    existing = policies[target.id] if target.id in policies else document(planner, target)
    return diff_of_document(target, existing, statements_in(requested), planner.environment.sid_prefix)


def document(planner: Planner, target: Target) -> str | None:
    """Return the policy document of a group, a bucket or a repository as it stands, None where there is none."""
    match target.type:
        case TargetType.GROUP_POLICY:
            return observe_policies.group_policy(planner.sagemaker, target)
        case TargetType.BUCKET_POLICY:
            return observe_policies.bucket_policy(_reader(planner, "s3", target), target)
        case _:
            return observe_policies.repository_policy(_reader(planner, "ecr", target), target)


def _diff_of_import(planner: Planner, change: OpenTarget) -> TargetDiff:
    """Compare a role or a model, which belong to one package, with what it is to have."""
    # Here and not above: only a run about an import waits for these to load.
    from stagegate.ledger import imports
    from stagegate.surfaces.imports import observe

    target, wanted = change.target, change.model
    if target.type is TargetType.IMPORT_ROLE:
        iam = client_for(planner, "iam", target, observe.ROLE_PERMISSIONS, role_arns(target))
        role = observe.role(iam, target.name)
        return diff_of_role(target, (role.trust, role.permissions) if role else None, change.role)
    # Bedrock has no resource for its lists.
    model = observe.model(client_for(planner, "bedrock", target, observe.PERMISSIONS, "*"), target.name)
    recorded = None
    if model:
        table, queue = planner.environment.table, f"{target.account}/{target.region}"
        there = imports.imported(planner.dynamodb, table, queue, change.subject_arn)
        recorded = there.get(imports.version_of(change.subject_arn)[1])
    ours = model if model and model.is_of(change.subject_arn, recorded.model if recorded else "") else None
    is_recorded = ours is not None and recorded is not None and recorded.model == ours.arn
    is_marked = ours is not None and ours.package == change.subject_arn
    return diff_of_model(target, ours.content if ours else None, wanted, is_recorded=is_recorded, is_marked=is_marked)


def _diff_of_content(planner: Planner, change: OpenTarget) -> TargetDiff:
    """Compare what a package has in a private hub. What somebody else has there under its name isn't the package's."""
    # Here and not above: only a run about a hub waits for this to load.
    from stagegate.surfaces.hub_contents import observe_own

    found = observe_own.found(planner.sagemaker, change.target.arn, change.subject_arn)
    ours = found if found and found.is_of(change.subject_arn) else None
    return diff_of_content(
        change.target, ours.document if ours else None, change.content, is_live=ours is not None and ours.is_live
    )


def _reader(planner: Planner, service: str, target: Target) -> Any:
    """Return a client that can read a document or a key: its type depends on the service."""
    return client_for(planner, service, target, _READS[target.type], target.arn)


def client_for(planner: Planner, service: str, target: Target, actions: Collection[str], resources: Resources) -> Any:
    """Return a client in the target's account that may do these `actions`: its type depends on the service."""
    accounts = Accounts(own=planner.environment.account, members=planner.members)
    return accounts.client(
        service, actions, resources, account=target.account, region=target.region, partition=target.partition
    )
