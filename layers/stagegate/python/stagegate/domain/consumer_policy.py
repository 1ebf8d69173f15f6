"""The other half of access: what the roles of a stage need in their own account. RAM alone lets nobody in, and neither
does another account's policy.
"""

from typing import Any

from .group_grants import CREATE_VERSION
from .package_grants import DESCRIBE_GROUP
from .rules import Rules

READ = ("sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions")
WRITE = ("sagemaker:UpdateModelCard",)
EXPORT = ("sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob")


def consumer_policy(
    rules: Rules, stage: str, *, partition: str, region: str, governance_account: str
) -> dict[str, Any]:
    """Return the IAM policy that a stage's roles need for our cards, and for registering in our groups.

    It names each card's bare ARN and everything under it, as export jobs are children of the card's ARN ("Set up
    cross-account sharing of a model card", SageMaker developer guide; its own sample gives one card only the one
    form and another only the other). It allows writing only where some status lets the stage write. Where other
    roles than the stage's register, it is these that need the second statement.
    """
    writes = any(
        access.write and access.stage == stage for rule in rules.cards.status.values() for access in rule.opens
    )
    actions = [*READ, *(WRITE if writes else ()), *(EXPORT if rules.cards.export else ())]
    home = f"arn:{partition}:sagemaker:{region}:{governance_account}"
    cards = f"{home}:model-card/*"
    statements: list[dict[str, Any]] = [
        {
            "Sid": "StagegateModelCards",
            "Effect": "Allow",
            "Action": sorted(actions),
            "Resource": [cards, f"{cards}/*"],
        }
    ]
    if groups := sorted({group for r in rules.registrations if r.stage == stage for group in r.groups}):
        statements.append(
            {
                "Sid": "StagegateRegistering",
                "Effect": "Allow",
                "Action": [CREATE_VERSION, DESCRIBE_GROUP],
                "Resource": [
                    f"{home}:{kind}"
                    for group in groups
                    for kind in (f"model-package-group/{group}", f"model-package/{group}/*")
                ],
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}
