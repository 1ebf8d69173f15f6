"""Put a run's outcome into the ledger. Writes the ledger and nothing else."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.runtime import recording
from stagegate.runtime.environment import Environment
from stagegate.runtime.observability import observed

client = cache(recording.client)
environment = cache(Environment.read)


@observed("Recorded")
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Record what was planned, applied and verified (see `recording.record`)."""
    return recording.record(client(), environment(), event)
