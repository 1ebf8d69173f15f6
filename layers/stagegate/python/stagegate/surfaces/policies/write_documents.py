"""The surface of model package groups: their resource policies. Only the group's own account can write one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.core.errors import NotSettledError
from stagegate.iam.limits import GROUP_POLICY, Limit
from stagegate.surfaces.policies import observe as source
from stagegate.targets.target import Target

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

PERMISSIONS = source.GROUP_PERMISSIONS | {
    "sagemaker:DeleteModelPackageGroupPolicy",
    "sagemaker:PutModelPackageGroupPolicy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPolicy:
    """The policy of one group (see `policy_documents.Document`)."""

    target: Target
    sagemaker: "SageMakerClient"
    limit: Limit = GROUP_POLICY
    refusals: tuple[str, ...] = ("ValidationException",)

    def read(self) -> str | None:
        """Return what stands there."""
        return source.group_policy(self.sagemaker, self.target)

    def write(self, text: str) -> None:
        """Replace the whole document.

        Raises NotSettledError for a group that is gone: somebody still wants something of it, as the deletion of a
        package in it, which comes before the group's, is still on its way.
        """
        try:
            self.sagemaker.put_model_package_group_policy(ModelPackageGroupName=self.target.name, ResourcePolicy=text)
        except ClientError as error:
            if source.is_no_group(error):
                raise NotSettledError(
                    f"{self.target.id}: the group is gone, and not everybody has let go yet"
                ) from error
            raise

    def delete(self) -> None:
        """Take the policy away."""
        try:
            self.sagemaker.delete_model_package_group_policy(ModelPackageGroupName=self.target.name)
        except ClientError as error:
            if not source.is_no_group_policy(error) and not source.is_no_group(error):
                raise
