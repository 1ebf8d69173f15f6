"""Model cards, as SageMaker has them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Unpack

from botocore.exceptions import ClientError

from stagegate.approvals.principals import Actor
from stagegate.approvals.records import LastChange
from stagegate.aws.errors import code_of, translated
from stagegate.core.arns import Subject
from stagegate.core.errors import UnknownStatusError
from stagegate.core.statuses import CardStatus, RiskRating
from stagegate.links.content import names_in
from stagegate.subjects.cards.contents.metrics import measured_in
from stagegate.subjects.cards.contents.sections import content_of, filled_in, leaf
from stagegate.subjects.cards.model import Card
from stagegate.subjects.cards.questions.facts import facts_of

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import (
        DescribeModelCardRequestTypeDef,
        DescribeModelCardResponseTypeDef,
        ModelCardVersionSummaryTypeDef,
    )

PERMISSIONS = frozenset({"sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions"})


def observe(sagemaker: "SageMakerClient", subject: Subject, *, asks_who: bool = True) -> Card | None:
    """Return the card as it is now, or None once it is deleted or being deleted. Without `asks_who` nobody looks for
    who made the last change.

    Raises UnknownStatusError for a status that botocore's enumeration doesn't have.
    """
    with translated(f"read {subject.arn}"):
        described, is_sealed = _described(sagemaker, ModelCardName=subject.name)
        if described is None:
            return None
        if described.get("ModelCardProcessingStatus", "").startswith(("Delete", "ContentDeleted", "ExportJobsDeleted")):
            return None
        last_change = _last_change(sagemaker, subject, described) if asks_who else None
        return _card(subject, described, last_change, is_sealed=is_sealed)


def versions(sagemaker: "SageMakerClient", name: str) -> list["ModelCardVersionSummaryTypeDef"]:
    """Return a summary of every version of a card that is there; none for a card that is gone.

    Each has `ModelCardVersion`, `ModelCardStatus`, `CreationTime` (of the version) and `LastModifiedTime`.
    """
    with translated(f"list the versions of {name}"):
        try:
            pages = sagemaker.get_paginator("list_model_card_versions").paginate(ModelCardName=name)
            return [summary for page in pages for summary in page["ModelCardVersionSummaryList"]]
        except ClientError as error:
            if code_of(error) in ("ResourceNotFound", "ResourceNotFoundException"):
                return []
            raise


def content_hash_of(sagemaker: "SageMakerClient", name: str, version: int) -> str | None:
    """Return the hash of one version's content, or None if it is gone or can't be decrypted by us."""
    with translated(f"read version {version} of {name}"):
        described, is_sealed = _described(sagemaker, ModelCardName=name, ModelCardVersion=version)
    if described is None or is_sealed:
        return None
    return content_hash(content_of(described["Content"]))


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of content in canonical form: key order and white space say nothing."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _described(
    sagemaker: "SageMakerClient", **which: Unpack["DescribeModelCardRequestTypeDef"]
) -> "tuple[DescribeModelCardResponseTypeDef | None, bool]":
    """Return a card's description, None where there is none, and whether it is without what is encrypted.

    That is how a card is described whose customer key we may not use: enough to close it, and to say so. Its `Content`
    is there, with the few members that SageMaker doesn't encrypt (`IncludedData`, API reference).
    """
    try:
        return sagemaker.describe_model_card(**which), False
    except ClientError as error:
        if code_of(error) in ("ResourceNotFound", "ResourceNotFoundException"):
            return None, False
        if code_of(error) != "AccessDeniedException":
            raise
        which["IncludedData"] = "MetadataOnly"
        described = sagemaker.describe_model_card(**which)
        if not _key_of(described):
            raise
        return described, True


def _key_of(described: "DescribeModelCardResponseTypeDef") -> str | None:
    return described.get("SecurityConfig", {}).get("KmsKeyId")


def _card(
    subject: Subject,
    described: "DescribeModelCardResponseTypeDef",
    last_change: LastChange | None,
    *,
    is_sealed: bool,
) -> Card:
    content = content_of(described.get("Content", ""))
    return Card(
        arn=described["ModelCardArn"],
        name=subject.name,
        account=subject.account,
        status=_status(described["ModelCardStatus"], subject),
        version=described["ModelCardVersion"],
        content_hash=content_hash(content),
        risk=_risk(leaf(content, "intended_uses", "risk_rating")),
        sections=filled_in(content),
        created=described["CreationTime"].astimezone(UTC),
        last_modified=_last_modified(described),
        overview=str(leaf(content, "model_overview", "model_description") or ""),
        facts=() if is_sealed else facts_of(content),
        metrics=() if is_sealed else measured_in(content),
        kms_key=_key_of(described),
        is_sealed=is_sealed,
        last_change=last_change,
        names=() if is_sealed else names_in(content),
    )


def _status(found: str, subject: Subject) -> CardStatus:
    try:
        return CardStatus(found)
    except ValueError:
        allowed = ", ".join(CardStatus)
        raise UnknownStatusError(f"{subject.arn}: found status {found!r}; allowed: {allowed}") from None


def _risk(found: object) -> RiskRating:
    """Return the rating, in whatever case it was written (AWS's prose has lower case, its schema title case)."""
    try:
        return RiskRating(str(found).title())
    except ValueError:
        return RiskRating.UNKNOWN


def _last_modified(described: "DescribeModelCardResponseTypeDef") -> datetime:
    return described.get("LastModifiedTime", described["CreationTime"]).astimezone(UTC)


def _last_change(
    sagemaker: "SageMakerClient", subject: Subject, described: "DescribeModelCardResponseTypeDef"
) -> LastChange | None:
    """Return who made the last change of status, where SageMaker names them and the last change was one.

    `LastModifiedBy` names whoever changed anything. A version that is younger than the card's last modification has
    had its status changed since it was written; one that isn't was last changed by an edit of its content.
    """
    by = described.get("LastModifiedBy", {})
    arn = by.get("UserProfileArn") or by.get("IamIdentity", {}).get("Arn")
    if not arn:
        return None
    newest = sagemaker.list_model_card_versions(
        ModelCardName=subject.name, MaxResults=1, SortBy="Version", SortOrder="Descending"
    )["ModelCardVersionSummaryList"]
    at = _last_modified(described)
    if not newest or newest[0]["CreationTime"].astimezone(UTC) >= at:
        return None
    source_identity = by.get("IamIdentity", {}).get("SourceIdentity")
    return LastChange(actor=Actor(arn=arn, source_identity=source_identity), at=at)
