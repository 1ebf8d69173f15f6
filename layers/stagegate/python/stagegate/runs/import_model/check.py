"""Preflight: whether the execution role could read the weights and use the keys, before a job is spent on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stagegate.aws.json import to_json
from stagegate.core.findings import Finding, Severity
from stagegate.iam.denies import refusals
from stagegate.iam.diff import lacking
from stagegate.iam.globs import Known
from stagegate.iam.read import read_policy
from stagegate.iam.requests import Place, request_of
from stagegate.ledger import targets
from stagegate.runs.import_model import simulate
from stagegate.runs.import_model.importer import Importer, Run
from stagegate.runs.import_model.preflight import Check, access_findings, checks_of, unproven
from stagegate.subjects.packages.imports.weights import CONFIG
from stagegate.surfaces.policies import observe as observe_policies
from stagegate.surfaces.policies import observe_keys
from stagegate.targets.desired import statements_in, uses_in
from stagegate.targets.refusals import refusal_finding
from stagegate.targets.target import Target, TargetType

_ON_KEYS = observe_keys.PERMISSIONS | {"kms:GetKeyPolicy"}
OWNER_PERMISSIONS = observe_policies.BUCKET_PERMISSIONS | _ON_KEYS
PERMISSIONS = OWNER_PERMISSIONS
MEMBER_PERMISSIONS = simulate.PERMISSIONS


def check(importer: Importer, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `findings` that keep the import from beginning, none if nothing does; and what `unproven` says."""
    run = Run.of(request)
    iam = importer.host("iam", run.target, run.external_id, dict.fromkeys(MEMBER_PERMISSIONS, run.model.role_arn))
    checks = checks_of(run.model)
    verdicts = simulate.verdicts(iam, run.model.role_arn, checks)
    bucket, key = _on_bucket(importer, run), _on_key(importer, run)
    refused = _refused(importer, run, checks, [found for found in (bucket, key) if found])
    found = access_findings(run.model, verdicts, bucket.missing, key.missing if key else ())
    surely = [each for each in refused if each.severity is Severity.BLOCK]
    perhaps = [each for each in refused if each not in surely]
    return {
        "findings": [to_json(each) for each in (*found, *surely)],
        "unproven": to_json(unproven(run.model, [each.detail for each in perhaps])),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A target of the import as it stands: its policy, and what is missing there of what this package wants."""

    target: Target
    policy: str | None
    missing: tuple[str, ...]


def _refused(importer: Importer, run: Run, checks: Iterable[Check], seen: Iterable[_Seen]) -> list[Finding]:
    """Return what others' denies do to what Bedrock does with the role, which the member stack gives a boundary."""
    found: list[Finding] = []
    role = run.model.role_arn
    for each in seen:
        place = Place(account=each.target.account, region=each.target.region, bounded=frozenset({role}))
        asked = [
            request_of(
                role,
                check.action,
                _what(check),
                place,
                {name.lower(): (Known(value),) for name, value in check.context},
            )
            for check in checks
            if check.resource.startswith(each.target.arn)
        ]
        refused = refusals(read_policy(each.policy, importer.environment.sid_prefix), asked)
        found += [refusal_finding(refusal, each.target, run.model.stage, frozenset({role})) for refusal in refused]
    return found


def _what(check: Check) -> Known:
    """Return what a check is about: of one file, every file in the folder."""
    resource, _, name = check.resource.rpartition("/")
    return Known(f"{resource}/", is_start=True) if name == CONFIG else Known(check.resource)


def _on_bucket(importer: Importer, run: Run) -> _Seen:
    """Return the bucket's policy, and what it doesn't say of what this package wants.

    What other packages want isn't looked at: somebody may be about to write it.
    """
    target = _target(run, TargetType.BUCKET_POLICY, run.model.source_account, run.model.source.bucket)
    s3 = _owners_client(importer, run, "s3", observe_policies.BUCKET_PERMISSIONS, target)
    existing = observe_policies.bucket_policy(s3, target)
    wanted = statements_in(_desired(importer, run, target))
    missing = lacking(existing, wanted, importer.environment.sid_prefix, target.partition)
    return _Seen(target=target, policy=existing, missing=missing)


def _on_key(importer: Importer, run: Run) -> _Seen | None:
    key = run.model.source_key
    if key is None:
        return None
    target = _target(run, TargetType.KEY_GRANTS, key.split(":")[4], key)
    kms = _owners_client(importer, run, "kms", _ON_KEYS, target)
    there = [grant.use for grant in observe_keys.observe(kms, target, importer.environment.prefix) if grant.use]
    missing = tuple(map(str, sorted(uses_in(_desired(importer, run, target)) - set(there))))
    return _Seen(target=target, policy=observe_keys.policy(kms, target), missing=missing)


def _owners_client(importer: Importer, run: Run, service: str, actions: frozenset[str], target: Target) -> Any:
    return importer.owners(run.external_id).client(
        service,
        actions,
        target.arn,
        account=target.account,
        region=target.region,
        partition=target.partition,
    )


def _desired(importer: Importer, run: Run, target: Target) -> dict[str, str]:
    """Return what this package wants of a target, as all desired grants are given."""
    everybodys = targets.desired_texts(importer.dynamodb, importer.table, target.id)
    return {subject: desired_text for subject, desired_text in everybodys.items() if subject == run.subject}


def _target(run: Run, surface: TargetType, account: str, name: str) -> Target:
    return Target(type=surface, account=account, region=run.target.region, partition=run.target.partition, name=name)
