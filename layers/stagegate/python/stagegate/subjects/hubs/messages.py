"""What a person is told about a hub, beside what they are told about every subject."""

from stagegate.plans.decision import Decision
from stagegate.plans.wording import NOBODY, Wording
from stagegate.rules.hubs import HUB_PERMISSIONS, HubAccess

_ACCESS = {HUB_PERMISSIONS[HubAccess.READ]: "see its models", HUB_PERMISSIONS[HubAccess.USE]: "see and deploy them"}


def wording(decision: Decision) -> Wording:
    """Return what is said of a hub: which stages have it after that, and what they may do with it."""
    lines = [
        f"- {g.stage} ({', '.join(g.accounts)}): {_ACCESS.get(g.permission, g.permission)}" for g in decision.grants
    ]
    return Wording(headline=f"hub {decision.subject.name}", access=tuple(lines) or NOBODY)
