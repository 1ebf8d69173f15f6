"""The embedded organization on the scheduler and its clock: how it begins, and its seed."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.kernel.clock import clock
from sandbox.kernel.delays import Delays
from sandbox.services import lambda_
from sandbox.services.events.deliveries import Deliveries, Delivery, Outcome
from sandbox.services.stepfunctions.executions.execution import Execution
from sandbox.stagegate.organization import ROOT, Organization
from soak.simulation import clock as simulated
from soak.simulation import functions as simulated_functions
from soak.simulation.functions import Functions
from soak.simulation.scheduler import scheduler


def start(settings: Path, *, given: Delays | None = None, root: Path = ROOT) -> tuple[Organization, Functions]:
    """An organization that only moves when somebody lets it (`clock.go_on`, `clock.until`, `settle`)."""
    simulated.install(clock)
    functions = simulated_functions.install(settings)
    module: Any = __import__("sandbox.services.lambda_.invocations", fromlist=["pool"])
    module.pool = functions
    lambda_.pool.preload = functions.preload  # type: ignore[method-assign]
    Deliveries._enqueue = _enqueue  # type: ignore[method-assign]  # noqa: SLF001
    Deliveries._again = _again  # type: ignore[method-assign]  # noqa: SLF001
    Execution.stop = _stop  # type: ignore[method-assign]
    return Organization.start(settings, delays=given, root=root), functions


def seed(number: int) -> None:
    """From now on every choice follows from this number: which task is next, jitter, and ids."""
    scheduler.random.seed(number)
    random.seed(number)
    ids = random.Random(number)
    uuid.uuid4 = lambda: uuid.UUID(int=ids.getrandbits(128), version=4)


def _enqueue(self: Deliveries, delivery: Delivery) -> None:
    self._open += 1
    self._again(self._generation, delivery)


def _again(self: Deliveries, generation: int, delivery: Delivery) -> None:
    scheduler.spawn(partial(_deliver, self, generation, delivery), "delivery")


def _deliver(self: Deliveries, generation: int, delivery: Delivery) -> None:
    if generation != self._generation:
        return
    outcome = self._try(delivery)
    if isinstance(outcome, Outcome):
        self._end(generation, outcome)
    else:
        again = replace(delivery, attempts=delivery.attempts + 1)
        clock.call_later(outcome, partial(self._again, generation, again))


def _stop(self: Execution, error: str | None, cause: str | None) -> Any:
    if self.status == "RUNNING":
        self.error, self.cause = error, cause
        self._halt.set("ABORTED")
    return self.stop_date or clock.datetime()
