"""Which roles get a permissions boundary by the rules: a deny with NotPrincipal then hits them, whatever it lists."""

from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.guardrails import GuardrailKind
from stagegate.rules.model import Rules
from stagegate.rules.names import with_roles


def bounded_roles(rules: Rules, partition: str) -> frozenset[str]:
    """Return the ARNs of the roles that a guardrail or a fence gives a boundary, but for those of domains."""
    by_boundary = [each for each in rules.guardrails if each.by is GuardrailKind.BOUNDARY and each.denies]
    guarded = {arn for guardrail in by_boundary for arn in guardrail.roles}
    fenced = {
        arn
        for stage in rules.stages
        if stage.fence is FenceKind.BOUNDARY
        for arn in with_roles(stage, (), partition).roles
    }
    return frozenset(guarded | fenced)
