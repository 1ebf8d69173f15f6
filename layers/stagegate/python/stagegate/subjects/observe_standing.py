"""What stands on targets that are to open, whoever wrote it: the policies of documents and keys, and keys' states."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stagegate.core.arns import Subject
from stagegate.core.errors import PermanentError
from stagegate.core.findings import Finding, blocked, warned
from stagegate.iam.denies import public_statements
from stagegate.iam.read import read_policy
from stagegate.iam.requests import Place
from stagegate.rules.names import bounded_roles
from stagegate.subjects import observe_targets
from stagegate.subjects.context import Planner
from stagegate.surfaces.policies import observe, observe_keys
from stagegate.surfaces.policies.observe_keys import KeyMetadata
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.refusals import DOCUMENTS, refusal_findings
from stagegate.targets.target import Target, TargetType, title

MEMBER_PERMISSIONS = (
    observe.PUBLIC_ACCESS_PERMISSIONS
    | observe.BUCKET_PERMISSIONS
    | observe.REPOSITORY_PERMISSIONS
    | observe_keys.POLICY_PERMISSIONS
)
PERMISSIONS = observe.GROUP_PERMISSIONS | MEMBER_PERMISSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The policies of targets as they stand, by their ids (None for none), and what is in the way of using them."""

    policies: Mapping[str, str | None] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def standing(planner: Planner, subject: Subject, desired: Collection[DesiredGrant]) -> Standing:
    """Return what stands on each target that is to open, and what of it keeps its stages from using it.

    A target that can't be looked at is a warning: writing it says more.
    """
    policies: dict[str, str | None] = {}
    findings: list[Finding] = []
    for target in dict.fromkeys(d.target for d in desired if d.target.type in DOCUMENTS):
        stages = sorted({d.stage for d in desired if d.target == target})
        try:
            if target.type is TargetType.KEY_GRANTS:
                kms = _client(planner, "kms", target, observe_keys.POLICY_PERMISSIONS)
                findings += _of_key(target, observe_keys.describe(kms, target), stages)
                policies[target.id] = observe_keys.policy(kms, target)
            else:
                policies[target.id] = text = observe_targets.document(planner, target)
                if target.type is TargetType.BUCKET_POLICY and text:
                    findings += _of_public_access(planner, target, text, stages)
        except PermanentError as error:
            findings.append(warned("TargetUnseen", f"{title(target)} could not be looked at: {error}"))
    place = Place(
        account=subject.account,
        region=subject.region,
        organization=planner.rules.organization.id,
        # The member stack gives a boundary to each role that an import reads with.
        bounded=bounded_roles(planner.rules, subject.partition) | {each.role.arn for each in desired if each.role},
    )
    refused = refusal_findings(desired, policies, place, planner.environment.sid_prefix)
    return Standing(policies=policies, findings=(*findings, *refused))


def _of_key(target: Target, key: KeyMetadata, stages: Iterable[str]) -> list[Finding]:
    """Return the findings for a key that can't be shared, or decrypts nothing ("Key states of AWS KMS keys", KMS
    developer guide).
    """
    if key.is_of_aws:
        return [
            blocked(
                "DefaultKey",
                f"{title(target)} is AWS's own for a service of that account (as aws/s3): no other account can be let"
                " use it. Have everything encrypted with a customer key, and name that in governance.toml.",
                stage,
            )
            for stage in stages
        ]
    if key.state == observe_keys.ENABLED:
        return []
    return [
        blocked(
            "KeyUnusable",
            f"{title(target)} is {key.state} in KMS: nothing that it has encrypted can be read by anybody. Enable it,"
            " or encrypt the artifacts anew.",
            stage,
        )
        for stage in stages
    ]


def _of_public_access(planner: Planner, target: Target, text: str, stages: Iterable[str]) -> list[Finding]:
    """Return the findings for a bucket whose policy is public, and which lets no other account in for that reason: its
    public access block restricts it, or S3 refuses to write such a policy.
    """
    public = public_statements(read_policy(text, planner.environment.sid_prefix))
    if not public:
        return []
    s3 = _client(planner, "s3", target, observe.PUBLIC_ACCESS_PERMISSIONS)
    on = sorted(observe.public_access_block(s3, target) & {"BlockPublicPolicy", "RestrictPublicBuckets"})
    return [
        blocked(
            "BucketRestricted",
            f"Statement {', '.join(public)} in the policy of {title(target)} lets everybody in, and its public access"
            f" block has {' and '.join(on)} on: no other account is let in, and no such policy is taken. Have whoever"
            " wrote the statement name principals.",
            stage,
        )
        for stage in stages
        if on
    ]


def _client(planner: Planner, service: str, target: Target, actions: frozenset[str]) -> Any:
    return observe_targets.client_for(planner, service, target, actions, target.arn)
