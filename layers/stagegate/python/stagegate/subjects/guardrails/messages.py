"""What a person is told about a guardrail, beside what they are told about every subject."""

from stagegate.plans.decision import Decision
from stagegate.plans.wording import Wording


def wording(decision: Decision) -> Wording:
    """Return what is said of a guardrail: where it is in force after that."""
    kinds = {"boundary": "as the boundary of roles", "scp": "for every role, by service control policy"}
    lines = [f"- {', '.join(grant.accounts)}: {kinds[grant.permission]}" for grant in decision.grants]
    headline = f"guardrail {decision.subject.name}"
    return Wording(headline=headline, access=tuple(lines) or ("- nobody",), takes_away=True)
