"""What a person is told about a guardrail, beside what they are told about every subject."""

from collections.abc import Iterable

from stagegate.plans.grants import Grant


def access(grants: Iterable[Grant]) -> list[str]:
    """Return where a guardrail is in force after that."""
    kinds = {"boundary": "as the boundary of roles", "scp": "for every role, by service control policy"}
    return [f"- {', '.join(grant.accounts)}: {kinds[grant.permission]}" for grant in grants] or ["- nobody"]
