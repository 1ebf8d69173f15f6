"""What many approved packages want of the three kinds of documents, by the product's own rules."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from stagegate.approvals.entitlement import Entitlement
from stagegate.core.addresses import S3Uri
from stagegate.core.arns import subject_of
from stagegate.rules.model import Bucket, BucketScope, PrincipalScope, Rules, Stage
from stagegate.subjects.packages.grants import desired_grants
from stagegate.targets.target import OpenTarget, Target, TargetType
from tests.support.builders import DEV, GOVERNANCE
from tests.support.packages import CONTAINER, a_package, package_rules

BUCKET = "model-artifacts-prod"
VERSIONS = 10
"""Versions of each model: a package group with its folder in the bucket."""
ROLE = "ModelDeploymentRole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """To whom packages are opened. With `at_random`, each to half of the accounts on average, and to one at least;
    with so many `audiences`, all versions of a model to one of so many such halves.
    """

    accounts: int
    principals: PrincipalScope = PrincipalScope.ROLES
    scope: BucketScope = BucketScope.EXACT
    listing: BucketScope = BucketScope.EXACT
    at_random: bool = False
    audiences: int = 0

    def stages(self, number: int) -> list[str]:
        """The names of the stages that package `number` is opened to."""
        everybody = list(_accounts(self.accounts))
        if not self.at_random:
            return everybody
        half = number // VERSIONS % self.audiences if self.audiences else number
        choose = random.Random(half)  # noqa: S311  # a choice of examples, no secret
        return [account for account in everybody if choose.random() < 1 / 2] or [choose.choice(everybody)]

    def rules(self) -> Rules:
        """The rules: a stage for each account."""
        return _rules(self)


def desired_text(sharing: Sharing, surface: TargetType, number: int, *, one_group: bool = False) -> OpenTarget:
    """Return what package `number` wants of a document, as a change. With `one_group` all belong to one model."""
    model, version = (1, number) if one_group else (number // VERSIONS + 1, number % VERSIONS + 1)
    group = f"customer-churn-{model:03}"
    arn = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package/{group}/{version}"
    data = S3Uri(bucket=BUCKET, key=f"{group}/{version}/output/model.tar.gz")
    package = replace(
        a_package(), arn=arn, group=group, version=version, containers=(replace(CONTAINER, data_uris=(data,)),)
    )
    entitled = [Entitlement(stage=stage, write=False) for stage in sharing.stages(number)]
    reachable = {GOVERNANCE, DEV, *_accounts(sharing.accounts)}
    desired, _ = desired_grants(sharing.rules(), subject_of(arn), package, entitled, reachable)
    mine = [desired_grant for desired_grant in desired if desired_grant.target.type is surface]
    statements = tuple(statement for desired_grant in mine for statement in desired_grant.statements)
    return OpenTarget(subject_arn=arn, target=_target(mine[0].target), statements=statements)


def desired_texts(
    sharing: Sharing, surface: TargetType, packages: int, *, one_group: bool = False
) -> Sequence[OpenTarget]:
    """Return what the first so many packages want of a document."""
    return [desired_text(sharing, surface, number, one_group=one_group) for number in range(packages)]


def _target(found: Target) -> Target:
    return replace(found, name=BUCKET) if found.type is TargetType.BUCKET_POLICY else found


@cache
def _accounts(number: int) -> tuple[str, ...]:
    return tuple(f"{500000000001 + n}" for n in range(number))


@cache
def _rules(sharing: Sharing) -> Rules:
    stages = [Stage(name=account, accounts=(account,), roles=(ROLE,)) for account in _accounts(sharing.accounts)]
    buckets = [Bucket(name="model-artifacts-*", account=DEV, scope=sharing.scope, listing=sharing.listing)]
    return package_rules(principals=sharing.principals, stages=stages, buckets=buckets)
