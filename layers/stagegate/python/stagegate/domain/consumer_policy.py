"""The other half of access: what the roles of a stage need in their own account. RAM alone lets nobody in."""

from typing import Any

from .card_keys import CONTEXT
from .key_uses import WRITE as SEAL
from .rules import Rules

READ = ("sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions")
WRITE = ("sagemaker:UpdateModelCard",)
EXPORT = ("sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob")


def consumer_policy(
    rules: Rules, stage: str, *, partition: str, region: str, governance_account: str
) -> dict[str, Any]:
    """Return the IAM policy that a stage's roles need for our cards, those under customer keys included.

    It names each card's bare ARN and everything under it, as export jobs are children of the card's ARN ("Set up
    cross-account sharing of a model card", SageMaker developer guide; its own sample gives one card only the one
    form and another only the other). It allows writing only where some status lets the stage write. Keys are used
    through SageMaker and for cards alone: a grant on a key can't ask for the first, this policy can.
    """
    writes = any(
        access.write and access.stage == stage for rule in rules.cards.status.values() for access in rule.opens
    )
    actions = [*READ, *(WRITE if writes else ()), *(EXPORT if rules.cards.export else ())]
    operations = ["Decrypt", *(SEAL if writes else ())]
    cards = f"arn:{partition}:sagemaker:{region}:{governance_account}:model-card/*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "StagegateModelCards",
                "Effect": "Allow",
                "Action": sorted(actions),
                "Resource": [cards, f"{cards}/*"],
            },
            {
                "Sid": "StagegateModelCardKeys",
                "Effect": "Allow",
                "Action": [f"kms:{operation}" for operation in operations],
                "Resource": f"arn:{partition}:kms:{region}:*:key/*",
                "Condition": {
                    "StringLike": {
                        "kms:ViaService": f"sagemaker.{region}.amazonaws.com",
                        f"kms:EncryptionContext:{CONTEXT}": cards,
                    }
                },
            },
        ],
    }
