"""Make a private hub hold what it should. May write this account's hubs and nothing else."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.environment import Environment
from stagegate.aws.observability import observed
from stagegate.aws.release import handed
from stagegate.surfaces.hub_contents import apply

client = cache(apply.client)
ledger = cache(apply.ledger_client)
environment = cache(Environment.read)


@observed("HubsApplied", client, ledger, environment)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Apply one change of a hub (see `apply.apply_hub`)."""
    return apply.apply_hub(client(), ledger(), environment(), handed(event))
