"""RAM's pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.kernel.paging import InvalidTokenError, page
from sandbox.kernel.wire.errors import aws_error
from sandbox.kernel.wire.protocol import Json

DEFAULT_PAGE = 100
"""RAM says only that the default "is specific to the operation"."""


def paged(member: str, items: list[Json], request: Mapping[str, Any]) -> Json:
    """The page of `items` that the request asks for, as `{member: [...], nextToken: ...}`."""
    filters = {name: value for name, value in request.items() if name not in ("nextToken", "maxResults")}
    try:
        shown, token = page(items, request.get("maxResults", DEFAULT_PAGE), request.get("nextToken"), filters)
    except InvalidTokenError as error:
        raise aws_error("InvalidNextTokenException", f"The nextToken {error} is not valid.") from error
    return {member: shown, "nextToken": token}
