"""What unit tests start from, whatever ran in their process before, and where a function runs."""

from pathlib import Path

import pytest

from stagegate.aws.environment import Environment
from tests.support.builders import GOVERNANCE
from tests.support.guards import unguarded

__all__ = ["environment", "unguarded"]


@pytest.fixture
def environment() -> Environment:
    return Environment(
        account=GOVERNANCE,
        region="us-east-1",
        prefix="stagegate",
        table="ledger",
        settings=Path("governance.toml"),
    )
