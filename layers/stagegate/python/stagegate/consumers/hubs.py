"""Looking into private hubs, and deploying from them."""

from typing import Any

from stagegate.consumers.statements import Consumer, allow
from stagegate.rules.hubs import HubAccess, HubState
from stagegate.rules.model import Rules

READ = (
    "sagemaker:DescribeHub",
    "sagemaker:DescribeHubContent",
    "sagemaker:ListHubContents",
    "sagemaker:ListHubContentVersions",
)
USE = ("sagemaker:DeployHubModel",)
FETCH = ("s3:GetObject", "s3:GetObjectTagging", "s3:ListBucket")


def statements(rules: Rules, consumer: Consumer) -> list[dict[str, Any]]:
    """Return a statement for the hubs that the stage may read, one for those it may use, and what using them reads.

    A model of a reference lies in JumpStart's bucket: without these three, CreateModel "could not access model data"
    ("Troubleshooting" of private hubs, SageMaker developer guide). Whose account that is, AWS doesn't publish.
    """
    read, used = (_hubs(rules, consumer, access) for access in (HubAccess.READ, HubAccess.USE))
    found = [allow("ReadHubs", READ, read)] if read else []
    if used:
        public = f"arn:{consumer.partition}:s3:::jumpstart-cache-prod-{consumer.region}"
        found += [allow("UseHubs", READ + USE, used), allow("HubModels", FETCH, [public, f"{public}/*"])]
    return found


def uses(rules: Rules, consumer: Consumer) -> bool:
    """Tell whether the stage deploys from some hub."""
    return bool(_hubs(rules, consumer, HubAccess.USE))


def _hubs(rules: Rules, consumer: Consumer, access: HubAccess) -> list[str]:
    """Return the hubs that are shared so with the stage, and what is in them."""
    names = [
        hub.name
        for hub in rules.hubs
        if hub.state is HubState.PRESENT
        for share in hub.shares
        if share.stage == consumer.stage.name and share.access is access
    ]
    return [arn for name in names for arn in (f"{consumer.home}:hub/{name}", f"{consumer.home}:hub-content/{name}/*")]
