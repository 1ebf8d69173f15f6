"""Workers per function: kept warm, at most a few at once."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

from sandbox.kernel.activities import Places
from sandbox.kernel.clock import clock
from sandbox.services.lambda_.code.files import files
from sandbox.services.lambda_.faults import faults
from sandbox.services.lambda_.processes import Processes
from sandbox.services.lambda_.runtime_api import Answer, RuntimeApi
from sandbox.services.lambda_.worker import Worker

AT_ONCE = 2
"""Invocations of one function that run beside each other; the rest wait (Lambda would run 1,000)."""

Key = tuple[str, str, str, str]


class ThrottledError(RuntimeError):
    """All of the function's reserved concurrency is in use."""


class Pool:
    """All workers of this process. `endpoint_url` is where they reach the AWS APIs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: defaultdict[Key, list[Worker]] = defaultdict(list)
        self._busy: set[Worker] = set()
        self._slots: dict[Key, Places] = {}
        self._running: defaultdict[str, int] = defaultdict(int)
        self._processes = Processes()
        self._api: RuntimeApi | None = None
        self.endpoint_url = ""

    def run(self, function: Any, request_id: str, payload: bytes) -> Answer:
        """Run the function once, on a warm worker if there is one. ThrottledError past its reserved concurrency."""
        arn: str = function.function_arn
        with self._lock:
            if function.reserved_concurrency is not None and self._running[arn] >= int(function.reserved_concurrency):
                raise ThrottledError(arn)
            self._running[arn] += 1
            slot = self._slots.setdefault(_key(function), Places(clock.activities, AT_ONCE))
        try:
            with slot:
                return self._run(function, request_id, payload)
        finally:
            with self._lock:
                self._running[arn] -= 1

    @property
    def running(self) -> int:
        """How many invocations are running or waiting for a worker."""
        with self._lock:
            return sum(self._running.values())

    def preload(self) -> None:
        """Start what the first invocation would otherwise wait for."""
        self._processes.preload(files.dependencies())

    def stop(self) -> None:
        """End all workers."""
        with self._lock:
            workers = [worker for idle in self._idle.values() for worker in idle] + list(self._busy)
            self._idle.clear()
            self._slots.clear()
        for worker in workers:
            worker.close()
        if self._api is not None:
            self._api.stop()
            self._api = None
        faults.clear()

    def _run(self, function: Any, request_id: str, payload: bytes) -> Answer:
        worker = self._take(function)
        try:
            return worker.invoke(request_id, payload, faults.next(function.function_name))
        finally:
            with self._lock:
                self._busy.discard(worker)
                if worker.alive:
                    self._idle[_key(function)].append(worker)

    def _take(self, function: Any) -> Worker:
        key = _key(function)
        with self._lock:
            self._api = self._api or RuntimeApi()
            while self._idle[key]:
                worker = self._idle[key].pop()
                if worker.alive and clock.now() < worker.recycled_at:
                    self._busy.add(worker)
                    return worker
                worker.close()
        worker = Worker(function, self._api, self._processes, self.endpoint_url)
        with self._lock:
            self._busy.add(worker)
        return worker


def _key(function: Any) -> Key:
    """What a worker is good for: the same function with the same code, layers and configuration."""
    configuration = (function.environment_vars, function.layers, function.role, function.handler, function.timeout)
    return (function.account_id, function.function_arn, function.code_sha_256, repr(configuration))


pool = Pool()
"""The workers of this process."""
