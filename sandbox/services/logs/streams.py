"""Writing to CloudWatch Logs on behalf of services: function output, execution logs."""

from __future__ import annotations

import threading

from moto.logs.models import logs_backends

from sandbox.kernel.clock import clock

_writing = threading.Lock()


def write(account: str, region: str, group: str, stream: str, lines: list[str]) -> None:
    """Append lines to a stream of a log group, making the stream, and the group if nobody declared it."""
    backend = logs_backends[account][region]
    now = int(clock.now() * 1000)
    with _writing:
        if group not in backend.groups:
            backend.create_log_group(group, {})
        if stream not in backend.groups[group].streams:
            backend.create_log_stream(group, stream)
        backend.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines])
