"""The key of an object: the one it was written with, or the one that it is about to be written with.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

from typing import Any, NamedTuple  # moto's store is untyped where it is read here

from moto.s3.models import s3_backends

from sandbox.authorization.accesses import Access, Context
from sandbox.authorization.registry import Encryption
from sandbox.kernel.arns import Fields
from sandbox.kernel.place import PARTITION
from sandbox.services.s3.owners import bucket_owner


def encryption(access: Access, at: Fields) -> Encryption | None:
    """For a read the key of the object itself, for a write the one asked for or else the bucket's default.

    With an S3 Bucket Key the encryption context names the bucket, otherwise the object:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    """
    bucket_name, _, key_name = at.resource.partition("/")
    owner = bucket_owner(bucket_name)
    bucket: Any = s3_backends[owner][PARTITION].buckets.get(bucket_name) if owner else None
    if bucket is None:
        return None
    reads = access.action != "s3:PutObject"
    found = _of_object(bucket, key_name, access.context) if reads else _of_write(bucket, access.context)
    if found is None or found.algorithm != "aws:kms":
        return None
    arn = (
        f"arn:{PARTITION}:s3:::{bucket_name}" if found.bucket_key else f"arn:{PARTITION}:s3:::{bucket_name}/{key_name}"
    )
    return Encryption(found.key or "alias/aws/s3", owner or "", bucket.region_name, {"aws:s3:arn": arn})


class _Settings(NamedTuple):
    algorithm: str | None
    key: str | None
    bucket_key: bool


def _of_object(bucket: Any, key_name: str, context: Context) -> _Settings | None:
    version = context.get("s3:VersionId")
    stored_versions = bucket.keys.getlist(key_name, default=[])
    found = [each for each in stored_versions if version is None or (str(each.version_id),) == version]
    if not found:
        return None
    # A delete marker is a version without encryption.
    algorithm, key, bucket_key = (
        getattr(found[-1], name, None) for name in ("encryption", "kms_key_id", "bucket_key_enabled")
    )
    return _Settings(algorithm, key, str(bucket_key).lower() == "true")


def _of_write(bucket: Any, context: Context) -> _Settings:
    rule = bucket.encryption["Rule"] if bucket.encryption else {}
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    (algorithm,) = context.get("s3:x-amz-server-side-encryption") or (default.get("SSEAlgorithm"),)
    (key,) = context.get("s3:x-amz-server-side-encryption-aws-kms-key-id") or (default.get("KMSMasterKeyID"),)
    return _Settings(algorithm, key, str(rule.get("BucketKeyEnabled")).lower() == "true")
