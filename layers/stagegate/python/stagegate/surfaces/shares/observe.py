"""Resource shares, as RAM has them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.arns import subject_of
from stagegate.plans.grants import Grant
from stagegate.surfaces.shares.changes import LIVE, ObservedShares, Share

if TYPE_CHECKING:
    from mypy_boto3_ram import RAMClient
    from mypy_boto3_ram.type_defs import ResourceShareTypeDef

PERMISSIONS = frozenset(
    {"ram:GetResourceShareAssociations", "ram:GetResourceShares", "ram:ListResourceSharePermissions"}
)
LOOKUP_PERMISSIONS = frozenset({"ram:ListPermissions"})

STAGE_TAG = "stagegate:stage"
PERMISSION_TAG = "stagegate:permission"
SHARD_TAG = "stagegate:shard"
AUDIENCE_TAG = "stagegate:audience"
"""Stands on shares of an audience alone."""
RESOURCE_TYPE_TAG = "stagegate:resource-type"
"""Tags are how a share of ours is found again: names of shares are not unique. The surface's is the kind of subject
that is in it, `model-card` or `hub`. Where somebody took them off, the record knows it still."""

_RESOURCE_TYPES = {"model-card": "sagemaker:modelcard", "hub": "sagemaker:hub"}
"""What RAM calls each kind of subject, in small letters."""

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
    grants: Iterable[Grant] = (),
    audience: str | None = "",
) -> ObservedShares:
    """Return a card's or a hub's associations (`known` where they were just read) and all of our shares for its kind:
    those that carry our tag, and those that hold it by its `grants` on record.

    Of the `audience`'s shares of `stages` (None: of all) the accounts and what they give are read too, those of the
    others are None: however many audiences there are, each is looked at by its own models.
    Which stage and permission a share was made for, the record says, or else its tags: no list of shares has it.
    """
    held = associations(ram, subject_arn) if known is None else known
    recorded = {grant.share_arn: grant for grant in grants if grant.share_arn}
    found = list(_tagged(ram, subject_arn))
    lost = held.keys() & recorded.keys() - {share["resourceShareArn"] for share in found}
    found += [share for arn in sorted(lost) if (share := _named(ram, arn))]
    shares = [_share(share, subject_arn, recorded.get(share["resourceShareArn"])) for share in found]
    in_question = {
        share.arn for share in shares if share.audience == audience and (stages is None or share.stage in stages)
    }
    principals = principals_of(ram, sorted(in_question))
    return ObservedShares(
        associations=held,
        shares=tuple(
            replace(share, principals=principals.get(share.arn, {}), gives=gives(ram, share.arn, subject_arn))
            if share.arn in in_question
            else share
            for share in shares
        ),
    )


def gives(ram: "RAMClient", share_arn: str, subject_arn: str) -> tuple[str, ...]:
    """Return the names of the permissions that a share has for this kind of subject."""
    wanted = _RESOURCE_TYPES[resource_type_of(subject_arn)]
    with translated(f"read what {share_arn} gives"):
        page = ram.list_resource_share_permissions(resourceShareArn=share_arn)
        found = list(page["permissions"])
        while token := page.get("nextToken"):
            page = ram.list_resource_share_permissions(resourceShareArn=share_arn, nextToken=token)
            found += page["permissions"]
    return tuple(sorted(each["name"] for each in found if each["resourceType"].lower() == wanted))


def _tagged(ram: "RAMClient", subject_arn: str) -> Iterator["ResourceShareTypeDef"]:
    with translated("read our shares"):
        for page in ram.get_paginator("get_resource_shares").paginate(
            resourceOwner="SELF",
            resourceShareStatus="ACTIVE",
            tagFilters=[{"tagKey": RESOURCE_TYPE_TAG, "tagValues": [resource_type_of(subject_arn)]}],
        ):
            yield from page["resourceShares"]


def _named(ram: "RAMClient", share_arn: str) -> "ResourceShareTypeDef | None":
    """Return a share that doesn't carry our tag, None for one that is gone."""
    with translated(f"read {share_arn}"):
        try:
            found = ram.get_resource_shares(
                resourceOwner="SELF", resourceShareStatus="ACTIVE", resourceShareArns=[share_arn]
            )["resourceShares"]
        except ClientError as error:
            if code_of(error) == "UnknownResourceException":
                return None
            raise
    return found[0] if found else None


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


def in_it(ram: "RAMClient", share_arn: str) -> tuple[str, ...]:
    """Return the ARNs of what is in a share, or about to be."""
    pages = ram.get_paginator("get_resource_share_associations")
    with translated(f"read what is in {share_arn}"):
        return tuple(
            sorted(
                association["associatedEntity"]
                for page in pages.paginate(associationType="RESOURCE", resourceShareArns=[share_arn])
                for association in page["resourceShareAssociations"]
                if association["status"] in LIVE
            )
        )


def marks_of(resource_type: str, stage: str, permission: str, shard: int, audience: str = "") -> dict[str, str]:
    """Return the tags that a share of ours carries."""
    marks = {RESOURCE_TYPE_TAG: resource_type, STAGE_TAG: stage, PERMISSION_TAG: permission, SHARD_TAG: str(shard)}
    return {**marks, AUDIENCE_TAG: audience} if audience else marks


def _share(share: "ResourceShareTypeDef", subject_arn: str, grant: Grant | None) -> Share:
    tags = {tag["key"]: tag["value"] for tag in share.get("tags", [])}
    stage = grant.stage if grant else tags.get(STAGE_TAG, "")
    permission = grant.permission if grant else tags.get(PERMISSION_TAG, "")
    shard = _shard(tags.get(SHARD_TAG, ""))
    audience = grant.audience if grant else tags.get(AUDIENCE_TAG, "")
    wanted = marks_of(resource_type_of(subject_arn), stage, permission, shard, audience) if grant else {}
    return Share(
        arn=share["resourceShareArn"],
        stage=stage,
        permission=permission,
        shard=shard,
        audience=audience,
        external=share["allowExternalPrincipals"],
        lacks=tuple((name, value) for name, value in wanted.items() if tags.get(name) != value),
    )


def _shard(found: str) -> int:
    """Return the shard that a tag names. It only orders a stage's shares: one that was tampered with comes first."""
    return int(found) if found.isdecimal() else 0
