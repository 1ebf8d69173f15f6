"""Seeing model cards, writing them where some status lets the stage, and using their keys."""

from typing import Any

from stagegate.consumers.statements import Consumer, allow, via
from stagegate.iam.key_grants import WRITE as ENCRYPT_CARD
from stagegate.rules.model import Rules
from stagegate.targets.customer_keys import CARD_CONTEXT

READ = ("sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions")
WRITE = ("sagemaker:UpdateModelCard",)
EXPORT = ("sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob")


def statements(rules: Rules, consumer: Consumer) -> list[dict[str, Any]]:
    """Return what a stage needs that some status lets see cards; nothing for another.

    It names each card's bare ARN and everything under it, as export jobs are children of the card's ARN ("Set up
    cross-account sharing of a model card", SageMaker developer guide; its own sample gives one card only the one
    form and another only the other). Keys are used through SageMaker and for cards alone: a grant on a key can't ask
    for the first, this policy can. Whose keys they are isn't in the rules.
    """
    opened = [
        access for rule in rules.cards.status.values() for access in rule.opens if access.stage == consumer.stage.name
    ]
    if not opened:
        return []
    writes = any(access.write for access in opened)
    cards = f"{consumer.home}:model-card/*"
    actions = (*READ, *(WRITE if writes else ()), *(EXPORT if rules.cards.export else ()))
    through = {**via("sagemaker", consumer.region, consumer.partition), f"kms:EncryptionContext:{CARD_CONTEXT}": cards}
    return [
        allow("ModelCards", actions, [cards, f"{cards}/*"]),
        allow(
            "ModelCardKeys",
            [f"kms:{operation}" for operation in ("Decrypt", *(ENCRYPT_CARD if writes else ()))],
            [f"{consumer.of('kms', '*')}:key/*"],
            {"StringLike": through},
        ),
    ]
