"""The surface of image repositories: their policies. One opens the whole repository, as it takes no resource."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from stagegate.aws.errors import code_of
from stagegate.iam.limits import REPOSITORY_POLICY, Limit
from stagegate.surfaces.policies import observe as source
from stagegate.targets.target import Target

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

PERMISSIONS = source.REPOSITORY_PERMISSIONS | {"ecr:DeleteRepositoryPolicy", "ecr:SetRepositoryPolicy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryPolicy:
    """The policy of one repository (see `policy_documents.Document`)."""

    target: Target
    ecr: "ECRClient"
    limit: Limit = REPOSITORY_POLICY
    refusals: tuple[str, ...] = ("InvalidParameterException",)

    def read(self) -> str | None:
        """Return what stands there."""
        return source.repository_policy(self.ecr, self.target)

    def write(self, text: str) -> None:
        """Replace the whole document, without `force`: ECR then refuses one that would lock its writer out."""
        self.ecr.set_repository_policy(registryId=self.target.account, repositoryName=self.target.name, policyText=text)

    def delete(self) -> None:
        """Take the policy away."""
        try:
            self.ecr.delete_repository_policy(registryId=self.target.account, repositoryName=self.target.name)
        except ClientError as error:
            if code_of(error) != "RepositoryPolicyNotFoundException":
                raise
