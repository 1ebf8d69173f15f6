"""Pages of a list: sizes are honoured, tokens are opaque and belong to the request that they were given for."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Item = TypeVar("Item")


class InvalidTokenError(ValueError):
    """The token was not given by this list with these filters."""


@dataclass(slots=True)
class Paging:
    """`empty_first_page`: give an empty page with a token before the first one, as RAM says that it may.

    https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourceShareAssociations.html: "These operations can
    occasionally return an empty set of results even when there are more results available."
    """

    empty_first_page: bool = False


paging = Paging()
"""The setting of this process; tests switch it."""


def page(
    items: Sequence[Item], limit: int, token: str | None, filters: Mapping[str, Any], *, gap: bool = False
) -> tuple[list[Item], str | None]:
    """At most `limit` items from where `token` points, and the token of the next page or None at the end.

    `filters` are the request without its token and page size; a token given with other filters is refused. With `gap`
    an empty page follows the first one, if there are more.
    """
    mark = hashlib.sha256(json.dumps(filters, sort_keys=True, default=str).encode()).hexdigest()[:16]
    if token is None and paging.empty_first_page:
        return [], _encode(0, mark)
    start = _decode(token, mark) if token is not None else 0
    if start < 0:
        return [], _encode(-start, mark)
    end = start + limit
    if end >= len(items):
        return list(items[start:end]), None
    return list(items[start:end]), _encode(-end if gap and start == 0 else end, mark)


def _encode(offset: int, mark: str) -> str:
    """The token of an offset; a negative one is that of the empty page before it."""
    return base64.urlsafe_b64encode(f"{offset}:{mark}".encode()).decode()


def _decode(token: str, mark: str) -> int:
    try:
        offset, _, given = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        start = int(offset)
    except ValueError as error:  # not base64, not text, not a number: not one of ours
        raise InvalidTokenError(token) from error
    if given != mark:
        raise InvalidTokenError(token)
    return start
