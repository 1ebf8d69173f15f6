"""S3's backend of one account; moto finds it, and the `urls` beside it, by this module's name."""

from __future__ import annotations

from typing import Any  # moto's signatures

from moto.kms.models import kms_backends
from moto.s3.models import FakeBucket, FakeKey, S3Backend

from sandbox.kernel.place import PARTITION
from sandbox.kernel.stale_reads import stale_reads
from sandbox.services.kms.keys import key_arn
from sandbox.services.kms.models import KmsBackend
from sandbox.services.s3 import urls
from sandbox.services.s3.errors import PublicPolicy
from sandbox.services.s3.policies import accepted, shown
from sandbox.services.s3.public_access import is_public

_BY_S3 = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}}


class BucketsBackend(S3Backend):
    """The buckets of one account.

    Policies are kept here and not in moto's buckets, where moto would enforce them without their principals and
    conditions. The API has no condition on what is replaced: of two writers that read the same policy, the later wins.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.policies: dict[str, str] = {}
        """Bucket name -> its policy, with roles and users by unique id."""

    @property
    def _url_module(self) -> Any:
        # moto's S3 looks up its own, whatever class stands in for it.
        return urls

    def put_bucket_policy(self, bucket_name: str, policy: bytes) -> None:
        """PutBucketPolicy: replaces the whole policy. A public one is refused where BlockPublicPolicy is on."""
        owner = self._owner(bucket_name)
        arn = f"arn:{PARTITION}:s3:::{bucket_name}"
        kept = accepted(arn, policy)
        block = self.get_bucket(bucket_name).public_access_block
        if block and block.block_public_policy and is_public(kept):
            raise PublicPolicy
        stale_reads.written(arn, owner.policies.get(bucket_name))
        owner.policies[bucket_name] = kept

    def get_bucket_policy(self, bucket_name: str) -> bytes | None:
        """GetBucketPolicy: in S3's own form, None if there is none."""
        kept = self._owner(bucket_name).policies.get(bucket_name)
        read = stale_reads.read(f"arn:{PARTITION}:s3:::{bucket_name}", kept)
        return shown(read).encode() if read is not None else None

    def delete_bucket_policy(self, bucket_name: str) -> None:
        """DeleteBucketPolicy: also where there is none."""
        before = self._owner(bucket_name).policies.pop(bucket_name, None)
        stale_reads.written(f"arn:{PARTITION}:s3:::{bucket_name}", before)

    def delete_bucket(self, bucket_name: str) -> FakeBucket | None:
        """DeleteBucket: its policy goes with it."""
        owner = self._owner(bucket_name)
        deleted = super().delete_bucket(bucket_name)
        if deleted is not None:
            owner.policies.pop(bucket_name, None)
        return deleted

    def put_object(self, bucket_name: str, key_name: str, *args: Any, **parameters: Any) -> FakeKey:
        """PutObject: encrypted by S3 where nothing else is asked for, and with the key's ARN where it is KMS's.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingServerSideEncryption.html
        """
        key = super().put_object(bucket_name, key_name, *args, **parameters)
        key.encryption = key.encryption or "AES256"
        if key.encryption == "aws:kms":
            bucket = self.get_bucket(bucket_name)
            key.kms_key_id = _key_arn(key.kms_key_id, bucket.account_id, bucket.region_name)
        return key

    def get_bucket_encryption(self, bucket_name: str) -> dict[str, Any]:
        """GetBucketEncryption: every bucket has a default, that of S3's own keys unless another one is set.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
        """
        return super().get_bucket_encryption(bucket_name) or _BY_S3

    def _owner(self, bucket_name: str) -> BucketsBackend:
        from moto.s3.models import s3_backends

        account = self.get_bucket(bucket_name).account_id
        owner = s3_backends[account][self.region_name]
        if not isinstance(owner, BucketsBackend):
            raise TypeError("sandbox.services.boot.install() has not run")
        return owner


def _key_arn(named: str | None, account: str, region: str) -> str:
    if named is None or named.endswith("alias/aws/s3"):
        backend = kms_backends[account][region]
        return str(backend.managed_key("alias/aws/s3").arn) if isinstance(backend, KmsBackend) else ""
    return key_arn(named, account, region)
