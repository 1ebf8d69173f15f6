"""Resource shares, as RAM has them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from stagegate.aws.errors import translated
from stagegate.core.arns import subject_of
from stagegate.surfaces.shares.changes import ObservedShares, Share

if TYPE_CHECKING:
    from mypy_boto3_ram import RAMClient
    from mypy_boto3_ram.type_defs import ResourceShareTypeDef

PERMISSIONS = frozenset({"ram:GetResourceShareAssociations", "ram:GetResourceShares"})
LOOKUP_PERMISSIONS = frozenset({"ram:ListPermissions"})

STAGE_TAG = "stagegate:stage"
PERMISSION_TAG = "stagegate:permission"
SHARD_TAG = "stagegate:shard"
RESOURCE_TYPE_TAG = "stagegate:resource-type"
"""Tags are how a share of ours is found again: names of shares are not unique. The surface's is the kind of subject
that is in it, `model-card` or `hub`."""

_ENDED = frozenset({"DISASSOCIATED", "FAILED"})


def associations(ram: "RAMClient", subject_arn: str) -> dict[str, str]:
    """Return the shares that hold a card, as share ARN to association status."""
    pages = ram.get_paginator("get_resource_share_associations")
    with translated(f"read the shares of {subject_arn}"):
        return {
            association["resourceShareArn"]: association["status"]
            for page in pages.paginate(associationType="RESOURCE", resourceArn=subject_arn)
            for association in page["resourceShareAssociations"]
            if association["status"] not in _ENDED
        }


def observe(
    ram: "RAMClient",
    subject_arn: str,
    known: Mapping[str, str] | None = None,
    stages: Collection[str] | None = None,
) -> ObservedShares:
    """Return a card's or a hub's associations (`known` where they were just read) and all of our shares for its kind.

    Of the shares of `stages` (None: of all) the accounts are read too, those of the others are None.
    Which permission a share was made with is read from its tag: no list of shares has it.
    """
    found: list[ResourceShareTypeDef] = []
    with translated("read our shares"):
        for page in ram.get_paginator("get_resource_shares").paginate(
            resourceOwner="SELF",
            resourceShareStatus="ACTIVE",
            tagFilters=[{"tagKey": RESOURCE_TYPE_TAG, "tagValues": [resource_type_of(subject_arn)]}],
        ):
            found.extend(page["resourceShares"])
    shares = [_share(share) for share in found]
    in_question = {share.arn for share in shares if stages is None or share.stage in stages}
    principals = principals_of(ram, sorted(in_question))
    return ObservedShares(
        associations=associations(ram, subject_arn) if known is None else known,
        shares=tuple(
            replace(share, principals=principals.get(share.arn, {}) if share.arn in in_question else None)
            for share in shares
        ),
    )


def resource_type_of(arn: str) -> str:
    """Return the value of the surface's tag on shares for what has this ARN."""
    return subject_of(arn).kind


def permissions(ram: "RAMClient", resource_type: str) -> frozenset[str]:
    """Return the names of the permissions that RAM has for a type of resource, as `sagemaker:Hub`."""
    names: set[str] = set()
    with translated(f"read RAM's permissions for {resource_type}"):
        page = ram.list_permissions(resourceType=resource_type)
        names |= {permission["name"] for permission in page["permissions"]}
        while token := page.get("nextToken"):
            page = ram.list_permissions(resourceType=resource_type, nextToken=token)
            names |= {permission["name"] for permission in page["permissions"]}
    return frozenset(names)


def principals_of(ram: "RAMClient", share_arns: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the accounts of shares: share ARN to account id to association status."""
    accounts: dict[str, dict[str, str]] = {}
    if not share_arns:
        return accounts
    pages = ram.get_paginator("get_resource_share_associations")
    with translated("read the accounts of our shares"):
        for page in pages.paginate(associationType="PRINCIPAL", resourceShareArns=list(share_arns)):
            for association in page["resourceShareAssociations"]:
                if association["status"] not in _ENDED:
                    of_share = accounts.setdefault(association["resourceShareArn"], {})
                    of_share[association["associatedEntity"]] = association["status"]
    return accounts


def _share(share: "ResourceShareTypeDef") -> Share:
    tags = {tag["key"]: tag["value"] for tag in share.get("tags", [])}
    return Share(
        arn=share["resourceShareArn"],
        stage=tags.get(STAGE_TAG, ""),
        permission=tags.get(PERMISSION_TAG, ""),
        shard=_shard(tags.get(SHARD_TAG, "")),
        external=share["allowExternalPrincipals"],
    )


def _shard(found: str) -> int:
    """Return the shard that a tag names. It only orders a stage's shares: one that was tampered with comes first."""
    return int(found) if found.isdecimal() else 0
