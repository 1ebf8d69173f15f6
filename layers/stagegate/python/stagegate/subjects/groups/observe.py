"""Model package groups, as SageMaker has them."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import is_gone, translated
from stagegate.core.arns import Subject
from stagegate.subjects.groups.model import Group

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = frozenset({"sagemaker:DescribeModelPackageGroup"})


def observe(sagemaker: "SageMakerClient", subject: Subject) -> Group | None:
    """Return the group as it is now, or None once it is deleted or being deleted. Raises RefusedError."""
    with translated(f"read {subject.arn}"):
        try:
            found = sagemaker.describe_model_package_group(ModelPackageGroupName=subject.arn)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
    if found["ModelPackageGroupStatus"] == "Deleting":
        return None
    return Group(
        arn=found["ModelPackageGroupArn"],
        name=found["ModelPackageGroupName"],
        status=found["ModelPackageGroupStatus"],
        description=found.get("ModelPackageGroupDescription", ""),
    )
