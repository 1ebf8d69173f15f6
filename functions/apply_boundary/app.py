"""Put a guardrail on roles of a member account, or take it off. May write boundaries and nothing else."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import observed
from stagegate.aws.release import handed
from stagegate.surfaces.guardrails.apply import BoundaryWriter, apply_boundary

writer = cache(BoundaryWriter.from_environment)


@observed("BoundariesApplied", writer)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Apply one change of a guardrail in a member account (see `apply_boundary`)."""
    return apply_boundary(writer(), handed(event))
