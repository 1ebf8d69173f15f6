"""Organizations' pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.paging import InvalidTokenError, page
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json

DEFAULT_PAGE = 20


def paged(member: str, items: list[Json], request: Mapping[str, Any]) -> Json:
    """The page of `items` that the request asks for, as `{member: [...], NextToken: ...}`."""
    filters = {name: value for name, value in request.items() if name not in ("NextToken", "MaxResults")}
    try:
        shown, token = page(items, request.get("MaxResults", DEFAULT_PAGE), request.get("NextToken"), filters)
    except InvalidTokenError as error:
        raise aws_error("InvalidInputException", "Invalid NextToken.", Reason="INVALID_NEXT_TOKEN") from error
    return {member: shown, "NextToken": token}
