"""DynamoDB's writes one after the other: moto reads, checks and writes an item in steps that other threads can enter,
and a conditional write that isn't atomic would lose claims that AWS keeps.
"""

from __future__ import annotations

import threading
from typing import Any

from moto.dynamodb.responses import DynamoHandler

_lock = threading.RLock()
_call_action = DynamoHandler.call_action


def install() -> None:
    """Let one request at a time into DynamoDB, in this process. Calling it again changes nothing."""
    DynamoHandler.call_action = _one_at_a_time


def _one_at_a_time(handler: DynamoHandler) -> Any:
    with _lock:
        return _call_action(handler)
