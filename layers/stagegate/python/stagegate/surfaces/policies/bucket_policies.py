"""The surface of buckets: their policies, in which everybody who uses a bucket has statements."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stagegate.iam.limits import BUCKET_POLICY, Limit
from stagegate.surfaces.policies import observe as source
from stagegate.targets.target import Target

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PERMISSIONS = source.BUCKET_PERMISSIONS | {"s3:DeleteBucketPolicy", "s3:PutBucketPolicy"}

LIMIT = replace(
    BUCKET_POLICY,
    ways_out=(
        'declare scope = "group" for the bucket in governance.toml, which opens the whole prefix of a group',
        "keep further artifacts in another bucket",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketPolicy:
    """The policy of one bucket (see `policy_documents.Document`)."""

    target: Target
    s3: "S3Client"
    limit: Limit = LIMIT
    refusals: tuple[str, ...] = ("MalformedPolicy",)

    def read(self) -> str | None:
        """Return what stands there."""
        return source.bucket_policy(self.s3, self.target)

    def write(self, text: str) -> None:
        """Replace the whole document, of a bucket that still belongs to the account that the rules name."""
        self.s3.put_bucket_policy(Bucket=self.target.name, Policy=text, ExpectedBucketOwner=self.target.account)

    def delete(self) -> None:
        """Take the policy away: S3 says nothing of one that is gone."""
        self.s3.delete_bucket_policy(Bucket=self.target.name, ExpectedBucketOwner=self.target.account)
