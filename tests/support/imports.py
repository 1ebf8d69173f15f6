"""Imports for tests: what is not named is ordinary."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from stagegate.approvals.entitlement import Entitlement
from stagegate.core.addresses import S3Uri
from stagegate.core.arns import subject_of
from stagegate.rules.imports import Import
from stagegate.rules.model import Bucket, Rules
from stagegate.subjects.packages.imports.grants import import_desired_grants
from stagegate.subjects.packages.model import Container, Package
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.model_import import ModelImport
from tests.support.builders import DEV, PROD
from tests.support.packages import IMAGE, PACKAGE_ARN, a_package, package_rules

WEIGHTS = S3Uri(bucket="model-artifacts-dev", key="churn/3/", is_prefix=True)
SOURCE_KEY = f"arn:aws:kms:us-east-1:{DEV}:key/11111111-1111-1111-1111-111111111111"
MODEL_KEY = f"arn:aws:kms:us-east-1:{PROD}:key/22222222-2222-2222-2222-222222222222"
CONSUMER = f"arn:aws:iam::{PROD}:role/ModelOperator"


def importable(*data: S3Uri) -> Package:
    """An approved package whose data is one folder."""
    return a_package(a_package().status, Container(image_uri=IMAGE, data_uris=data or (WEIGHTS,)))


def import_rules(*, source_key: str | None = None, **more: Any) -> Rules:
    """Approved packages of churn are imported into prod's account; nobody deploys them."""
    rules = package_rules(opens={}, buckets=[Bucket(name="model-artifacts-*", account=DEV, key=source_key)])
    return replace(rules, imports=(Import(groups=("churn",), stage="prod", **more),))


def wants_for(
    rules: Rules, package: Package | None = None, stages: Iterable[str] = ("prod",)
) -> tuple[DesiredGrant, ...]:
    """What these stages' imports need."""
    entitled = [Entitlement(stage=stage, write=False) for stage in stages]
    return import_desired_grants(rules, subject_of(PACKAGE_ARN), package or importable(), entitled, "stagegate")[0]


def an_import(**more: Any) -> ModelImport:
    """The import of churn/3 into prod's account."""
    rules = import_rules(**more)
    (model,) = [desired_grant.model for desired_grant in wants_for(rules) if desired_grant.model]
    return model
