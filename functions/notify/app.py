"""Tell the approvers. May publish to their topic and nothing else."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.runtime import notifying
from stagegate.runtime.observability import observed

client = cache(notifying.client)


@observed("Notified")
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Publish one message (see `notifying.notify`)."""
    return notifying.notify(client(), os.environ["STAGEGATE_TOPIC"], event)
