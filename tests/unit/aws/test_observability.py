"""What every event needs is there before the first one."""

import gc
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from stagegate.aws.observability import observed

CONTEXT: Any = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn:aws:lambda:::f", aws_request_id="1"
)


def test_what_is_needed_is_made_before_the_first_event_and_once() -> None:
    made: list[str] = []

    @cache
    def client() -> str:
        made.append("client")
        return "client"

    @observed("Counted", client)
    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        return {"by": client(), **event}

    assert made == ["client"]
    assert handler({"a": 1}, CONTEXT) == {"by": "client", "a": 1}
    assert made == ["client"]
    assert gc.isenabled()


def test_what_cannot_be_made_fails_the_event_by_its_name_and_not_the_start() -> None:
    @cache
    def rules() -> str:
        raise LookupError("no rules")

    @observed("Counted", rules)
    def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
        return {"rules": rules()}

    with pytest.raises(LookupError, match="no rules"):
        handler({}, CONTEXT)
    assert gc.isenabled()
