"""What SageMaker's lists have in common: filters by time, order, pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from sandbox.kernel.paging import InvalidTokenError, page
from sandbox.kernel.wire.errors import aws_error

DEFAULT_PAGE = 10
"""What SageMaker's List operations give when MaxResults is not set."""


class Created(Protocol):
    """Something with a creation time in epoch seconds."""

    @property
    def created_at(self) -> float:
        """When it was created."""


Item = TypeVar("Item", bound=Created)
Listed = TypeVar("Listed")


def created_within(items: Iterable[Item], request: Mapping[str, Any]) -> list[Item]:
    """Those created after `CreationTimeAfter` and before `CreationTimeBefore`, where the request has them."""
    after, before = _epoch(request.get("CreationTimeAfter")), _epoch(request.get("CreationTimeBefore"))
    return [
        item
        for item in items
        if (after is None or item.created_at > after) and (before is None or item.created_at < before)
    ]


def paged(items: list[Listed], request: Mapping[str, Any], *, gap: bool = False) -> tuple[list[Listed], str | None]:
    """The page that the request asks for, and the token of the next one; `gap` as in `paging.page`."""
    filters = {name: value for name, value in request.items() if name not in ("NextToken", "MaxResults")}
    try:
        return page(items, request.get("MaxResults", DEFAULT_PAGE), request.get("NextToken"), filters, gap=gap)
    except InvalidTokenError as error:
        raise aws_error("ValidationException", "Invalid NextToken.") from error


def _epoch(moment: datetime | None) -> float | None:
    """Epoch seconds of a time in a request, which moto parses into naive UTC."""
    return moment.replace(tzinfo=UTC).timestamp() if moment is not None else None
