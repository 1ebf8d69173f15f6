"""Record who changed a card or a package, and ask the approvers about one.

Invoked by EventBridge with CloudTrail's events and with SageMaker's of packages, by a person with those that failed
(docs/runbook.md), and by `govern` with what it has found. No role of a function may invoke it.
"""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import metrics, observed
from stagegate.aws.release import handed
from stagegate.runs.record_approval.recorder import Recorder
from stagegate.runs.record_approval.tags import is_tagging
from stagegate.subjects.packages.state_changes.audit_event import DETAIL_TYPE


@cache
def recorder() -> Recorder:
    """Return the recorder of this execution environment."""
    return Recorder.from_environment(os.environ["STAGEGATE_STATE_MACHINE"], os.environ["STAGEGATE_TOPIC"])


@observed("ChangesRecorded", recorder)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Record the call that the event reports (see `Recorder.record` and `Recorder.record_tags`), ask what a run asks
    (see `Recorder.ask`), or take SageMaker's word for an approval (see `Recorder.take_word`).
    """
    if "by" in event or "approvals" in event:
        return recorder().ask(handed(event))
    if is_tagging(event):
        return recorder().record_tags(event)
    answer = recorder().take_word(event) if event.get("detail-type") == DETAIL_TYPE else recorder().record(event)
    if "decided_after_s" in answer:
        metrics.add_metric(name="TimeToDecide", unit=MetricUnit.Seconds, value=answer["decided_after_s"])
    return answer
