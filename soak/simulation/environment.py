"""What the product's modules find in place of the machine: the sandbox's time, a function's own variables, no logs."""

from __future__ import annotations

import datetime
import importlib
import os
import pkgutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import botocore.endpoint

from sandbox.kernel.clock import clock
from sandbox.services.cloudwatch.alarms import put_metric
from soak.simulation.invocation import check_the_time, current

_real_datetime = datetime.datetime


def install() -> None:
    """Put it in place, for as long as this process lives, and import the product."""
    importlib.import_module("aws_lambda_powertools.utilities.typing")
    sys.modules["stagegate.aws.observability"] = _observability()
    _import_the_product()
    vars(botocore.endpoint)["time"] = _time
    os.environ.__class__ = _Variables


def import_anew(layer: Path) -> None:
    """Import the product from another folder: what is loaded from now on has it from there."""
    for name in [name for name in sys.modules if name == "stagegate" or name.startswith("stagegate.")]:
        if name != "stagegate.aws.observability":
            del sys.modules[name]
    sys.path.insert(0, str(layer))
    _import_the_product()


class _IsAnyDatetime(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _real_datetime)


class _Datetime(_real_datetime, metaclass=_IsAnyDatetime):
    """What the product imports in place of `datetime.datetime`."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return _real_datetime.fromtimestamp(clock.now(), tz)


def _sleep(seconds: float) -> None:
    check_the_time()
    clock.sleep(seconds)
    check_the_time()


_time = SimpleNamespace(
    **{**vars(time), "time": clock.now, "monotonic": clock.now, "perf_counter": clock.now, "sleep": _sleep}
)


def _import_the_product() -> None:
    """Import all of it now, so that all of it knows this time, whatever a function imports late."""
    datetime.datetime = _Datetime  # type: ignore[misc]
    sys.modules["time"] = _time  # type: ignore[assignment]
    try:
        product = importlib.import_module("stagegate")
        for found in pkgutil.walk_packages(product.__path__, "stagegate."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
    finally:
        datetime.datetime = _real_datetime  # type: ignore[misc]
        sys.modules["time"] = time
    # Sessions share models that nobody reads here: the clients are the simulation's (`clients.install`).
    vars(sys.modules["stagegate.aws.sessions"])["session_of"] = _session_of


def _session_of(**credentials: str) -> Any:
    return boto3.Session(**credentials)  # type: ignore[arg-type]


class _Variables(type(os.environ)):  # type: ignore[misc]  # its class has no public name
    """The machine's environment variables, and for a function that runs, its own."""

    def __getitem__(self, key: str) -> str:
        running = current.get()
        if running is not None and key in running.variables:
            return running.variables[key]
        found: str = super().__getitem__(key)
        return found


class _NoLines:
    """A logger of which no line comes."""

    def __getattr__(self, _level: str) -> Callable[..., None]:
        return lambda *_said, **_more: None


def _observability() -> ModuleType:
    """In place of `stagegate.aws.observability`: metrics at once, no log lines."""
    module = ModuleType("stagegate.aws.observability")

    def observed(metric: str, *_needed: Callable[[], object]) -> Callable[[Any], Any]:
        def decorate(handler: Any) -> Any:
            def observe(event: Any, context: Any) -> Any:
                _metric(name=metric, unit="Count", value=1)
                return handler(event, context)

            return observe

        return decorate

    module.observed = observed  # type: ignore[attr-defined]
    module.metrics = SimpleNamespace(add_metric=_metric)  # type: ignore[attr-defined]
    module.logger = _NoLines()  # type: ignore[attr-defined]
    return module


def _metric(name: str, unit: object, value: float) -> None:  # noqa: ARG001  as Powertools is called
    running = current.get()
    if running is not None:
        function = running.function
        put_metric(function.account_id, function.region, "Stagegate", name, {"service": "stagegate"}, float(value))
