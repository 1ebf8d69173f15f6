"""A model card as SageMaker keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class CardStatus(StrEnum):
    """The approval status of a card. SageMaker lets any status follow any other."""

    DRAFT = "Draft"
    PENDING_REVIEW = "PendingReview"
    APPROVED = "Approved"
    ARCHIVED = "Archived"


@dataclass(slots=True)
class CardVersion:
    """One content of a card. Times are epoch seconds."""

    number: int
    content: str
    status: CardStatus
    created_at: float
    modified_at: float


@dataclass(slots=True)
class Card:
    """A card with all its versions, oldest first, never empty. Times are epoch seconds.

    `deleted_at` is when a requested deletion will have been carried out; until then the card can be described.
    """

    arn: str
    name: str
    account: str
    region: str
    kms_key_id: str | None
    tags: dict[str, str]
    versions: list[CardVersion] = field(default_factory=list)
    deletion_requested_at: float | None = None
    deleted_at: float | None = None

    @property
    def latest(self) -> CardVersion:
        """The version that a caller sees who names none."""
        return self.versions[-1]

    @property
    def created_at(self) -> float:
        """When the card was created, with its first version."""
        return self.versions[0].created_at

    @property
    def security_config(self) -> dict[str, str]:
        """`SecurityConfig` of the API, empty when the card has no key of the customer."""
        return {"KmsKeyId": self.kms_key_id} if self.kms_key_id else {}

    def add_version(self, content: str, status: CardStatus, now: float) -> None:
        """A content edit: a new version that carries the status over.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards.html: "Any edits other than an approval status
        update [...] result in additional model card versions".
        """
        self.versions.append(CardVersion(len(self.versions) + 1, content, status, created_at=now, modified_at=now))

    def set_status(self, status: CardStatus, now: float) -> None:
        """A status change: the latest version takes it, and no version is added."""
        self.latest.status = status
        self.latest.modified_at = now
