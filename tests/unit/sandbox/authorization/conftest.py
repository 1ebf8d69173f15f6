import pytest

from sandbox.services import authorizations


@pytest.fixture(autouse=True, scope="session")
def registered() -> None:
    """Every service has told authorization its condition keys."""
    authorizations.register()
