"""The words SageMaker uses for where a model card or a model package stands, and how risky a model is."""

from enum import StrEnum


class CardStatus(StrEnum):
    """`ModelCardStatus`, every value the SageMaker API has (botocore, sagemaker 2017-07-24)."""

    DRAFT = "Draft"
    PENDING_REVIEW = "PendingReview"
    APPROVED = "Approved"
    ARCHIVED = "Archived"


class PackageStatus(StrEnum):
    """`ModelApprovalStatus` of a model package, every value the SageMaker API has (botocore, sagemaker 2017-07-24)."""

    PENDING = "PendingManualApproval"
    APPROVED = "Approved"
    REJECTED = "Rejected"


class RiskRating(StrEnum):
    """`intended_uses.risk_rating` of a model card's content. A card that says nothing is `Unknown`."""

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"
    UNKNOWN = "Unknown"
