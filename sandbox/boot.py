"""The embedded services, empty: before an organization is made of them, or for a test of one of them."""

from __future__ import annotations

from moto.core.base_backend import BackendDict

from sandbox import services
from sandbox.authorization import enforce
from sandbox.kernel import calls, moto_speed, moto_time
from sandbox.kernel.clock import clock
from sandbox.kernel.delays import Delays, delays
from sandbox.kernel.identity import registry
from sandbox.services import cloudformation, dynamodb, stepfunctions
from sandbox.services import events as bus
from sandbox.services import lambda_ as lambda_runtime
from sandbox.services.cloudwatch import alarms
from sandbox.services.organizations import organization
from sandbox.services.sns import outbox


def fresh(values: Delays | None = None) -> None:
    """Services without anything in them, guarded and wired to each other; `values` are the delays, or the defaults."""
    forget()
    moto_speed.install()
    moto_time.install()
    services.install()
    dynamodb.install()
    enforce.install()
    bus.install()
    outbox.install()
    stepfunctions.install()
    lambda_runtime.install()
    delays.update(values or Delays())


def forget() -> None:
    """Nothing of what was before is left in this process."""
    clock.reset()
    bus.deliveries.reset()
    bus.schedules.reset()
    alarms.reset()
    outbox.reset()
    lambda_runtime.pool.stop()
    lambda_runtime.invocations.reset()
    lambda_runtime.faults.clear()
    cloudformation.stacks.reset()
    organization._current.clear()  # noqa: SLF001  the next one may be outside any organization
    registry.clear()
    calls.log.clear()
    enforce.uninstall()
    BackendDict.reset()
