"""The Lambda runtime API that workers talk to: one server, a path per worker.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
Beside it, what Lambda needn't: a worker sleeps here, by the sandbox's clock.
"""

from __future__ import annotations

import queue
import re
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

from sandbox.kernel.clock import clock

_CALLS = "invocation/next|init/error|sleep|invocation/[^/]+/(response|error)"
_PATH = re.compile(rf"^/([0-9a-f-]+)/2018-06-01/runtime/({_CALLS})$")
OFFSET = "Sandbox-Clock-Offset"
"""The header that says how far the sandbox's clock is ahead of the machine's, in seconds."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a worker is handed. `deadline` is epoch seconds as the worker's own clock will show them."""

    request_id: str
    payload: bytes
    deadline: float
    function_arn: str
    trace: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it: the handler's result, its exception, an import that failed, or nothing in time."""

    kind: Literal["response", "error", "init-error", "exit", "timeout"]
    body: bytes


@dataclass(slots=True)
class Channel:
    """One worker's side: invocations to it, answers from it."""

    path: str = field(default_factory=lambda: str(uuid.uuid4()))
    invocations: queue.SimpleQueue[Invocation | None] = field(default_factory=queue.SimpleQueue)
    answers: queue.SimpleQueue[Answer] = field(default_factory=queue.SimpleQueue)
    begun: threading.Event = field(default_factory=threading.Event)
    """Set once the worker has imported its handler and asks for work, or has failed to."""
    sleep: Callable[[float], None] = time.sleep
    """Returns when the worker has slept for so many seconds."""


class RuntimeApi:
    """The server and its channels. `address` is host:port."""

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}
        handler = type("Handler", (_Handler,), {"channels": self._channels})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="sandbox-runtime-api", daemon=True
        ).start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._server.server_port}"

    def open(self) -> Channel:
        """A channel for a new worker."""
        channel = Channel()
        self._channels[channel.path] = channel
        return channel

    def close(self, channel: Channel) -> None:
        """Forget a worker; its waiting request ends."""
        self._channels.pop(channel.path, None)
        channel.invocations.put(None)

    def stop(self) -> None:
        """Stop listening."""
        for channel in list(self._channels.values()):
            self.close(channel)
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    channels: dict[str, Channel]
    protocol_version = "HTTP/1.1"
    # One write a reply, sent at once: otherwise Nagle's algorithm and delayed acknowledgements cost 40 ms each.
    disable_nagle_algorithm = True
    wbufsize = 65536

    def log_message(self, *_: object) -> None:
        """No access log."""

    def do_GET(self) -> None:
        channel, _ = self._channel()
        if channel is not None:
            channel.begun.set()
        invocation = channel.invocations.get() if channel else None
        if invocation is None:
            self.close_connection = True
            return self._reply(410)
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace,
            "Content-Type": "application/json",
            OFFSET: repr(clock.offset),
        }
        return self._reply(200, invocation.payload, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        channel, call = self._channel()
        if channel is not None and call == "sleep":
            channel.sleep(float(body))
            return self._reply(200, headers={OFFSET: repr(clock.offset)})
        self._reply(202)
        if channel is not None:
            kind = "init-error" if call == "init/error" else call.rsplit("/", 1)[1]
            channel.begun.set()
            channel.answers.put(Answer(kind, body))  # type: ignore[arg-type]  # one of the path pattern's words
        return None

    def _channel(self) -> tuple[Channel | None, str]:
        match = _PATH.match(self.path)
        return (self.channels.get(match.group(1)), match.group(2)) if match else (None, "")

    def _reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
