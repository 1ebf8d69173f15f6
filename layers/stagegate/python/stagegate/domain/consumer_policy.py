"""The other half of access: what the roles of a stage need in their own account. RAM alone lets nobody in."""

from typing import Any

from .hub_rules import HubAccess
from .rules import Rules

READ = ("sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions")
WRITE = ("sagemaker:UpdateModelCard",)
HUB_READ = (
    "sagemaker:DescribeHub",
    "sagemaker:DescribeHubContent",
    "sagemaker:ListHubContents",
    "sagemaker:ListHubContentVersions",
)
HUB_USE = ("sagemaker:DeployHubModel",)
EXPORT = ("sagemaker:CreateModelCardExportJob", "sagemaker:DescribeModelCardExportJob")


def consumer_policy(
    rules: Rules, stage: str, *, partition: str, region: str, governance_account: str
) -> dict[str, Any]:
    """Return the IAM policy that a stage's roles need for our cards, and for the hubs that are shared with it.

    It names each card's bare ARN and everything under it, as export jobs are children of the card's ARN ("Set up
    cross-account sharing of a model card", SageMaker developer guide; its own sample gives one card only the one
    form and another only the other). It allows writing only where some status lets the stage write.
    """
    writes = any(
        access.write and access.stage == stage for rule in rules.cards.status.values() for access in rule.opens
    )
    actions = [*READ, *(WRITE if writes else ()), *(EXPORT if rules.cards.export else ())]
    cards = f"arn:{partition}:sagemaker:{region}:{governance_account}:model-card/*"
    of_cards = {
        "Sid": "StagegateModelCards",
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": [cards, f"{cards}/*"],
    }
    owner = f"arn:{partition}:sagemaker:{region}:{governance_account}"
    return {"Version": "2012-10-17", "Statement": [of_cards, *_of_hubs(rules, stage, owner)]}


def _of_hubs(rules: Rules, stage: str, owner: str) -> list[dict[str, Any]]:
    """Return a statement for what the stage may do with the hubs that it may read, and one for those it may use."""
    shared = [(hub.name, share.access) for hub in rules.hubs for share in hub.shares if share.stage == stage]
    statements = []
    for sid, access, actions in (("Read", HubAccess.READ, HUB_READ), ("Use", HubAccess.USE, HUB_READ + HUB_USE)):
        names = sorted(name for name, given in shared if given is access)
        resources = [arn for name in names for arn in (f"{owner}:hub/{name}", f"{owner}:hub-content/{name}/*")]
        if resources:
            statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": resources}
            statements.append({"Sid": f"Stagegate{sid}Hubs", **statement})
    return statements
