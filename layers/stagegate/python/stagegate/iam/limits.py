"""How large AWS lets a policy be."""

from dataclasses import dataclass
from enum import StrEnum

SCP_LIMIT = 5120
"""Bytes of a service control policy, white space included ("Quotas for AWS Organizations")."""
MANAGED_POLICY_LIMIT = 6144
"""Characters of an IAM managed policy, white space not counted ("IAM and AWS STS quotas")."""


class Unit(StrEnum):
    """What a limit counts. Bytes are those of UTF-8."""

    BYTES = "bytes"
    CHARACTERS = "characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How large a document may be, and what can be done when it is full.

    `name` is how messages call the document; `ways_out` are the caller's, as only it knows what the rules declare.
    """

    name: str
    size: int
    unit: Unit
    ways_out: tuple[str, ...] = ()

    def measure(self, text: str) -> int:
        """Return the size of a text in this limit's unit."""
        return len(text.encode()) if self.unit is Unit.BYTES else len(text)


BUCKET_POLICY = Limit(name="bucket policy", size=20_480, unit=Unit.BYTES)
""" "Bucket policies are limited to 20 KB in size" (Amazon S3 user guide)."""
GROUP_POLICY = Limit(name="model package group policy", size=20_480, unit=Unit.CHARACTERS)
"""`PolicyString` of PutModelPackageGroupPolicy (botocore's SageMaker model)."""
REPOSITORY_POLICY = Limit(name="repository policy", size=10_240, unit=Unit.CHARACTERS)
"""`RepositoryPolicyText` of SetRepositoryPolicy (botocore's ECR model)."""
