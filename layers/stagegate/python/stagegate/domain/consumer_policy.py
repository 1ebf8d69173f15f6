"""The other half of access: what the roles of a stage need in their own account. RAM alone lets nobody in, and neither
does another account's policy.
"""

from typing import Any

from .card_keys import CONTEXT
from .group_grants import CREATE_VERSION
from .key_uses import WRITE as SEAL
from .package_grants import DESCRIBE_GROUP
from .rules import Rules

READ = ("sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions")
WRITE = ("sagemaker:UpdateModelCard",)
EXPORT = ("sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob")


def consumer_policy(
    rules: Rules, stage: str, *, partition: str, region: str, governance_account: str
) -> dict[str, Any]:
    """Return the IAM policy that a stage's roles need for our cards, sealed ones included, and for registering.

    It names each card's bare ARN and everything under it, as export jobs are children of the card's ARN ("Set up
    cross-account sharing of a model card", SageMaker developer guide; its own sample gives one card only the one
    form and another only the other). It allows writing only where some status lets the stage write. Keys are used
    through SageMaker and for cards alone: a grant on a key can't ask for the first, this policy can. Where other
    roles than the stage's register, it is these that need the last statement.
    """
    writes = any(
        access.write and access.stage == stage for rule in rules.cards.status.values() for access in rule.opens
    )
    home = f"arn:{partition}:sagemaker:{region}:{governance_account}"
    statements = [_cards(rules, home, writes=writes), _keys(partition, region, home, writes=writes)]
    if groups := sorted({group for r in rules.registrations if r.stage == stage for group in r.groups}):
        statements.append(_registering(groups, home))
    return {"Version": "2012-10-17", "Statement": statements}


def _cards(rules: Rules, home: str, *, writes: bool) -> dict[str, Any]:
    actions = [*READ, *(WRITE if writes else ()), *(EXPORT if rules.cards.export else ())]
    cards = f"{home}:model-card/*"
    return {
        "Sid": "StagegateModelCards",
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": [cards, f"{cards}/*"],
    }


def _keys(partition: str, region: str, home: str, *, writes: bool) -> dict[str, Any]:
    return {
        "Sid": "StagegateModelCardKeys",
        "Effect": "Allow",
        "Action": [f"kms:{operation}" for operation in ("Decrypt", *(SEAL if writes else ()))],
        "Resource": f"arn:{partition}:kms:{region}:*:key/*",
        "Condition": {
            "StringLike": {
                "kms:ViaService": f"sagemaker.{region}.amazonaws.com",
                f"kms:EncryptionContext:{CONTEXT}": f"{home}:model-card/*",
            }
        },
    }


def _registering(groups: list[str], home: str) -> dict[str, Any]:
    return {
        "Sid": "StagegateRegistering",
        "Effect": "Allow",
        "Action": [CREATE_VERSION, DESCRIBE_GROUP],
        "Resource": [
            f"{home}:{kind}/{named}"
            for group in groups
            for kind, named in (("model-package-group", group), ("model-package", f"{group}/*"))
        ],
    }
