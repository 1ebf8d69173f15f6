"""Open or close what holds a model package's parts, and cards' keys. May write policies of these, grants on keys."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from stagegate.aws.observability import observed
from stagegate.aws.release import handed
from stagegate.surfaces.policies.apply import PolicyWriter, apply_policy

writer = cache(PolicyWriter.from_environment)


@observed("PoliciesApplied", writer)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Apply one change of a target (see `apply_policy`)."""
    return apply_policy(writer(), handed(event))
