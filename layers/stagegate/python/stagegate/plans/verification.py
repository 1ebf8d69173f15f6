"""Whether there is something to look at again once a plan is applied."""

from stagegate.core.arns import SubjectKind
from stagegate.plans.plan import Plan

_IN_SHARES = frozenset({SubjectKind.MODEL_CARD, SubjectKind.HUB})


def needs_verify(plan: Plan) -> bool:
    """Tell whether `verify` has something to look at: the shares that a card or a hub is in, and what a hub holds.

    Grants of packages and groups stand in documents that others write as well, and so do those of a card on its key.
    Whoever wrote one has read it back while nobody else could write it; a look from here could be at the next writer's.
    A guardrail's are answered for by the functions that wrote them, which have read back what settles later.
    """
    return plan.subject.kind in _IN_SHARES
