"""Look at an execution role and an imported model, which belong to one package."""

from collections.abc import Collection
from typing import Any

from stagegate.aws.sessions import Accounts
from stagegate.core.arns import Subject
from stagegate.ledger import imports
from stagegate.subjects.context import Planner
from stagegate.surfaces.imports import observe as observe_imports
from stagegate.targets.changes import DesiredGrant, open_target
from stagegate.targets.compare import TargetDiff, diff_of_model, diff_of_role
from stagegate.targets.model_import import ModelImport
from stagegate.targets.target import Target, TargetType, role_arns

PERMISSIONS = imports.READ_PERMISSIONS
MEMBER_PERMISSIONS = observe_imports.ROLE_PERMISSIONS | observe_imports.PERMISSIONS


def diff_of_import(planner: Planner, subject: Subject, target: Target, desired: Collection[DesiredGrant]) -> TargetDiff:
    """Compare a role or a model with what the package is to have."""
    change = open_target(subject, target, desired)
    if target.type is TargetType.IMPORT_ROLE:
        iam = _client(planner, "iam", observe_imports.ROLE_PERMISSIONS, target, role_arns(target))
        role = observe_imports.role(iam, target.name)
        return diff_of_role(target, (role.trust, role.permissions) if role else None, change.role)
    # Bedrock has no resource for its lists.
    bedrock = _client(planner, "bedrock", observe_imports.PERMISSIONS, target, "*")
    model = observe_imports.model(bedrock, target.name)
    ours = model if model and model.package == subject.arn else None
    is_recorded = bool(ours and change.model and _recorded(planner, change.model) == ours.arn)
    return diff_of_model(target, ours.content if ours else None, change.model, is_recorded=is_recorded)


def _recorded(planner: Planner, wanted: ModelImport) -> str | None:
    """Return the ARN of the model that the ledger has for a version."""
    there = imports.imported(planner.dynamodb, planner.environment.table, wanted.queue, wanted.group)
    return there[wanted.version].model if wanted.version in there else None


def _client(
    planner: Planner, service: str, actions: Collection[str], target: Target, resources: str | Collection[str]
) -> Any:
    return Accounts(own=planner.environment.account, members=planner.members).client(
        service, actions, resources, account=target.account, region=target.region, partition=target.partition
    )
