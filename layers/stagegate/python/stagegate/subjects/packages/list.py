"""The versions of all this account's model package groups, in pages."""

from stagegate.aws.errors import translated
from stagegate.subjects.context import Sweeper
from stagegate.subjects.pages import Listed, oldest_first

PERMISSIONS = frozenset({"sagemaker:ListModelPackages"})


def page(sweeper: Sweeper, token: str | None) -> Listed:
    """Return a page of them, oldest first; none where the rules aren't about packages.

    The group is only a filter, and `Versioned` leaves out what belongs to none ("ListModelPackages", API reference).
    """
    if sweeper.rules.packages is None:
        return Listed(arns=())
    with translated("list the model packages"):
        found = sweeper.sagemaker.list_model_packages(ModelPackageType="Versioned", **oldest_first(token))
    arns = tuple(package["ModelPackageArn"] for package in found["ModelPackageSummaryList"])
    return Listed(arns=arns, token=found.get("NextToken"))
