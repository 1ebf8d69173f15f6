"""Which trace a request belongs to, as X-Ray's header says it: every request of one execution has the execution's.

AWS's own services pass the header on, and botocore sends it from within a function:
https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Amzn-Trace-Id"

_current: ContextVar[str] = ContextVar("trace", default="")


def current() -> str:
    """The trace that this thread works for, empty if it is none."""
    return _current.get()


@contextmanager
def belongs_to(trace: str) -> Iterator[None]:
    """What this thread requests meanwhile belongs to that trace."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)


def trace_of(what: str, started: float) -> str:
    """The trace of an execution or invocation, from its name and when it began (epoch seconds)."""
    return f"Root=1-{int(started):08x}-{hashlib.sha256(what.encode()).hexdigest()[:24]}"
