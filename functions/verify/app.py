"""Look at shares and hubs again, after everything was applied. Reads these and nothing else."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import observed
from stagegate.aws.release import handed
from stagegate.runs import verify

client = cache(verify.client)
hub_client = cache(verify.hub_client)


@observed("Verified", client)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the grants as they are now (see `verify.verify`)."""
    return verify.verify(client(), handed(event), hub_client)
