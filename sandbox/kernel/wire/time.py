"""moto's time is the sandbox's: when a role was made, a message becomes visible again, a session expires."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

from moto.core import utils

from sandbox.kernel.clock import clock


class _Now(datetime.datetime):
    """What moto asks for the time, in one function that everybody else there calls."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]  # nor need it be one
        return datetime.datetime.fromtimestamp(clock.now(), tz)


def install() -> None:
    """Let moto see the clock. Calling it again changes nothing."""
    utils.datetime = SimpleNamespace(**{**vars(datetime), "datetime": _Now})
