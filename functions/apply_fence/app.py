"""Raise or lower a fence, or a guardrail on accounts. May write service control policies of ours, and boundaries."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import observed
from stagegate.aws.release import handed
from stagegate.runs.apply_fence import apply_fence
from stagegate.surfaces.fences.apply import FenceWriter

writer = cache(FenceWriter.from_environment)


@observed("FencesApplied", writer)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Apply one change of a fence, or of a guardrail by service control policy (see `apply_fence`)."""
    return apply_fence(writer(), handed(event))
