from collections.abc import Iterator

import pytest

from sandbox.kernel.clock import clock


@pytest.fixture(autouse=True)
def clean_clock() -> Iterator[None]:
    clock.reset()
    yield
    clock.reset()
