"""Open or close one stage's resource share for a card or a private hub. May change our shares and nothing else."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.environment import Environment
from stagegate.aws.observability import observed
from stagegate.aws.release import handed
from stagegate.surfaces.shares import apply

client = cache(apply.client)
ledger = cache(apply.ledger_client)
environment = cache(Environment.read)


@observed("SharesApplied", client, ledger, environment)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Apply one change of a share (see `apply.apply_share`)."""
    return apply.apply_share(client(), ledger(), environment(), handed(event))
