"""Tell the approvers. May publish to their topic, and open what was encrypted for a mail, and nothing else."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import observed
from stagegate.runs import notify

client = cache(notify.client)


@observed("Notified")
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Publish one message (see `notify.notify`)."""
    return notify.notify(client(), os.environ["STAGEGATE_TOPIC"], event, notify.key_client)
