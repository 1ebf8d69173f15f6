import pytest


@pytest.fixture(autouse=True)
def in_two_accounts(two_accounts: None) -> None:
    """Every test of this service begins there."""
