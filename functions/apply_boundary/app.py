"""Put a guardrail on roles of a member account, or take it off. May write boundaries and nothing else."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.runtime.apply_boundaries import BoundaryWriter, apply_boundary
from stagegate.runtime.observability import observed

writer = cache(BoundaryWriter.from_environment)


@observed("BoundariesApplied")
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Apply one change of a guardrail in a member account (see `apply_boundary`)."""
    return apply_boundary(writer(), event)
