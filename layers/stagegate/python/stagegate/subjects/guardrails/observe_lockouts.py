"""What a boundary would lock a role out of: a deny with NotPrincipal, in the policy of a bucket or key that packages
are opened on, hits whoever has a permissions boundary ("Permissions boundaries for IAM entities", IAM user guide).
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

from stagegate.aws.sessions import Accounts, Resources
from stagegate.core.arns import Subject
from stagegate.core.errors import PermanentError
from stagegate.iam.denies import locking_out
from stagegate.iam.globs import Known
from stagegate.iam.read import UnreadablePolicyError, read_policy
from stagegate.iam.requests import Place, Request, request_of
from stagegate.rules.model import Bucket
from stagegate.rules.names import name_of_role, with_roles
from stagegate.rules.narrowed.stages import everywhere
from stagegate.subjects.context import Planner
from stagegate.surfaces.policies import observe, observe_buckets, observe_keys
from stagegate.targets.customer_keys import key_target
from stagegate.targets.target import Target, TargetType, title

_KEY_POLICY = frozenset({"kms:GetKeyPolicy"})
PERMISSIONS = observe.BUCKET_PERMISSIONS | observe_buckets.PERMISSIONS | _KEY_POLICY


def lockouts(planner: Planner, subject: Subject, account: str, boundaries: Mapping[str, str]) -> dict[str, str]:
    """Return the roles of stages that a boundary would lock out of what governance.toml names, by name, each with the
    statements that would; `boundaries` are those of roles now, by name, "" for none.

    Nothing is read where no such role is without a boundary. Of a pattern, every bucket is read that its account has of
    such a name. What can't be read or listed isn't known.
    """
    arns = {
        arn
        for stage in everywhere(planner.rules)
        for arn in with_roles(stage, (), subject.partition).roles
        if f"::{account}:" in arn and boundaries.get(name_of_role(arn)) == ""
    }
    found: dict[str, list[str]] = {}
    for target, policy in _policies(planner, subject) if arns else ():
        place = Place(account=target.account, region=target.region, organization=planner.rules.organization.id)
        for arn in sorted(arns):
            for request in _requests(target, arn, place):
                found.setdefault(name_of_role(arn), []).extend(
                    f"statement {label} in the policy of {title(target)}"
                    for label in locking_out(read_policy(policy, planner.environment.sid_prefix), request)
                )
    return {name: ", ".join(dict.fromkeys(statements)) for name, statements in found.items() if statements}


def _requests(target: Target, arn: str, place: Place) -> tuple[Request, ...]:
    if target.type is TargetType.KEY_GRANTS:
        return (request_of(arn, "kms:Decrypt", Known(target.name), place, {}),)
    return (request_of(arn, "s3:GetObject", Known(f"{target.arn}/", is_start=True), place, {}),)


def _policies(planner: Planner, subject: Subject) -> Iterator[tuple[Target, str]]:
    for target in _targets(planner, subject):
        try:
            if target.type is TargetType.KEY_GRANTS:
                kms = _client(planner, "kms", _KEY_POLICY, target, target.arn)
                text = observe_keys.policy(kms, target)
            else:
                s3 = _client(planner, "s3", observe.BUCKET_PERMISSIONS, target, target.arn)
                text = observe.bucket_policy(s3, target)
            read_policy(text)
        except (PermanentError, UnreadablePolicyError):
            continue
        if text and "NotPrincipal" in text:
            yield target, text


def _targets(planner: Planner, subject: Subject) -> Iterator[Target]:
    for bucket in planner.rules.buckets:
        if not bucket.name.endswith("*"):
            yield _of_bucket(subject, bucket, bucket.name)
            continue
        for name in _names(planner, subject, bucket):
            if planner.rules.bucket(name) is bucket:
                yield _of_bucket(subject, bucket, name)
    for key in dict.fromkeys(bucket.key for bucket in planner.rules.buckets if bucket.key):
        if target := key_target(subject, key):
            yield target


def _names(planner: Planner, subject: Subject, bucket: Bucket) -> tuple[str, ...]:
    """Return the buckets that a pattern means, and perhaps others of the account: the first entry that fits counts."""
    with suppress(PermanentError):
        s3 = _client(planner, "s3", observe_buckets.PERMISSIONS, _of_bucket(subject, bucket, bucket.name), "*")
        return tuple(observe_buckets.names(s3, bucket.name.removesuffix("*")))
    return ()


def _of_bucket(subject: Subject, bucket: Bucket, name: str) -> Target:
    return Target(
        type=TargetType.BUCKET_POLICY,
        account=bucket.account,
        region=subject.region,
        partition=subject.partition,
        name=name,
    )


def _client(planner: Planner, service: str, actions: Collection[str], target: Target, resources: Resources) -> Any:
    accounts = Accounts(own=planner.environment.account, members=planner.members)
    return accounts.client(
        service,
        actions,
        resources,
        account=target.account,
        region=target.region,
        partition=target.partition,
    )
