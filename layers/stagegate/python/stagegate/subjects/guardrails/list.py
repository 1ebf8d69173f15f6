"""The guardrails that the rules have."""

from stagegate.rules.names import guardrail_subjects
from stagegate.subjects.context import Sweeper
from stagegate.subjects.pages import Listed

PERMISSIONS: frozenset[str] = frozenset()


def page(sweeper: Sweeper, _token: str | None) -> Listed:
    """Return all of them: there is one page."""
    return Listed(arns=guardrail_subjects(sweeper.rules))
