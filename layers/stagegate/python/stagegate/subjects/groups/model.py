"""A model package group as it stands now: what versions are registered in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What a run about a group looks at. `status` is its ModelPackageGroupStatus.

    `arn` and `name` are as SageMaker writes them, which may differ in capitals.
    """

    arn: str
    name: str
    status: str
    description: str = ""
