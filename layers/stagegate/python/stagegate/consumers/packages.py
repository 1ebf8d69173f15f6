"""Deploying approved packages: the group, the version, and what it is made of."""

from collections.abc import Iterator
from typing import Any

from stagegate.consumers.statements import Consumer, allow, via
from stagegate.core.addresses import repository_of
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.stages import of_all_audiences
from stagegate.targets.actions import DESCRIBE_GROUP, LIST_VERSIONS, PULL, USE_VERSION
from stagegate.targets.customer_keys import KEY_ARN

LOOK = ("s3:GetBucketLocation", "s3:ListBucket")
GET = ("s3:GetObject",)
SIGN_IN = ("ecr:GetAuthorizationToken",)


def opens_to(rules: Rules, stage: str) -> bool:
    """Tell whether some status lets the stage deploy packages."""
    return rules.packages is not None and any(stage in rule.opens for rule in rules.packages.status.values())


def statements(rules: Rules, consumer: Consumer) -> list[dict[str, Any]]:
    """Return what a stage needs that deploys packages; nothing for another.

    Which group, version, object and image it is, only the policies there say, which open and close with the approval.
    Images come from the accounts that the rules name; whoever deploys others (AWS's own, say) lets their role at them.
    """
    if not opens_to(rules, consumer.stage.name):
        return []
    return [*_registry(consumer), *_buckets(rules, consumer), *_keys(rules, consumer), *_images(rules, consumer)]


def _registry(consumer: Consumer) -> Iterator[dict[str, Any]]:
    """ListModelPackages on groups and on versions, as the group's policy gives it."""
    groups, versions = f"{consumer.home}:model-package-group/*", f"{consumer.home}:model-package/*"
    yield allow("PackageGroups", [DESCRIBE_GROUP], [groups])
    yield allow("PackageLists", [LIST_VERSIONS], [groups, versions])
    yield allow("Packages", USE_VERSION, [versions])


def _buckets(rules: Rules, consumer: Consumer) -> Iterator[dict[str, Any]]:
    """The owner is part of it: a bucket's name may be anybody's, once it was deleted or where it ends in `*`."""
    for account in sorted({bucket.account for bucket in rules.buckets}):
        names = [bucket.name for bucket in rules.buckets if bucket.account == account]
        buckets = [f"arn:{consumer.partition}:s3:::{name}" for name in names]
        owned = {"StringEquals": {"aws:ResourceAccount": account}}
        yield allow(f"ArtifactBuckets{account}", LOOK, buckets, owned)
        yield allow(f"Artifacts{account}", GET, [f"{bucket}/*" for bucket in buckets], owned)


def _keys(rules: Rules, consumer: Consumer) -> Iterator[dict[str, Any]]:
    """The keys of the buckets through S3, and those that packages themselves are under, which no rule names, through
    SageMaker.

    A grant to a role is enough by itself; one to its account isn't (`principals = "account"`).
    """
    keys = {bucket.key for bucket in rules.buckets if bucket.key}
    for region in sorted({found["region"] for key in keys if (found := KEY_ARN.fullmatch(key))}):
        there = [key for key in keys if f":kms:{region}:" in key]
        through = via("s3", region, consumer.partition)
        yield allow(f"ArtifactKeys{_word(region)}", ["kms:Decrypt"], there, {"StringEquals": through})
    if keys:
        yield allow("SeeArtifactKeys", ["kms:DescribeKey"], keys)
    own = [f"{consumer.of('kms', account)}:key/*" for account in _sources(rules, consumer)]
    through = via("sagemaker", consumer.region, consumer.partition)
    yield allow("PackageKeys", ["kms:Decrypt"], own, {"StringLike": through})


def _images(rules: Rules, consumer: Consumer) -> Iterator[dict[str, Any]]:
    repositories = [f"{consumer.of('ecr', account)}:repository/*" for account in _sources(rules, consumer)]
    yield allow("Images", PULL, repositories)
    yield allow("ImageRegistries", SIGN_IN, ["*"])


def _sources(rules: Rules, consumer: Consumer) -> set[str]:
    """Return the accounts that packages come from by the rules: the owner, whose buckets hold artifacts, and whoever
    registers, with the repositories of that.
    """
    registering = [account for r in rules.registrations for account in of_all_audiences(rules, r.stage).accounts]
    named = [repository_of(address) for r in rules.registrations for address in r.repositories]
    return {
        consumer.owner,
        *(bucket.account for bucket in rules.buckets),
        *registering,
        *(repository.account for repository in named if repository),
    }


def _word(region: str) -> str:
    """Return a Region as part of a Sid, which has letters and digits alone."""
    return region.replace("-", " ").title().replace(" ", "")
