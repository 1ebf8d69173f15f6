"""Errors of S3, which moto's S3 turns into answers only if they are of its own class."""

from __future__ import annotations

from moto.core.errors import COMMON_ERROR_CODES
from moto.s3.exceptions import S3ClientError

# moto warns of codes that its model doesn't have; AWS's doesn't list S3's errors.
COMMON_ERROR_CODES.append("MalformedPolicy")


class MalformedPolicy(S3ClientError):
    """A bucket policy that S3 doesn't accept."""

    code = "MalformedPolicy"


class NotTheExpectedOwner(S3ClientError):
    """ExpectedBucketOwner names another account than the bucket's."""

    code = "AccessDenied"

    def __init__(self) -> None:
        super().__init__("AccessDenied", "Access Denied")


class PublicPolicy(S3ClientError):
    """A public policy for a bucket whose public access block takes none."""

    code = "AccessDenied"

    def __init__(self) -> None:
        super().__init__("AccessDenied", "Access Denied: public policies are blocked by BlockPublicPolicy")
