"""Record who changed a card or a package.

Invoked by EventBridge with CloudTrail's events, and by a person with those that failed (docs/runbook.md); by no role of
the stack.
"""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import observed
from stagegate.runs.record_approval.recorder import Recorder


@cache
def recorder() -> Recorder:
    """Return the recorder of this execution environment."""
    return Recorder.from_environment(os.environ["STAGEGATE_STATE_MACHINE"])


@observed("ChangesRecorded")
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Record the call that the event reports, and have its subject looked at (see `Recorder.record`)."""
    return recorder().record(event)
