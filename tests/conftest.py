"""What every run of the tests records: which role was allowed which action (`make privileges`)."""

import gc
import sys

import pytest

from proofs.privileges import record


def _process(config: pytest.Config) -> str | None:
    """The worker's name, None for the process that hands tests out or runs all of them."""
    name: str | None = getattr(config, "workerinput", {}).get("workerid")
    return name


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(100_000, 50, 100)  # each look at all that the AWS models hold costs a third of a second
    if _process(config) is None:
        record.begin()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process whose tests never started the sandbox has nothing to say."""
    if (uses := sys.modules.get("sandbox.authorization.uses")) is not None:
        record.keep(_process(session.config) or "main", uses.all_uses())
