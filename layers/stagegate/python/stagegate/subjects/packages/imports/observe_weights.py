"""The two files of a model's weights that are read: its configuration, and the index of its shards."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.core.addresses import S3Uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PERMISSIONS = frozenset({"kms:Decrypt", "s3:GetObject"})
"""S3 decrypts for whoever may use the key."""

_LARGEST = 10_000_000
"""Bytes that are read of a file: a configuration has some thousands, the index of a large model some millions."""


def text_of(s3: "S3Client", source: S3Uri, name: str, owner: str) -> str | None:
    """Return the text of a file in a folder, None where there is none. Raises RefusedError."""
    with translated(f"read {source}{name}"):
        try:
            found = s3.get_object(
                Bucket=source.bucket,
                Key=f"{source.key}{name}",
                ExpectedBucketOwner=owner,
                Range=f"bytes=0-{_LARGEST}",
            )
        except ClientError as error:
            if code_of(error) in ("NoSuchKey", "InvalidRange"):  # an empty file has no range of bytes
                return None
            raise
        return found["Body"].read().decode(errors="replace")
