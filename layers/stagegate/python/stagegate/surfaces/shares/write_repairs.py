"""Put back what somebody has changed of our shares: their tags, and what they give."""

import hashlib
from typing import TYPE_CHECKING

from stagegate.aws.errors import translated
from stagegate.core.errors import NotSettledError
from stagegate.surfaces.shares import observe
from stagegate.surfaces.shares.repairs import LimitShare

if TYPE_CHECKING:
    from mypy_boto3_ram import RAMClient

PERMISSIONS = frozenset({"ram:AssociateResourceSharePermission", "ram:ListResourceSharePermissions", "ram:TagResource"})


def put_marks(ram: "RAMClient", share_arn: str, tags: tuple[tuple[str, str], ...]) -> None:
    """Put these tags on a share. Doing it again changes nothing.

    Tagging goes by what the request's tags say, changing a share by the tags that it has (service authorization
    reference of RAM): so a share without any can be marked first, and changed then.
    """
    with translated(f"mark {share_arn}"):
        ram.tag_resource(resourceShareArn=share_arn, tags=[{"key": name, "value": value} for name, value in tags])


def limit_share(ram: "RAMClient", change: LimitShare, subject_arn: str, *, token: str) -> None:
    """Give a share its permission again, in the place of the one that it has. Doing it again changes nothing.

    Raises NotSettledError while RAM says another one.
    """
    partition = change.share_arn.split(":")[1]
    parts = "\0".join(("limit", change.share_arn, change.permission, token))
    with translated(f"limit {change.share_arn}"):
        ram.associate_resource_share_permission(
            resourceShareArn=change.share_arn,
            permissionArn=f"arn:{partition}:ram::aws:permission/{change.permission}",
            replace=True,
            clientToken=hashlib.sha256(parts.encode()).hexdigest()[:32],
        )
    found = observe.gives(ram, change.share_arn, subject_arn)
    if found != (change.permission,):
        raise NotSettledError(f"{change.share_arn}: RAM says that it gives {', '.join(found) or 'nothing'} still")
