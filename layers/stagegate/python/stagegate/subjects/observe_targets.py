"""Look at the targets of a subject: every document and key as it stands, beside what everybody wants of it."""

from collections.abc import Collection, Mapping
from typing import Any

from stagegate.aws.sessions import Accounts
from stagegate.core.arns import Subject
from stagegate.ledger import targets
from stagegate.plans.grants import View
from stagegate.subjects.context import Planner
from stagegate.surfaces.policies import observe as policy_documents
from stagegate.surfaces.policies import observe_keys as key_grants
from stagegate.targets.changes import Want, open_target, targets_of
from stagegate.targets.compare import Sight, sight_of_document, sight_of_grants
from stagegate.targets.desired import statements_in, uses_in, wish_of
from stagegate.targets.target import Surface, Target

_READS: Mapping[Surface, frozenset[str]] = {
    Surface.GROUP_POLICY: policy_documents.GROUP_PERMISSIONS,
    Surface.BUCKET_POLICY: policy_documents.BUCKET_PERMISSIONS,
    Surface.REPOSITORY_POLICY: policy_documents.REPOSITORY_PERMISSIONS,
    Surface.KEY_GRANTS: key_grants.PERMISSIONS,
}
MEMBER_PERMISSIONS = (
    policy_documents.BUCKET_PERMISSIONS | policy_documents.REPOSITORY_PERMISSIONS | key_grants.PERMISSIONS
)
PERMISSIONS = policy_documents.GROUP_PERMISSIONS | MEMBER_PERMISSIONS
"""Those of `look_at_imports` come on top."""


def look(planner: Planner, subject: Subject, wants: Collection[Want], view: View) -> dict[str, Sight]:
    """Return what was seen of every target that a subject is on or should be on."""
    return {target.id: _sight(planner, subject, target, wants) for target in targets_of(subject, wants, view)}


def _sight(planner: Planner, subject: Subject, target: Target, wants: Collection[Want]) -> Sight:
    """Compare a target with what every other subject has on record there, and this one is to have."""
    if target.surface in (Surface.IMPORT_ROLE, Surface.MODEL_IMPORT):
        # Here and not above, as for hubs (`planning`): only a run about an import waits for it to load.
        from stagegate.subjects.look_at_imports import sight_of_import

        return sight_of_import(planner, subject, target, wants)
    wishes = targets.wishes(planner.dynamodb, planner.environment.table, target.id)
    others = {arn: wish for arn, wish in wishes.items() if arn != subject.arn}
    wish = wish_of(open_target(subject, target, wants))
    asked = others if wish is None else {**others, subject.arn: wish}
    if target.surface is Surface.KEY_GRANTS:
        prefix = planner.environment.prefix
        found = key_grants.observe(_client(planner, "kms", target), target, prefix)
        first = {grant.use: grant.id for grant in reversed(found)}
        odd = [grant.id for grant in found if grant.use is None or grant.id != first[grant.use]]
        return sight_of_grants(target, [use for use in first if use is not None], uses_in(asked), odd)
    return sight_of_document(target, _document(planner, target), statements_in(asked), planner.environment.mark)


def _document(planner: Planner, target: Target) -> str | None:
    match target.surface:
        case Surface.GROUP_POLICY:
            return policy_documents.group_policy(planner.sagemaker, target)
        case Surface.BUCKET_POLICY:
            return policy_documents.bucket_policy(_client(planner, "s3", target), target)
        case _:
            return policy_documents.repository_policy(_client(planner, "ecr", target), target)


def _client(planner: Planner, service: str, target: Target) -> Any:
    """Return a client that can read the target: its type depends on the service."""
    accounts = Accounts(own=planner.environment.account, members=planner.members)
    return accounts.client(
        service,
        _READS[target.surface],
        target.arn,
        account=target.account,
        region=target.region,
        partition=target.partition,
    )
