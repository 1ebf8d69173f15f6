"""Two accounts of an organization behind the guard, reached in process and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.backends import get_backend
from moto.core.base_backend import BaseBackend
from moto.server import ThreadedMotoServer

from sandbox.authorization import enforce
from sandbox.kernel import calls
from sandbox.kernel.clock import clock
from sandbox.kernel.identity import registry
from sandbox.services import boot, events, organizations
from tests.support.authorization import CONSUMER, MANAGEMENT, OWNER

STORES = ("dynamodb", "events", "iam", "kms", "lambda", "s3", "sns", "sqs", "sts")


@pytest.fixture(autouse=True)
def organization(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty organization with every call guarded; the guard is taken off again afterwards."""
    for name in ("urls", "flask_paths"):
        monkeypatch.setattr(BaseBackend, name, vars(BaseBackend)[name])
    monkeypatch.setattr(events, "emit", lambda *_, **__: None)
    enforce.install()
    boot.install()
    for store in STORES:
        get_backend(store).clear()
    organizations.build("o-stagegate01", MANAGEMENT, {OWNER: "governance", CONSUMER: "dev"})
    registry.clear()
    calls.log.clear()
    yield
    clock.reset()


@pytest.fixture
def server() -> Iterator[str]:
    """A server's address. It makes its routes at each service's first request, so one server per guard."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()
