"""Put a run's outcome into the ledger, and own events on the buses. It alone may put these."""

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.environment import Environment
from stagegate.aws.observability import metrics, observed
from stagegate.aws.release import handed
from stagegate.runs import record

client = cache(record.client)
environment = cache(Environment.read)


@observed("Recorded", client, environment)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Record what was planned, applied and verified (see `record.record`), and count the accounts whose bus refused an
    own event: no run fails for them.
    """
    answer = record.record(client(), environment(), handed(event))
    if answer["refused_by"]:
        metrics.add_metric(name="OwnEventsRefused", unit=MetricUnit.Count, value=len(answer["refused_by"]))
    return answer
