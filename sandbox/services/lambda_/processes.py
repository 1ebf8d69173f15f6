"""Worker processes: forked from the fork server where the system can, started from cold where not."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

_HERE = Path(__file__).parent


class Process:
    """A running worker: its id and its output."""

    def __init__(self, pid: int, output: IO[bytes], popen: subprocess.Popen[bytes] | None = None) -> None:
        self.output = output
        self._pid = pid
        self._popen = popen

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.kill(self._pid, signal.SIGKILL)
        if self._popen is not None:
            self._popen.wait()


class Processes:
    """Starts workers. Those with the dependencies layer are forked from a process that has imported it already.

    That one knows nothing of any organization: it is started once, and ends with this process.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._dependencies: Path | None = None

    def start(self, environment: dict[str, str], folder: Path, dependencies: Path | None) -> Process:
        """A worker with just this environment, in that folder."""
        if dependencies is None or not hasattr(os, "fork"):
            return _cold(environment, folder)
        readable, writable = os.pipe()
        try:
            with self._lock:
                connection = self._serving(dependencies)
                message = json.dumps({"environment": environment, "folder": str(folder)}) + "\n"
                sent = socket.send_fds(connection, [message.encode()], [writable])
                if sent < len(message.encode()):
                    connection.sendall(message.encode()[sent:])
                pid = int(_line(connection))
        finally:
            os.close(writable)
        return Process(pid, os.fdopen(readable, "rb"))

    def preload(self, dependencies: Path) -> None:
        """Start the fork server now rather than at the first invocation."""
        with self._lock:
            if hasattr(os, "fork"):
                self._serving(dependencies)

    def _serving(self, dependencies: Path) -> socket.socket:
        """The connection to a fork server with these dependencies, and none that has ended."""
        if self._connection is None or self._server is None or self._server.poll() is not None:
            return self._begin(dependencies)
        if self._dependencies != dependencies:
            self._server.kill()
            return self._begin(dependencies)
        return self._connection

    def _begin(self, dependencies: Path) -> socket.socket:
        ours, theirs = socket.socketpair()
        self._dependencies = dependencies
        command = [sys.executable, "-I", "-S", str(_HERE / "fork_server.py"), str(dependencies)]
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
        self._server = subprocess.Popen(command, stdin=theirs.fileno(), env=environment)  # noqa: S603  our own file
        theirs.close()
        self._connection = ours
        return ours


def _cold(environment: dict[str, str], folder: Path) -> Process:
    command = [sys.executable, "-I", "-S", str(_HERE / "bootstrap.py")]
    popen = subprocess.Popen(  # noqa: S603  our own file
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    if popen.stdout is None:
        raise RuntimeError("a worker without output")
    return Process(popen.pid, popen.stdout, popen)


def _line(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\n"):
        part = connection.recv(64)
        if not part:
            raise RuntimeError("the fork server has ended")
        answer += part
    return answer.decode()
