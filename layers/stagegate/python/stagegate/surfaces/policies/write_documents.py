"""The policies of model package groups, buckets and image repositories, as documents that `write.put_statements` takes.

Only a group's own account can write its policy. In a bucket's, everybody who uses the bucket has statements. A
repository's opens the whole repository, as it takes no resource.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of
from stagegate.core.errors import NotSettledError
from stagegate.iam.limits import BUCKET_POLICY, GROUP_POLICY, REPOSITORY_POLICY, Limit
from stagegate.surfaces.policies import observe
from stagegate.targets.target import Target

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

GROUP_PERMISSIONS = observe.GROUP_PERMISSIONS | {
    "sagemaker:DeleteModelPackageGroupPolicy",
    "sagemaker:PutModelPackageGroupPolicy",
}
BUCKET_PERMISSIONS = observe.BUCKET_PERMISSIONS | {"s3:DeleteBucketPolicy", "s3:PutBucketPolicy"}

BUCKET_LIMIT = replace(
    BUCKET_POLICY,
    ways_out=(
        'declare listing = "group" for the bucket in governance.toml, which opens the list of a group\'s folder',
        'declare scope = "group" for the bucket in governance.toml, which opens the whole prefix of a group',
        "keep further artifacts in another bucket",
    ),
)
REPOSITORY_PERMISSIONS = observe.REPOSITORY_PERMISSIONS | {"ecr:DeleteRepositoryPolicy", "ecr:SetRepositoryPolicy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPolicy:
    """The policy of one group (see `write.Document`)."""

    target: Target
    sagemaker: "SageMakerClient"
    limit: Limit = GROUP_POLICY
    refusals: tuple[str, ...] = ("ValidationException",)

    def read(self) -> str | None:
        """Return what stands there."""
        return observe.group_policy(self.sagemaker, self.target)

    def write(self, text: str) -> None:
        """Replace the whole document.

        Raises NotSettledError for a group that is gone: somebody still wants something of it, as the deletion of a
        package in it, which comes before the group's, is still on its way.
        """
        try:
            self.sagemaker.put_model_package_group_policy(ModelPackageGroupName=self.target.name, ResourcePolicy=text)
        except ClientError as error:
            if observe.is_no_group(error):
                raise NotSettledError(
                    f"{self.target.id}: the group is gone, and not everybody has let go yet"
                ) from error
            raise

    def delete(self) -> None:
        """Take the policy away."""
        try:
            self.sagemaker.delete_model_package_group_policy(ModelPackageGroupName=self.target.name)
        except ClientError as error:
            if not observe.is_no_group_policy(error) and not observe.is_no_group(error):
                raise


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketPolicy:
    """The policy of one bucket (see `write.Document`)."""

    target: Target
    s3: "S3Client"
    limit: Limit = BUCKET_LIMIT
    refusals: tuple[str, ...] = ("MalformedPolicy",)

    def read(self) -> str | None:
        """Return what stands there."""
        return observe.bucket_policy(self.s3, self.target)

    def write(self, text: str) -> None:
        """Replace the whole document, of a bucket that still belongs to the account that the rules name."""
        self.s3.put_bucket_policy(Bucket=self.target.name, Policy=text, ExpectedBucketOwner=self.target.account)

    def delete(self) -> None:
        """Take the policy away: S3 says nothing of one that is gone, and one goes with its bucket."""
        try:
            self.s3.delete_bucket_policy(Bucket=self.target.name, ExpectedBucketOwner=self.target.account)
        except ClientError as error:
            if code_of(error) != "NoSuchBucket":
                raise


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryPolicy:
    """The policy of one repository (see `write.Document`)."""

    target: Target
    ecr: "ECRClient"
    limit: Limit = REPOSITORY_POLICY
    refusals: tuple[str, ...] = ("InvalidParameterException",)

    def read(self) -> str | None:
        """Return what stands there."""
        return observe.repository_policy(self.ecr, self.target)

    def write(self, text: str) -> None:
        """Replace the whole document, without `force`: ECR then refuses one that would lock its writer out."""
        self.ecr.set_repository_policy(registryId=self.target.account, repositoryName=self.target.name, policyText=text)

    def delete(self) -> None:
        """Take the policy away."""
        try:
            self.ecr.delete_repository_policy(registryId=self.target.account, repositoryName=self.target.name)
        except ClientError as error:
            if code_of(error) not in ("RepositoryPolicyNotFoundException", "RepositoryNotFoundException"):
                raise
