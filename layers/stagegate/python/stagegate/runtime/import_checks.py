"""Preflight: whether the execution role could read the weights and use the keys, before a job is spent on it."""

from collections.abc import Mapping
from typing import Any

from stagegate.domain.imports.preflight import access_findings, checks_of, unproven
from stagegate.domain.policy_changes import Surface, Target
from stagegate.domain.target_documents import sight_of_document, sight_of_grants
from stagegate.domain.wishes import statements_in, uses_in
from stagegate.ledger import targets
from stagegate.sources import key_grants, policy_documents, simulated

from .codecs import to_json
from .importer import Importer, Run

OWNER_PERMISSIONS = policy_documents.BUCKET_PERMISSIONS | key_grants.PERMISSIONS
PERMISSIONS = OWNER_PERMISSIONS
MEMBER_PERMISSIONS = simulated.PERMISSIONS


def check(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `findings` that keep the import from beginning, none if nothing does; and what `unproven` says."""
    run = Run.of(request)
    iam = importer.host("iam", run.target, run.external_id, dict.fromkeys(MEMBER_PERMISSIONS, run.model.role_arn))
    found = access_findings(
        run.model,
        simulated.verdicts(iam, run.model.role_arn, checks_of(run.model)),
        _missing_on_bucket(importer, run),
        _missing_on_key(importer, run),
    )
    return {"findings": [to_json(each) for each in found], "unproven": to_json(unproven(run.model))}


def _missing_on_bucket(importer: Importer, run: Run) -> tuple[str, ...]:
    """Return what would have to be written for the bucket's policy to say all that anybody on record wants."""
    if run.model.source_account == run.model.account:
        return ()
    target = _target(run, Surface.BUCKET_POLICY, run.model.source_account, run.model.source.bucket)
    s3 = importer.owners(run.external_id).client(
        "s3",
        policy_documents.BUCKET_PERMISSIONS,
        target.arn,
        account=target.account,
        region=target.region,
        partition=target.partition,
    )
    wanted = targets.wishes(importer.dynamodb, importer.table, target.id)
    sight = sight_of_document(target, policy_documents.bucket_policy(s3, target), statements_in(wanted))
    return () if sight.is_as_wanted else sight.lines


def _missing_on_key(importer: Importer, run: Run) -> tuple[str, ...]:
    key = run.model.source_key
    if key is None:
        return ()
    target = _target(run, Surface.KEY_GRANTS, key.split(":")[4], key)
    kms = importer.owners(run.external_id).client(
        "kms",
        key_grants.PERMISSIONS,
        target.arn,
        account=target.account,
        region=target.region,
        partition=target.partition,
    )
    there = [grant.use for grant in key_grants.observe(kms, target, importer.environment.prefix) if grant.use]
    wanted = uses_in(targets.wishes(importer.dynamodb, importer.table, target.id))
    return sight_of_grants(target, there, wanted).lines


def _target(run: Run, surface: Surface, account: str, name: str) -> Target:
    return Target(surface=surface, account=account, region=run.target.region, partition=run.target.partition, name=name)
