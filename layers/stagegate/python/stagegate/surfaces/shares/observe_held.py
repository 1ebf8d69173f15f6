"""All shares of ours, with what is in them and who: what is left of them once nothing is shared."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from stagegate.aws.errors import translated
from stagegate.core.arns import sagemaker_resource
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.for_subject import audience_of
from stagegate.surfaces.shares.changes import LIVE, HeldShare, ObservedShares, Share, lacking
from stagegate.surfaces.shares.observe import AUDIENCE_TAG, RESOURCE_TYPE_TAG, STAGE_TAG, in_it, principals_of

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
                audience = f"-{tags[AUDIENCE_TAG]}" if tags.get(AUDIENCE_TAG) else ""
                if share["name"].startswith(f"{prefix}-{stage}{audience}-{kind}s-"):
                    found[share["resourceShareArn"]] = stage
    full, principals = holding(ram, found), principals_of(ram, sorted(found))
    return tuple(
        HeldShare(arn=arn, stage=stage, holds=arn in full, accounts=frozenset(principals.get(arn, {})))
        for arn, stage in sorted(found.items())
    )


def with_misplaced(
    ram: "RAMClient",
    rules: Rules,
    observed: ObservedShares,
    knowing: "Callable[[Rules, Collection[str]], Rules]" = lambda rules, _: rules,
) -> ObservedShares:
    """Return shares that are about to get an account with what is in them for another audience than these rules'.

    A file of rules may have moved a model into another audience, and its own run not have come yet: then the account
    would see it. `knowing` makes rules for all models that know what tags say of the models of these ARNs.
    """
    if not rules.audience:
        return observed

    def whole(share: Share) -> Share:
        if not lacking(rules, share):
            return share
        return replace(share, misplaced=_of_others(rules, in_it(ram, share.arn), knowing))

    return replace(observed, shares=tuple(map(whole, observed.shares or ())))


def _of_others(
    rules: Rules, arns: Iterable[str], knowing: "Callable[[Rules, Collection[str]], Rules]"
) -> tuple[str, ...]:
    found = {arn: subject for arn in arns if (subject := sagemaker_resource(arn))}
    whole = knowing(rules.whole, found)
    return tuple(arn for arn, subject in found.items() if audience_of(whole, subject) != rules.audience)


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
