"""The guard that the sandbox puts around moto, for tests that use moto alone: they have no principals."""

import sys

import pytest


@pytest.fixture(autouse=True, scope="module")
def unguarded() -> None:
    """Takes the guard off that tests of whole organizations may have left in this process."""
    enforce = sys.modules.get("sandbox.authorization.enforce")
    if enforce is not None:
        enforce.uninstall()
