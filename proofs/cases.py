"""Every kind of document that Stagegate generates, beside what it should give: by rules, models, foreign statements.

The documents come from the product's own code. What they should give comes from `proofs.expected`, which has none of
it.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from proofs.expected import consumers, fences, guardrails, imports, packages, registering
from proofs.expected.facts import HOME, REGION, Data, Model, Settings
from stagegate.approvals.entitlement import Entitlement
from stagegate.consumers.policy import consumer_policy
from stagegate.core.addresses import S3Uri
from stagegate.core.arns import subject_of
from stagegate.core.statuses import PackageStatus, RiskRating
from stagegate.iam.encoding import encoded
from stagegate.iam.key_grants import KeyUse
from stagegate.iam.merge import merge_shortest
from stagegate.iam.render import render
from stagegate.iam.statements import Statement
from stagegate.rules.decode import decode
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.covers import Cover
from stagegate.subjects.groups import grants as of_groups
from stagegate.subjects.guardrails.denials.documents import document_of as guardrail_document
from stagegate.subjects.packages.grants import desired_grants
from stagegate.subjects.packages.imports.grants import import_desired_grants
from stagegate.subjects.packages.model import Container, Package, content_hash
from stagegate.surfaces.fences.model import Fence, document_of
from stagegate.targets.changes import DesiredGrant
from stagegate.targets.compare import LIMITS
from stagegate.targets.target import TargetType

ROOT = Path(__file__).parent.parent
DEV, PROD, HOST = "222233334444", "444455556666", "555566667777"
BUCKET, KEY = "model-artifacts-churn", f"arn:aws:kms:us-east-1:{DEV}:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
MODEL_KEY = f"arn:aws:kms:us-east-1:{PROD}:key/1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809"
SERVING, TRAINING = (f"{DEV}.dkr.ecr.us-east-1.amazonaws.com/{name}" for name in ("team/serving", "training/churn"))
CARD = f"arn:aws:sagemaker:{REGION}:{HOME}:model-card/churn"
_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_OF_CHURN = 'listing = "exact"\naudience = "churn"\n'
_BASE = (ROOT / "tools" / "rules_reference" / "every_key.toml").read_text().replace(_OF_CHURN, 'listing = "exact"\n')
"""The file with every key, with a bucket that is for everybody: whom one is for says no document."""

FOREIGN: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "Analysts",
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:aws:iam::{PROD}:role/Analyst", "888800001111"]},
            "Action": ["s3:Get*"],
            "Resource": f"arn:aws:s3:::{BUCKET}/churn/reports/*",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-stagegate01"}},
        },
        {
            "Sid": "NotFromOutside",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "NotAction": ["s3:GetBucketLocation"],
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
            "Condition": {
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-stagegate01"},
                "ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{HOME}:role/*"},
            },
        },
    ],
}
"""What others have written on the bucket."""


@dataclass(frozen=True, slots=True)
class Case:
    """A document, and the file of grants that it should be. `kind`: `resource`, `identity` or `trust`."""

    name: str
    document: str
    wanted: dict[str, Any]
    kind: str = "resource"


def settings_of(*changes: tuple[str, str]) -> Settings:
    """Return the rules that have every key, with these texts replaced."""
    text = _BASE
    for before, after in changes:
        if before not in text:
            raise KeyError(before)
        text = text.replace(before, after)
    return tomllib.loads(text)


ACCOUNTS = ('principals = "roles"', 'principals = "account"')
FOLDERS = ('scope = "exact"', 'scope = "group"')
NO_READERS = ('readers = ["RegistryReader"]\n', "")
NO_LIFECYCLE = (
    '[[packages.lifecycle]]\nstage = "prod"\nlifecycle_stage = "Staging"\nlifecycle_status = "Approved"\n',
    "",
)
SEVERAL = ('roles = ["ModelOperator"]\n', 'roles = ["ModelOperator", "team/Serve"]\n')
LISTED = ('listing = "exact"', 'listing = "group"')
UNLIKE = ('roles = ["ModelOperator"]\n', f'roles = ["ModelOperator", "arn:aws:iam::{PROD}:role/team/Serve"]\n')
VARIANTS: dict[str, Settings] = {
    "by role": settings_of(),
    "by several roles": settings_of(SEVERAL),
    "by roles of which an account has others": settings_of(UNLIKE),
    "by account": settings_of(ACCOUNTS),
    "listed by folder": settings_of(LISTED, NO_READERS, NO_LIFECYCLE),
    "by folder": settings_of(FOLDERS, NO_READERS),
    "by folder and account": settings_of(FOLDERS, ACCOUNTS, NO_LIFECYCLE),
}

ONE = Model("churn", 3, ("prod",), (Data(BUCKET, "churn/3/model.tar.gz"),), f"{SERVING}:1.4")
BELOW = Model("churn", 4, ("prod",), (Data(BUCKET, "churn/4/", below=True),), f"{SERVING}:1.5")
LOOSE = Model("churn", 5, ("prod",), (Data(BUCKET, "churn/5", below=True),), f"{SERVING}:1.6")
ODD = Model("fraud", 1, ("prod",), (Data(BUCKET, "fraud/a*b?${c}.tar"), Data(BUCKET, "fraud/a")), f"{SERVING}:1")
MANY = tuple(
    Model("churn", version, ("prod",), (Data(BUCKET, f"churn/{version}/model.tar.gz"),), f"{SERVING}:{version}")
    for version in range(10, 22)
)
MODELS: dict[str, tuple[Model, ...]] = {
    "an object": (ONE,),
    "a folder": (BELOW,),
    "a folder without its slash": (LOOSE,),
    "odd keys": (ODD,),
    "several": (ONE, BELOW, LOOSE, ODD),
    "many": MANY,
}
WEIGHTS = Model("mistral-7b", 2, ("prod",), (Data(BUCKET, "mistral/2/", below=True),))

GUARDRAILS: tuple[dict[str, Any], ...] = (
    {"public_hub": "deny"},
    {"bedrock": {"deny": ["*"]}},
    {"bedrock": {"deny": ["anthropic.claude-*", "amazon.titan-text-express-v1:0"]}},
    {"bedrock": {"allow": ["amazon.titan-*", "anthropic.claude-haiku-4-5-20251001-v1:0", "custom-model/*"]}},
    {"bedrock": {"allow": ["imported-model/*"]}},
    {"jumpstart": {"deny": ["*"]}},
    {"jumpstart": {"deny": ["huggingface-llm-*"]}},
    {"jumpstart": {"allow": ["huggingface-llm-*", "meta-*"]}},
    {"public_hub": "deny", "bedrock": {"allow": ["amazon.titan-*"]}, "jumpstart": {"deny": ["*"]}},
)


def cases() -> Iterator[Case]:
    """Yield every document with what it should be."""
    yield from _of_packages()
    yield from _of_groups()
    yield from _of_imports()
    yield from _of_fences()
    yield from _of_guardrails()
    yield from _of_consumers()


def rules_of(settings: Settings) -> Rules:
    """Return the rules as the product reads them."""
    rules, problems = decode(dict(settings))
    if rules is None or problems:
        raise ValueError(str(problems))
    return rules


def _of_packages() -> Iterator[Case]:
    for variant, settings in VARIANTS.items():
        for kind, models in MODELS.items():
            desired = [grant for model in models for grant in _desired(settings, model)]
            on_bucket = packages.on_bucket(settings, models, BUCKET)
            document = _rendered(desired, TargetType.BUCKET_POLICY, None)
            yield Case(f"bucket, {kind}, {variant}", document, {"grants": on_bucket})
            beside = _rendered(desired, TargetType.BUCKET_POLICY, json.dumps(FOREIGN))
            yield Case(f"bucket, {kind}, {variant}, beside others'", beside, {"grants": on_bucket, "beside": FOREIGN})
        everything = MODELS["several"]
        desired = [grant for model in everything for grant in _desired(settings, model)]
        on_bucket = packages.on_bucket(settings, everything, BUCKET)
        yield Case(f"bucket, as short as it can be, {variant}", _shortest(desired), {"grants": on_bucket})
        several = MODELS["several"][:3]
        desired = [grant for model in several for grant in _desired(settings, model)]
        document = _rendered(desired, TargetType.GROUP_POLICY, None)
        yield Case(f"group, {variant}", document, {"grants": packages.on_group(settings, several, HOME)})
        document = _rendered(desired, TargetType.REPOSITORY_POLICY, None)
        yield Case(f"repository, {variant}", document, {"grants": packages.on_repository(settings, several, SERVING)})
        yield Case(f"key, {variant}", _key_document(desired, KEY), {"grants": packages.on_key(settings, several, KEY)})


def _of_groups() -> Iterator[Case]:
    for variant, settings in VARIANTS.items():
        rules = rules_of(settings)
        for group in ("churn-eu", "churn-EU"):
            subject = subject_of(f"arn:aws:sagemaker:{REGION}:{HOME}:model-package-group/{group}")
            desired, findings = of_groups.desired_grants(rules, subject, {HOME, DEV, PROD, HOST})
            _expect_none(findings)
            for type_, wanted in (
                (TargetType.GROUP_POLICY, registering.on_group(settings, group)),
                (TargetType.BUCKET_POLICY, registering.on_bucket(settings, group, BUCKET)),
                (TargetType.REPOSITORY_POLICY, registering.on_repository(settings, group, TRAINING)),
            ):
                document = _rendered(desired, type_, None)
                yield Case(f"{type_.value} for registering in {group}, {variant}", document, {"grants": wanted})
            wanted = registering.on_key(settings, group, KEY)
            yield Case(f"key for registering in {group}, {variant}", _key_document(desired, KEY), {"grants": wanted})
        # Both kinds of access in one document: a version that is open, of a group in which others register.
        model = Model("churn-eu", 1, ("prod",), (Data(BUCKET, "churn/training/x"),))
        subject = subject_of(f"arn:aws:sagemaker:{REGION}:{HOME}:model-package-group/churn-eu")
        both = [*_desired(settings, model), *of_groups.desired_grants(rules, subject, {HOME, DEV, PROD, HOST})[0]]
        on_group = [*packages.on_group(settings, [model], HOME), *registering.on_group(settings, "churn-eu")]
        on_bucket = [
            *packages.on_bucket(settings, [model], BUCKET),
            *registering.on_bucket(settings, "churn-eu", BUCKET),
        ]
        yield Case(f"group, both, {variant}", _rendered(both, TargetType.GROUP_POLICY, None), {"grants": on_group})
        yield Case(f"bucket, both, {variant}", _rendered(both, TargetType.BUCKET_POLICY, None), {"grants": on_bucket})


def _of_imports() -> Iterator[Case]:
    settings = settings_of()
    rules = rules_of(settings)
    entitled = [Entitlement(stage="prod", write=False)]
    desired, findings = import_desired_grants(rules, subject_of(WEIGHTS.arn), _package(WEIGHTS), entitled, "stagegate")
    _expect_none(findings)
    wanted = [grant for host in (PROD, HOST) for grant in imports.on_bucket(WEIGHTS, host)]
    yield Case("bucket for imports", _rendered(desired, TargetType.BUCKET_POLICY, None), {"grants": wanted})
    for role in (grant.role for grant in desired if grant.role):
        key = MODEL_KEY if role.account == PROD else None
        permissions = {"grants": imports.permissions(settings, WEIGHTS, key)}
        yield Case(f"execution role of {role.account}", role.permissions(), permissions, "identity")
        yield Case(f"trust of {role.account}", role.trust(), {"grants": imports.trust(role.account)}, "trust")


def _of_fences() -> Iterator[Case]:
    for kind in FenceKind:
        for covers in Cover:
            for excepted in ((), (CARD,), (CARD, f"{CARD}-2")):
                fence = Fence(account=PROD, kind=kind, covers=covers)
                document = document_of(fence, excepted, partition="aws", governance_account=HOME)
                wanted = fences.fence(PROD, excepted, is_boundary=kind is FenceKind.BOUNDARY, covers=covers.value)
                yield Case(
                    f"fence, {kind.value}, {covers.value}, {len(excepted)} excepted", document, wanted, "identity"
                )


def _of_guardrails() -> Iterator[Case]:
    hub = [f"arn:aws:iam::{HOME}:role/stagegate-{name}" for name in ("apply-hub", "plan")]
    for by, where in (("boundary", {"roles": [f"arn:aws:iam::{DEV}:role/Canvas"]}), ("scp", {"accounts": [DEV]})):
        for n, rule in enumerate(GUARDRAILS, 1):
            said = {"name": f"g{n}", "by": by, **where, **rule}
            (guardrail,) = rules_of({**settings_of(), "guardrails": [said]}).guardrails
            for exempt in ((), hub) if by == "scp" else ((),):
                document = guardrail_document(guardrail, "aws", exempt)
                wanted = guardrails.guardrail(said, exempt)
                yield Case(f"guardrail {n}, {by}{', but hubs' if exempt else ''}", document, wanted, "identity")


def _of_consumers() -> Iterator[Case]:
    shipped = tomllib.loads((ROOT / "layers" / "settings" / "governance.toml").read_text())
    for variant, settings in {**VARIANTS, "shipped": shipped}.items():
        for stage in [each["name"] for each in settings["stages"]]:
            policy = consumer_policy(rules_of(settings), stage, partition="aws", region=REGION, governance_account=HOME)
            wanted = {"grants": consumers.consumer(settings, stage)}
            yield Case(f"consumer policy of {stage}, {variant}", json.dumps(policy), wanted, "identity")


def _package(model: Model) -> Package:
    uris = tuple(S3Uri(bucket=data.bucket, key=data.key, is_prefix=data.below) for data in model.data)
    digest = f"sha256:{'a' * 64}"
    container = Container(image_uri=model.image or f"{SERVING}:0", image_digest=digest, data_uris=uris)
    return Package(
        arn=model.arn,
        group=model.group,
        version=model.version,
        account=HOME,
        status=PackageStatus.APPROVED,
        is_complete=True,
        containers=(container,),
        content_hash=content_hash((container,)),
        risk=RiskRating.HIGH,
        created=_NOON,
        last_modified=_NOON,
    )


def _desired(settings: Settings, model: Model) -> tuple[DesiredGrant, ...]:
    entitled = [Entitlement(stage=stage, write=False) for stage in model.stages]
    accounts = {HOME, DEV, PROD, HOST}
    return desired_grants(rules_of(settings), subject_of(model.arn), _package(model), entitled, accounts)[0]


def _rendered(desired: Iterable[DesiredGrant], type_: TargetType, existing: str | None) -> str:
    wanted: list[Statement] = [s for grant in desired if grant.target.type is type_ for s in grant.statements]
    return render(existing, wanted, LIMITS[type_]).text


def _shortest(desired: Iterable[DesiredGrant]) -> str:
    """A bucket's document that is near its limit."""
    wanted = [s for grant in desired if grant.target.type is TargetType.BUCKET_POLICY for s in grant.statements]
    return json.dumps({"Version": "2012-10-17", "Statement": list(map(encoded, merge_shortest(wanted)))})


def _key_document(desired: Iterable[DesiredGrant], key: str) -> str:
    """A KMS grant as a policy would say it: its operations, for its grantee by itself, in its encryption context."""
    uses = sorted({use for grant in desired if grant.target.name == key for use in grant.uses})
    return json.dumps({"Version": "2012-10-17", "Statement": [_statement(use, key) for use in uses]})


def _statement(use: KeyUse, key: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": use.grantee},
        "Action": [f"kms:{operation}" for operation in use.operations],
        "Resource": key,
    }


def _expect_none(findings: object) -> None:
    if findings:
        raise ValueError(str(findings))
