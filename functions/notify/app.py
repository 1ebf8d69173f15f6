"""Tell the approvers. May publish to their topic, and open what was encrypted for a mail, and nothing else."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import observed
from stagegate.aws.release import handed
from stagegate.runs import notify

client = cache(notify.client)


@observed("Notified", client)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Publish one message (see `notify.notify`): of a plan; or what needs no plan to be true, such as a failure."""
    said = handed(event) if "by" in event else event
    return notify.notify(client(), os.environ["STAGEGATE_TOPIC"], said, notify.key_client)
