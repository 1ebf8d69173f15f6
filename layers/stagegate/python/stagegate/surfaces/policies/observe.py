"""The policy documents that several writers share, as they stand on their resources.

None of these services has a condition on what a PUT replaces, and S3's bucket configurations are eventually
consistent: what is read here may be behind the last write ("Amazon S3 data consistency model").
"""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of, translated
from stagegate.targets.target import Target

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

GROUP_PERMISSIONS = frozenset({"sagemaker:GetModelPackageGroupPolicy"})
BUCKET_PERMISSIONS = frozenset({"s3:GetBucketPolicy"})
PUBLIC_ACCESS_PERMISSIONS = frozenset({"s3:GetBucketPublicAccessBlock"})
REPOSITORY_PERMISSIONS = frozenset({"ecr:GetRepositoryPolicy"})

_NO_GROUP_POLICY = "Cannot find resource policy"
_NO_GROUP = "Cannot find Model Package Group"
"""How SageMaker says that a group has no policy, and that there is no group (whose policy went with it): the code is
ValidationException, as for any other fault."""


def group_policy(sagemaker: "SageMakerClient", target: Target) -> str | None:
    """Return the policy of a model package group, or None where there is none, or no group. Raises RefusedError."""
    with translated(f"read the policy of {target.id}"):
        try:
            return sagemaker.get_model_package_group_policy(ModelPackageGroupName=target.name)["ResourcePolicy"]
        except ClientError as error:
            if is_no_group_policy(error) or is_no_group(error):
                return None
            raise


def bucket_policy(s3: "S3Client", target: Target) -> str | None:
    """Return the policy of a bucket, or None where there is none, or no bucket. Raises RefusedError, also for another
    account's bucket.
    """
    with translated(f"read the policy of {target.id}"):
        try:
            return s3.get_bucket_policy(Bucket=target.name, ExpectedBucketOwner=target.account)["Policy"]
        except ClientError as error:
            if code_of(error) in ("NoSuchBucketPolicy", "NoSuchBucket"):
                return None
            raise


def public_access_block(s3: "S3Client", target: Target) -> frozenset[str]:
    """Return the settings of a bucket's own public access block that are on; those of its account can't be seen here.
    Raises RefusedError.
    """
    with translated(f"read the public access block of {target.id}"):
        try:
            found = s3.get_public_access_block(Bucket=target.name, ExpectedBucketOwner=target.account)
        except ClientError as error:
            if code_of(error) in ("NoSuchPublicAccessBlockConfiguration", "NoSuchBucket"):
                return frozenset()
            raise
    return frozenset(name for name, is_on in found["PublicAccessBlockConfiguration"].items() if is_on)


def repository_policy(ecr: "ECRClient", target: Target) -> str | None:
    """Return the policy of an image repository, or None where there is none, or no repository. Raises RefusedError."""
    with translated(f"read the policy of {target.id}"):
        try:
            found = ecr.get_repository_policy(registryId=target.account, repositoryName=target.name)
        except ClientError as error:
            if code_of(error) in ("RepositoryPolicyNotFoundException", "RepositoryNotFoundException"):
                return None
            raise
        return found["policyText"]


def is_no_group_policy(error: ClientError) -> bool:
    """Tell whether SageMaker means that a group has no policy."""
    return _says(error, _NO_GROUP_POLICY)


def is_no_group(error: ClientError) -> bool:
    """Tell whether SageMaker means that there is no such group, of which a policy was asked for."""
    return _says(error, _NO_GROUP)


def _says(error: ClientError, text: str) -> bool:
    message = error.response.get("Error", {}).get("Message", "")
    return code_of(error) == "ValidationException" and text in message
