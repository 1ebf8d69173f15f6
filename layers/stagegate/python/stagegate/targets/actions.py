"""What deploying from a model package group and registering in it take, in AWS's actions and conditions."""

from stagegate.core.statuses import PackageStatus
from stagegate.iam.statements import Condition, conditions_of
from stagegate.rules.model import Rules

DESCRIBE_GROUP = "sagemaker:DescribeModelPackageGroup"
LIST_VERSIONS = "sagemaker:ListModelPackages"
USE_VERSION = ("sagemaker:CreateModel", "sagemaker:DescribeModelPackage")
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
CREATE_VERSION = "sagemaker:CreateModelPackage"


def pending_only(rules: Rules) -> frozenset[Condition]:
    """Return the fence of a registration: it has to say that the version waits for approval.

    A request that leaves the status out carries no such key, and is refused: an operator for absent keys would let
    through whatever SageMaker takes for the default. Where a place in ModelLifeCycle opens something, an approver of
    this account has to set it.
    """
    requested = {"StringEquals": {"sagemaker:ModelApprovalStatus": PackageStatus.PENDING.value}}
    if rules.packages and rules.packages.lifecycle:
        requested["Null"] = {"sagemaker:ModelLifeCycle:stage": "true"}
    return conditions_of(requested)
