"""One execution environment of a function: a process that serves one invocation at a time."""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import threading
from functools import partial
from typing import Any

from moto.awslambda.models import lambda_backends

from sandbox.kernel import traces
from sandbox.kernel.activities import Activity
from sandbox.kernel.clock import clock
from sandbox.services.cloudwatch.alarms import put_metric
from sandbox.services.lambda_ import metrics
from sandbox.services.lambda_.code.files import files
from sandbox.services.lambda_.environment import END_OF_OUTPUT, SESSION_S, environment_of
from sandbox.services.lambda_.faults import Moment
from sandbox.services.lambda_.naps import Nap
from sandbox.services.lambda_.processes import Processes
from sandbox.services.lambda_.runtime_api import Answer, Invocation, RuntimeApi
from sandbox.services.logs.streams import write

_INIT_S = 10.0
"""For importing the handler: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html"""
_OUTPUT_S = 2.0
"""For the end of an invocation's output. It is on its way when the answer is there; only a function that has closed its
output doesn't send it."""


class Worker:
    """Warm after its first invocation; `alive` until it crashed, timed out or was closed."""

    def __init__(self, function: Any, api: RuntimeApi, processes: Processes, endpoint_url: str) -> None:
        self.alive = True
        self.recycled_at = clock.now() + SESSION_S / 2
        """When its credentials begin to be old."""
        self._function = function
        self._api = api
        self._channel = api.open()
        self._channel.sleep = self._sleep
        self._lock = threading.RLock()
        self._invoked: tuple[Invocation, Activity | None] | None = None
        self._nap: Nap | None = None
        self._read: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        """Invocations whose output has been read to its end; None at the end of all output."""
        today = clock.datetime().strftime("%Y/%m/%d")
        self._stream = f"{today}/[$LATEST]{secrets.token_hex(16)}"
        task = files.code(function.code_bytes)
        layers = [_layer(layer["Arn"]) for layer in function.layers]
        opt = files.opt(layers)
        has_dependencies = (opt / "python" / "boto3").exists()
        path = f"{api.address}/{self._channel.path}"
        environment = environment_of(function, task, opt, path, endpoint_url, self._stream)
        self._process = processes.start(environment, task, files.dependencies() if has_dependencies else None)
        threading.Thread(target=self._read_output, name="sandbox-worker-output", daemon=True).start()

    def invoke(self, request_id: str, payload: bytes, fault: Moment | None) -> Answer:
        """Run the handler once. What kills the worker is answered as Lambda answers it, and ends its `alive`.

        The calling thread's activity is the function's: it rests while the function sleeps.
        """
        if fault == "before":
            return self._crashed(request_id)
        self._log(f"START RequestId: {request_id} Version: $LATEST")
        self._channel.begun.wait(_INIT_S)
        started, timeout = clock.now(), float(self._function.timeout)
        trace = traces.current() or traces.trace_of(request_id, started)
        invocation = Invocation(request_id, payload, started + timeout, self._function.function_arn, trace)
        answer = self._answer(invocation, timeout)
        duration_ms = (clock.now() - started) * 1000
        if answer.kind == "timeout":
            return self._timed_out(request_id, timeout)
        self._read_up_to(request_id)
        if fault == "after" or answer.kind == "exit":
            return self._crashed(request_id)
        self._log(f"END RequestId: {request_id}")
        self._log(f"REPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms")
        if answer.kind == "init-error":
            self.close()
        return answer

    def close(self) -> None:
        """End the process."""
        self.alive = False
        self._api.close(self._channel)
        self._process.kill()
        self._rouse()

    def _answer(self, invocation: Invocation, timeout_s: float) -> Answer:
        """What the worker answers, or that it doesn't in time."""
        with self._lock:
            self._invoked = (invocation, clock.activities.mine)
        timer = clock.call_later(timeout_s, partial(self._expire, invocation))
        self._channel.invocations.put(invocation)
        answer = self._channel.answers.get()
        timer.cancel()
        with self._lock:
            self._invoked = None
            while not self._channel.answers.empty():  # its time was up at the same moment
                self._channel.answers.get()
        return answer

    def _expire(self, invocation: Invocation) -> None:
        with self._lock:
            if self._invoked is not None and self._invoked[0] is invocation:
                self._rouse()
                self._channel.answers.put(Answer("timeout", b""))

    def _sleep(self, seconds: float) -> None:
        """The function sleeps: its invocation rests, and goes on when the time has come or is up."""
        with self._lock:
            if self._invoked is None or (activity := self._invoked[1]) is None:
                return
            nap = self._nap = Nap(activity, seconds)
        nap.wait()

    def _rouse(self) -> None:
        """Whatever the function does, its invocation is at work again, and won't rest any more."""
        with self._lock:
            nap, self._nap, self._invoked = self._nap, None, None
            if nap is not None:
                nap.end()

    def _read_up_to(self, request_id: str) -> None:
        with contextlib.suppress(queue.Empty):
            while self._read.get(timeout=_OUTPUT_S) not in (request_id, None):
                pass

    def _crashed(self, request_id: str) -> Answer:
        self.close()
        text = f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
        self._log(text)
        return Answer("error", json.dumps({"errorType": "Runtime.ExitError", "errorMessage": text}).encode())

    def _timed_out(self, request_id: str, timeout: float) -> Answer:
        self.close()
        self._read_up_to(request_id)
        text = f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds"
        self._log(text)
        return Answer("error", json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": text}).encode())

    def _read_output(self) -> None:
        for raw in self._process.output:
            text, _, ended = raw.decode(errors="replace").rstrip("\n").partition(END_OF_OUTPUT)
            if text or not ended:
                self._log(text)
            for namespace, name, dimensions, value in metrics.embedded(text):
                put_metric(self._function.account_id, self._function.region, namespace, name, dimensions, value)
            if ended:
                self._read.put(ended)
        self._read.put(None)
        if self.alive:
            self._rouse()
            self._channel.begun.set()
            self._channel.answers.put(Answer("exit", b""))

    def _log(self, line: str) -> None:
        function = self._function
        write(function.account_id, function.region, function.logs_group_name, self._stream, [line])


def _layer(arn: str) -> bytes:
    _, _, _, region, account, _, name, version = arn.split(":")
    return bytes(lambda_backends[account][region].get_layer_version(name, version).code_bytes)
