"""Look at a card's shares again, after everything was applied. Reads RAM and nothing else."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.runtime import verifying
from stagegate.runtime.observability import observed

client = cache(verifying.client)


@observed("Verified")
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the grants as they are now (see `verifying.verify`)."""
    return verifying.verify(client(), event)
