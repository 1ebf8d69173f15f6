"""Plan what a subject's access needs. Reads everything that it decides on; writes a copy of the public hub's facts."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import observed
from stagegate.aws.release import handed, signed
from stagegate.runs.plan import plan_subject
from stagegate.subjects.context import Planner

planner = cache(Planner.from_environment)


@observed("Planned", planner)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the plan for the subject that the event names (see `plan_subject`), and say whose it is."""
    return signed(plan_subject(planner(), handed(event)))
