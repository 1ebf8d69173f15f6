"""What unit tests start from, whatever ran in their process before."""

import sys

import pytest


@pytest.fixture(autouse=True, scope="module")
def unguarded() -> None:
    """Takes off the guard that the sandbox puts around moto: tests with moto alone have no principals."""
    enforce = sys.modules.get("sandbox.authorization.enforce")
    if enforce is not None:
        enforce.uninstall()
