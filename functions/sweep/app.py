"""List what there is to look at, and keep the books of a sweep. Reads lists and claims; writes what a sweep found."""

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import metrics, observed
from stagegate.aws.release import handed, signed
from stagegate.runs.sweep.steps import sweep
from stagegate.subjects.context import Sweeper

sweeper = cache(Sweeper.from_environment)


@observed("SweepSteps", sweeper)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer one step of a sweep (see `sweep`).

    The last look of one writes how many subjects drift, and what should be closed and isn't.
    """
    answer = signed(sweep(sweeper(), handed(event)))
    if "verdict" in answer:
        metrics.add_metric(name="Drifting", unit=MetricUnit.Count, value=answer["totals"]["drifting"])
        metrics.add_metric(name="StillOpen", unit=MetricUnit.Count, value=answer["totals"]["to_close"])
    return answer
