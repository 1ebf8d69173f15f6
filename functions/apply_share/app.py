"""Open or close one stage's resource share for a card or a private hub. May change our shares and nothing else."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.environment import Environment
from stagegate.aws.observability import observed
from stagegate.surfaces.shares import apply as apply_shares

client = cache(apply_shares.client)
environment = cache(Environment.read)


@observed("SharesApplied")
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Apply one change of a share (see `apply_shares.apply_share`)."""
    return apply_shares.apply_share(client(), environment(), event)
