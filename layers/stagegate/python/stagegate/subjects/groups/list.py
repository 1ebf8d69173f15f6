"""All of this account's model package groups, in pages."""

from stagegate.aws.errors import translated
from stagegate.subjects.context import Sweeper
from stagegate.subjects.pages import Listed, oldest_first

PERMISSIONS = frozenset({"sagemaker:ListModelPackageGroups"})


def page(sweeper: Sweeper, token: str | None) -> Listed:
    """Return a page of them, oldest first; none where no stage may register."""
    if not sweeper.rules.registrations:
        return Listed(arns=())
    with translated("list the model package groups"):
        found = sweeper.sagemaker.list_model_package_groups(**oldest_first(token))
    arns = tuple(group["ModelPackageGroupArn"] for group in found["ModelPackageGroupSummaryList"])
    return Listed(arns=arns, token=found.get("NextToken"))
