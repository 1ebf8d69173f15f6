"""Model packages for tests: what is not named is ordinary."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.principals import Actor
from stagegate.approvals.questions import Asked
from stagegate.approvals.records import AuditRecord
from stagegate.core.addresses import S3Uri
from stagegate.core.arns import Subject, subject_of
from stagegate.core.card_link import CardLink
from stagegate.core.messages.mail import Message
from stagegate.core.statuses import PackageStatus, RiskRating
from stagegate.plans.grants import View
from stagegate.plans.messages import message_of
from stagegate.plans.plan import Plan
from stagegate.plans.question import Question
from stagegate.plans.wording import Planned
from stagegate.rules.model import (
    AfterChange,
    Bucket,
    LifecycleRule,
    PackageRules,
    PackageStatusRule,
    PrincipalScope,
    Rules,
    Stage,
)
from stagegate.subjects.packages.artifacts import Artifacts, Data, Stored
from stagegate.subjects.packages.decide import Observed, package_plan
from stagegate.subjects.packages.grants import desired_grants
from stagegate.subjects.packages.messages import wording
from stagegate.subjects.packages.model import Container, Package, content_hash
from stagegate.subjects.packages.questions.question import question_of
from stagegate.subjects.registry import SUBJECTS
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.compare import TargetDiff
from tests.support.builders import AUTHOR, CREATED, DEV, GOVERNANCE, PROD, TEST, a_basis, at, some_rules

PENDING, APPROVED, REJECTED = PackageStatus.PENDING, PackageStatus.APPROVED, PackageStatus.REJECTED
PACKAGE_ARN = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package/churn/3"
GROUP_ARN = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}:model-package-group/churn"
BUCKET, KEY = "model-artifacts-dev", f"arn:aws:kms:us-east-1:{DEV}:key/0f0e0d0c-0b0a-0908-0706-050403020100"
IMAGE = f"{DEV}.dkr.ecr.us-east-1.amazonaws.com/team/serving:1.4"
AWS_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
DATA = S3Uri(bucket=BUCKET, key="churn/3/model.tar.gz")
CONTAINER = Container(image_uri=IMAGE, image_digest=f"sha256:{'a' * 64}", data_uris=(DATA,))
MEMBERS = frozenset({DEV, TEST, PROD})
ACCOUNTS = MEMBERS | {GOVERNANCE}
OPERATOR = f"arn:aws:iam::{PROD}:role/ModelOperator"
DEV_BUCKET = Bucket(name="model-artifacts-*", account=DEV)
OPENS: Mapping[PackageStatus, tuple[str, ...]] = {APPROVED: ("prod",)}
STAGES = (
    Stage(name="dev", accounts=(DEV,), roles=("ModelDeveloper",)),
    Stage(name="test", accounts=(TEST,), roles=("ModelTester",)),
    Stage(name="prod", accounts=(PROD,), roles=("ModelOperator",)),
)


def the_package_subject(arn: str = PACKAGE_ARN) -> Subject:
    """The subject of every package plan here."""
    return subject_of(arn)


def a_package(
    status: PackageStatus = APPROVED,
    *containers: Container,
    risk: RiskRating = RiskRating.HIGH,
    modified: float | None = 0.4,
    created: datetime = CREATED,
    complete: bool = True,
    lifecycle: tuple[str, str] | None = None,
    kms_key: str | None = None,
    by: Actor | None = AUTHOR,
) -> Package:
    """A package that was last modified by somebody so many seconds after noon, or never since it was created."""
    made_of = containers or (CONTAINER,)
    return Package(
        arn=PACKAGE_ARN,
        group="churn",
        version=3,
        account=GOVERNANCE,
        status=status,
        is_complete=complete,
        containers=made_of,
        content_hash=content_hash(made_of),
        risk=risk,
        created=created,
        last_modified=created if modified is None else at(modified),
        overview="Predicts churn.",
        lifecycle_stage=lifecycle[0] if lifecycle else None,
        lifecycle_status=lifecycle[1] if lifecycle else None,
        kms_key=kms_key,
        last_actor=by,
    )


CONTENT = a_package().content_hash
OBJECT = Stored(key=DATA.key, version_id="v1", etag='"abc"', size=7, written=at(-3600))
ARTIFACTS = Artifacts(data=(Data(uri=DATA, objects=(OBJECT,)),))


def listed(*objects: Stored, **more: Any) -> dict[str, Any]:
    """S3's answer to ListObjectVersions: the latest version of each."""
    versions = [
        {
            "Key": found.key,
            "VersionId": found.version_id,
            "ETag": found.etag,
            "Size": found.size,
            "IsLatest": True,
            "LastModified": found.written,
        }
        for found in objects
    ]
    return {"Versions": versions, "IsTruncated": False, **more}


def encrypted(algorithm: str = "AES256", key: str | None = None) -> dict[str, Any]:
    """S3's answer to GetBucketEncryption."""
    default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key} if key else {})}
    return {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}}


def package_rules(
    *,
    opens: Mapping[PackageStatus, tuple[str, ...]] = OPENS,
    principals: PrincipalScope = PrincipalScope.ROLES,
    after_change: AfterChange = AfterChange.CLOSE,
    lifecycle: Iterable[LifecycleRule] = (),
    buckets: Iterable[Bucket] = (DEV_BUCKET,),
    stages: Iterable[Stage] = STAGES,
    paused: bool = False,
) -> Rules:
    """An approved package opens to prod's role; dev owns the data. Approvers are those of the cards."""
    return replace(
        some_rules(stages=stages, paused=paused),
        packages=PackageRules(
            status={s: PackageStatusRule(opens=opens.get(s, ()), ask_approvers=s is PENDING) for s in PackageStatus},
            principals=principals,
            after_change=after_change,
            lifecycle=tuple(lifecycle),
            card=CardLink.IGNORED,
        ),
        buckets=tuple(buckets),
    )


def let_in(*stages: str) -> Entitled:
    """Entitlements as the rules would give them."""
    return Entitled(entitlements=tuple(Entitlement(stage=stage, write=False) for stage in stages))


def wanted(rules: Rules, package: Package, *stages: str) -> tuple[DesiredGrant, ...]:
    """What these stages are to have."""
    return desired_grants(rules, the_package_subject(), package, let_in(*stages).entitlements, ACCOUNTS)[0]


def the_plan(
    rules: Rules,
    *stages: str,
    package: Package | None = None,
    view: View | None = None,
    seen: Mapping[str, TargetDiff] | None = None,
    gone: bool = False,
    seconds: float = 60,
) -> Plan:
    """The plan that lets these stages in."""
    found = None if gone else package or a_package()
    entitled = let_in(*stages)
    desired, findings = (
        desired_grants(rules, the_package_subject(), found, entitled.entitlements, ACCOUNTS) if found else ((), ())
    )
    observed = Observed(package=found, entitled=entitled, desired=desired, findings=findings, seen=seen)
    return package_plan(a_basis(rules, view, subject=the_package_subject(), seconds=seconds), observed)


def a_message(rules: Rules, plan: Plan, package: Package | None) -> Message:
    """What people are told of a package's plan; None for a package that is gone."""
    question = a_question(rules, plan, package) if plan.decision.asks else None
    said = wording(rules, plan.decision, package, question=question)
    return message_of(Planned(plan=plan, wording=said), SUBJECTS["model-package"].can)


def a_question(
    rules: Rules, plan: Plan, package: Package | None, *records: AuditRecord, **observed: Any
) -> Question | None:
    """What the approvers are asked about a package a minute after noon."""
    if package and not plan.asked:
        asked = Asked(version=package.version, content_hash=package.content_hash, risk=package.risk)
        plan = replace(plan, asked=asked)
    basis = a_basis(rules, plan.before, subject=the_package_subject())
    seen = Observed(package=package, entitled=Entitled(), **observed)
    return question_of(basis, seen, plan, records)
