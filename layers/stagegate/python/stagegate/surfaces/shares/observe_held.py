"""All shares of ours, with what is in them and who: what is left of them once nothing is shared."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from stagegate.aws.errors import translated
from stagegate.surfaces.shares.changes import LIVE, HeldShare
from stagegate.surfaces.shares.observe import RESOURCE_TYPE_TAG, STAGE_TAG, principals_of

if TYPE_CHECKING:
    from mypy_boto3_ram import RAMClient

PERMISSIONS = frozenset({"ram:GetResourceShareAssociations", "ram:GetResourceShares"})

_KINDS = ("hub", "model-card")


def held(ram: "RAMClient", prefix: str) -> tuple[HeldShare, ...]:
    """Return the shares that carry our tags and a name of this stack's: another stack's carry the same tags."""
    found: dict[str, str] = {}
    with translated("read our shares"):
        for page in ram.get_paginator("get_resource_shares").paginate(
            resourceOwner="SELF",
            resourceShareStatus="ACTIVE",
            tagFilters=[{"tagKey": RESOURCE_TYPE_TAG, "tagValues": list(_KINDS)}],
        ):
            for share in page["resourceShares"]:
                tags = {tag["key"]: tag["value"] for tag in share.get("tags", [])}
                stage, kind = tags.get(STAGE_TAG, ""), tags.get(RESOURCE_TYPE_TAG, "")
                if share["name"].startswith(f"{prefix}-{stage}-{kind}s-"):
                    found[share["resourceShareArn"]] = stage
    full, principals = holding(ram, found), principals_of(ram, sorted(found))
    return tuple(
        HeldShare(arn=arn, stage=stage, holds=arn in full, accounts=frozenset(principals.get(arn, {})))
        for arn, stage in sorted(found.items())
    )


def holding(ram: "RAMClient", share_arns: Collection[str]) -> frozenset[str]:
    """Return those of the shares that something is in, or is about to be."""
    if not share_arns:
        return frozenset()
    with translated("read what is in our shares"):
        return frozenset(
            association["resourceShareArn"]
            for page in ram.get_paginator("get_resource_share_associations").paginate(
                associationType="RESOURCE", resourceShareArns=sorted(share_arns)
            )
            for association in page["resourceShareAssociations"]
            if association["status"] in LIVE
        )
