"""Requests of a consumer with nothing but its half of the access: the right ones, and some one thing off."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from stagegate.rules.hubs import HubAccess
from stagegate.targets.actions import PULL
from stagegate.targets.customer_keys import CARD_CONTEXT
from tests.support.builders import CARD_ARN, DEV, GOVERNANCE, PROD, TEST, some_rules
from tests.support.consumers import every_kind, text_of
from tests.support.evaluators import ALLOWED, LACKING, Question
from tests.support.generated import Case
from tests.support.own_policies import shared_card
from tests.support.packages import BUCKET, GROUP_ARN, KEY, OPERATOR, PACKAGE_ARN

UPDATE, DESCRIBE = "sagemaker:UpdateModelCard", "sagemaker:DescribeModelCard"
READS = "sagemaker:ListModelCardVersions"
HOME = f"arn:aws:sagemaker:us-east-1:{GOVERNANCE}"
BUCKET_ARN, CACHE = f"arn:aws:s3:::{BUCKET}", "arn:aws:s3:::jumpstart-cache-prod-us-east-1"
IMAGES = f"arn:aws:ecr:us-east-1:{DEV}:repository/team/serving"
MODEL = f"arn:aws:sagemaker:us-east-1:{PROD}:model/churn"
IMPORTED = f"arn:aws:bedrock:us-east-1:{PROD}:imported-model/abcdefghijkl"
CARD_KEY = KEY.replace(DEV, GOVERNANCE)
PENDING = {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}
OPEN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PROD}:root"}, "Action": "*", "Resource": "*"}
        ],
    }
)
"""The other half, wide open: so it is the consumer's own that decides."""


@dataclass(frozen=True, kw_only=True)
class Needed:
    """Actions on a resource with a context, and resources, contexts, owners and an action that are not allowed."""

    actions: Sequence[str]
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)
    near: Sequence[str] = ()
    other_contexts: Sequence[Mapping[str, str]] = ()
    other_owners: Sequence[str] = ()
    other_actions: Sequence[str] = ()
    owner: str = ""

    @property
    def account(self) -> str:
        return self.owner or self.resource.split(":")[4]


def consumer_cases() -> Iterator[tuple[str, Case]]:
    """Cards as each stage has them, and every kind of thing that a stage may have."""
    yield from _on_cards()
    text = text_of(every_kind())
    for needed in NEEDED:
        yield from (("consumer policy of every kind", case) for case in _asked_for(needed, text))


def _on_cards() -> Iterator[tuple[str, Case]]:
    """It reads everywhere, and writes where a status lets its stage write."""
    for stage in ("dev", "prod"):
        policy = text_of(some_rules(), stage)
        writes = ALLOWED if UPDATE in policy else LACKING
        for how, action, card, expected in (
            ("reads", DESCRIBE, CARD_ARN, ALLOWED),
            ("lists its versions", READS, CARD_ARN, ALLOWED),
            ("writes", UPDATE, CARD_ARN, writes),
            ("deletes", "sagemaker:DeleteModelCard", CARD_ARN, LACKING),
            ("reads a card of somebody else", DESCRIBE, CARD_ARN.replace(GOVERNANCE, DEV), LACKING),
            ("reads in another Region", DESCRIBE, CARD_ARN.replace("us-east-1", "eu-west-1"), LACKING),
        ):
            requested = Question(
                role=OPERATOR,
                action=action,
                resource=card,
                account=card.split(":")[4],
                identity=policy,
                resource_policy=shared_card(card),
            )
            yield f"consumer policy of {stage}", (how, requested, expected)


def _asked_for(needed: Needed, text: str) -> Iterator[Case]:
    for action in needed.actions:
        requested = Question(
            role=OPERATOR,
            action=action,
            resource=needed.resource,
            account=needed.account,
            context=needed.context,
            identity=text,
            resource_policy=None if needed.account == PROD else OPEN,
        )
        yield "right", requested, ALLOWED
        for resource in needed.near:
            owner = needed.owner or resource.split(":")[4]
            yield f"not {resource}", replace(requested, resource=resource, account=owner), LACKING
        for context in needed.other_contexts:
            yield f"with {context or 'no context'}", replace(requested, context=context), LACKING
        for owner in needed.other_owners:
            yield f"of {owner}", replace(requested, account=owner), LACKING
    for action in needed.other_actions:
        yield f"not {action}", replace(requested, action=action), LACKING


def _elsewhere(arn: str) -> tuple[str, ...]:
    """The same in another account, and in another Region."""
    account = arn.split(":")[4]
    return arn.replace(account, TEST), arn.replace("us-east-1", "eu-west-1")


def _through(service: str, region: str = "us-east-1") -> dict[str, str]:
    return {"kms:ViaService": f"{service}.{region}.amazonaws.com"}


def _hub(access: HubAccess) -> Iterator[Needed]:
    """A hub and what is in it. One that the stage only reads, it doesn't deploy from."""
    name = {HubAccess.READ: "seen", HubAccess.USE: "used"}[access]
    hub, content = f"{HOME}:hub/{name}", f"{HOME}:hub-content/{name}/ModelReference/llama"
    near = (f"{hub}-2", hub[:-1], *_elsewhere(hub))
    yield Needed(
        actions=["sagemaker:DescribeHub", "sagemaker:ListHubContents"],
        resource=hub,
        near=near,
        other_actions=["sagemaker:DeleteHub", *([] if access is HubAccess.USE else ["sagemaker:DeployHubModel"])],
    )
    yield Needed(
        actions=["sagemaker:DescribeHubContent", *(["sagemaker:DeployHubModel"] if access is HubAccess.USE else [])],
        resource=content,
        near=(content.replace(f"/{name}/", f"/{name}-2/"), *_elsewhere(content)),
        other_actions=["sagemaker:DeleteHubContentReference"],
    )


_CARD_KEY_CONTEXT = {**_through("sagemaker"), f"kms:EncryptionContext:{CARD_CONTEXT}": CARD_ARN}

NEEDED = (
    Needed(
        actions=["kms:Decrypt"],
        resource=CARD_KEY.replace(GOVERNANCE, TEST),
        context=_CARD_KEY_CONTEXT,
        other_contexts=[
            _through("sagemaker"),
            {**_CARD_KEY_CONTEXT, **_through("s3")},
            {**_CARD_KEY_CONTEXT, f"kms:EncryptionContext:{CARD_CONTEXT}": CARD_ARN.replace(GOVERNANCE, TEST)},
        ],
        other_actions=["kms:GenerateDataKey"],
    ),
    Needed(
        actions=["sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"],
        resource=GROUP_ARN,
        near=_elsewhere(GROUP_ARN),
        other_actions=["sagemaker:PutModelPackageGroupPolicy", "sagemaker:DeleteModelPackageGroup"],
    ),
    Needed(
        actions=["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"],
        resource=PACKAGE_ARN,
        near=_elsewhere(PACKAGE_ARN),
        other_actions=["sagemaker:UpdateModelPackage"],
    ),
    Needed(
        actions=["s3:GetObject"],
        resource=f"{BUCKET_ARN}/churn/3/model.tar.gz",
        owner=DEV,
        near=[f"arn:aws:s3:::x{BUCKET}/churn/3/model.tar.gz", f"{BUCKET_ARN[:-1]}/churn/3/model.tar.gz"],
        other_owners=[TEST, PROD],
        other_actions=["s3:PutObject", "s3:GetObjectVersion"],
    ),
    Needed(
        actions=["s3:ListBucket", "s3:GetBucketLocation"],
        resource=BUCKET_ARN,
        owner=DEV,
        near=[f"arn:aws:s3:::x{BUCKET}", BUCKET_ARN[:-1]],
        other_owners=[TEST, PROD],
        other_actions=["s3:PutBucketPolicy", "s3:ListBucketVersions"],
    ),
    Needed(
        actions=["kms:Decrypt"],
        resource=KEY,
        context=_through("s3"),
        near=[f"{KEY[:-1]}9", *_elsewhere(KEY)],
        other_contexts=[{}, _through("s3", "eu-west-1"), _through("ec2")],
        other_actions=["kms:GenerateDataKey"],
    ),
    Needed(
        actions=["kms:DescribeKey"],
        resource=KEY,
        near=[f"{KEY[:-1]}9", *_elsewhere(KEY)],
        other_actions=["kms:CreateGrant", "kms:Decrypt"],
    ),
    Needed(
        actions=["kms:Decrypt"],
        resource=CARD_KEY,
        context=_through("sagemaker"),
        near=_elsewhere(CARD_KEY),
        other_contexts=[{}, _through("s3"), _through("sagemaker", "eu-west-1")],
        other_actions=["kms:GenerateDataKey"],
    ),
    Needed(actions=PULL, resource=IMAGES, near=_elsewhere(IMAGES), other_actions=["ecr:PutImage"]),
    Needed(actions=["ecr:GetAuthorizationToken"], resource="*", owner=PROD, other_actions=["ecr:CreateRepository"]),
    Needed(
        actions=["sagemaker:CreateModel"],
        resource=MODEL,
        near=_elsewhere(MODEL),
        other_actions=["sagemaker:DeleteModel"],
    ),
    Needed(
        actions=["iam:PassRole"],
        resource=OPERATOR,
        context={"iam:PassedToService": "sagemaker.amazonaws.com"},
        near=[f"{OPERATOR}2", OPERATOR[:-1], f"arn:aws:iam::{PROD}:role/Administrator"],
        other_contexts=[{}, {"iam:PassedToService": "lambda.amazonaws.com"}],
    ),
    Needed(
        actions=["sagemaker:DescribeModelPackageGroup"],
        resource=f"{HOME}:model-package-group/churn-eu",
        near=_elsewhere(f"{HOME}:model-package-group/churn-eu"),
    ),
    Needed(
        actions=["sagemaker:CreateModelPackage"],
        resource=f"{HOME}:model-package/churn-eu/1",
        context=PENDING,
        near=[f"{HOME}:model-package/churn/1", *_elsewhere(f"{HOME}:model-package/churn-eu/1")],
        other_contexts=[{}, {"sagemaker:ModelApprovalStatus": "Approved"}],
        other_actions=["sagemaker:UpdateModelPackage"],
    ),
    *_hub(HubAccess.READ),
    *_hub(HubAccess.USE),
    Needed(
        actions=["s3:GetObject", "s3:GetObjectTagging"],
        resource=f"{CACHE}/model.tar.gz",
        owner="aws",
        near=[f"{CACHE}-2/model.tar.gz", f"{CACHE.replace('cache', 'private-cache')}/model.tar.gz"],
        other_actions=["s3:PutObject"],
    ),
    Needed(actions=["s3:ListBucket"], resource=CACHE, owner="aws", near=[f"{CACHE}-2"]),
    Needed(
        actions=["bedrock:InvokeModel"],
        resource=IMPORTED,
        context={"aws:ResourceTag/stagegate:package": f"{HOME}:model-package/mistral-7b/1"},
        near=_elsewhere(IMPORTED),
        other_contexts=[{}, {"aws:ResourceTag/stagegate:package": f"{HOME}:model-package/llama/1"}],
        other_actions=["bedrock:DeleteImportedModel", "bedrock:GetImportedModel"],
    ),
)
