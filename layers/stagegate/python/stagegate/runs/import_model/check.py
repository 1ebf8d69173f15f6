"""Preflight: whether the execution role could read the weights and use the keys, before a job is spent on it."""

from collections.abc import Mapping
from typing import Any

from stagegate.aws.json import to_json
from stagegate.iam.diff import lacking
from stagegate.iam.read import foreign_denies, read_policy
from stagegate.ledger import targets
from stagegate.runs.import_model import simulate
from stagegate.runs.import_model.importer import Importer, Run
from stagegate.runs.import_model.preflight import access_findings, checks_of, unproven
from stagegate.surfaces.policies import observe as observe_policies
from stagegate.surfaces.policies import observe_keys
from stagegate.targets.desired import statements_in, uses_in
from stagegate.targets.target import Target, TargetType

OWNER_PERMISSIONS = observe_policies.BUCKET_PERMISSIONS | observe_keys.PERMISSIONS
PERMISSIONS = OWNER_PERMISSIONS
MEMBER_PERMISSIONS = simulate.PERMISSIONS


def check(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `findings` that keep the import from beginning, none if nothing does; and what `unproven` says."""
    run = Run.of(request)
    iam = importer.host("iam", run.target, run.external_id, dict.fromkeys(MEMBER_PERMISSIONS, run.model.role_arn))
    verdicts = simulate.verdicts(iam, run.model.role_arn, checks_of(run.model))
    missing, denies = _on_bucket(importer, run)
    found = access_findings(run.model, verdicts, missing, _missing_on_key(importer, run))
    return {"findings": [to_json(each) for each in found], "unproven": to_json(unproven(run.model, denies))}


def _on_bucket(importer: Importer, run: Run) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the bucket's policy doesn't say of what this package wants, and which statements of others deny.

    What other packages want isn't looked at: somebody may be about to write it.
    """
    target = _target(run, TargetType.BUCKET_POLICY, run.model.source_account, run.model.source.bucket)
    s3 = importer.owners(run.external_id).client(
        "s3",
        observe_policies.BUCKET_PERMISSIONS,
        target.arn,
        account=target.account,
        region=target.region,
        partition=target.partition,
    )
    existing = observe_policies.bucket_policy(s3, target)
    sid_prefix = importer.environment.sid_prefix
    missing = lacking(existing, statements_in(_desired(importer, run, target)), sid_prefix)
    return missing, foreign_denies(read_policy(existing, sid_prefix))


def _missing_on_key(importer: Importer, run: Run) -> tuple[str, ...]:
    key = run.model.source_key
    if key is None:
        return ()
    target = _target(run, TargetType.KEY_GRANTS, key.split(":")[4], key)
    kms = importer.owners(run.external_id).client(
        "kms",
        observe_keys.PERMISSIONS,
        target.arn,
        account=target.account,
        region=target.region,
        partition=target.partition,
    )
    there = [grant.use for grant in observe_keys.observe(kms, target, importer.environment.prefix) if grant.use]
    return tuple(map(str, sorted(uses_in(_desired(importer, run, target)) - set(there))))


def _desired(importer: Importer, run: Run, target: Target) -> dict[str, str]:
    """Return what this package wants of a target, as all desired grants are given."""
    everybodys = targets.desired_texts(importer.dynamodb, importer.table, target.id)
    return {subject: desired_text for subject, desired_text in everybodys.items() if subject == run.subject}


def _target(run: Run, surface: TargetType, account: str, name: str) -> Target:
    return Target(type=surface, account=account, region=run.target.region, partition=run.target.partition, name=name)
