"""One execution environment of a function: a process that serves one invocation at a time."""

from __future__ import annotations

import json
import queue
import secrets
import threading
import time
from typing import Any

from moto.awslambda.models import lambda_backends

from sandbox.kernel.clock import clock
from sandbox.services.cloudwatch.alarms import put_metric
from sandbox.services.lambda_ import metrics
from sandbox.services.lambda_.environment import environment_of
from sandbox.services.lambda_.faults import Moment
from sandbox.services.lambda_.files import files
from sandbox.services.lambda_.processes import Processes
from sandbox.services.lambda_.runtime_api import Answer, Invocation, RuntimeApi
from sandbox.services.logs.streams import write

_INIT_S = 10.0
"""For importing the handler: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html"""


class Worker:
    """Warm after its first invocation; `alive` until it crashed, timed out or was closed."""

    def __init__(self, function: Any, api: RuntimeApi, processes: Processes, endpoint_url: str) -> None:
        self.offset = clock.offset
        self.alive = True
        self._function = function
        self._api = api
        self._channel = api.open()
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
        """Run the handler once. What kills the worker is answered as Lambda answers it, and ends its `alive`."""
        if fault == "before":
            return self._crashed(request_id)
        self._log(f"START RequestId: {request_id} Version: $LATEST")
        self._channel.begun.wait(_INIT_S)
        started = time.monotonic()
        timeout = float(self._function.timeout)
        deadline = clock.now() + timeout
        self._channel.invocations.put(Invocation(request_id, payload, deadline, self._function.function_arn))
        try:
            answer = self._channel.answers.get(timeout=timeout)
        except queue.Empty:
            return self._timed_out(request_id, timeout)
        duration_ms = (time.monotonic() - started) * 1000
        if fault == "after":
            return self._crashed(request_id)
        if answer.kind == "exit":
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

    def _crashed(self, request_id: str) -> Answer:
        self.close()
        text = f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
        self._log(text)
        return Answer("error", json.dumps({"errorType": "Runtime.ExitError", "errorMessage": text}).encode())

    def _timed_out(self, request_id: str, timeout: float) -> Answer:
        self.close()
        text = f"RequestId: {request_id} Error: Task timed out after {timeout:.2f} seconds"
        self._log(text)
        return Answer("error", json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": text}).encode())

    def _read_output(self) -> None:
        for raw in self._process.output:
            line = raw.decode(errors="replace").rstrip("\n")
            self._log(line)
            for namespace, name, dimensions, value in metrics.embedded(line):
                put_metric(self._function.account_id, self._function.region, namespace, name, dimensions, value)
        if self.alive:
            self._channel.begun.set()
            self._channel.answers.put(Answer("exit", b""))

    def _log(self, line: str) -> None:
        function = self._function
        write(function.account_id, function.region, function.logs_group_name, self._stream, [line])


def _layer(arn: str) -> bytes:
    _, _, _, region, account, _, name, version = arn.split(":")
    return bytes(lambda_backends[account][region].get_layer_version(name, version).code_bytes)
