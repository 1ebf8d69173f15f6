"""Lists of everything that can be a subject, in pages."""

from dataclasses import dataclass
from typing import Any

PAGE = 100
"""The most that SageMaker's lists give at once (`MaxResults`, botocore's SageMaker model)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of a list: the subjects on it, and the token of the next page, None on the last one."""

    arns: tuple[str, ...]
    token: str | None = None


def oldest_first(token: str | None) -> dict[str, Any]:
    """Return what a list of SageMaker is asked for: what comes meanwhile is on a later page."""
    request = {"MaxResults": PAGE, "SortBy": "CreationTime", "SortOrder": "Ascending"}
    return {**request, "NextToken": token} if token else request
