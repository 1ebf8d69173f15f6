"""What a person is told about a guardrail, beside what they are told about every subject."""

from collections.abc import Iterable

from stagegate.plans.grants import Grant
from stagegate.surfaces.guardrails.changes import (
    GuardrailChange,
    PutBoundary,
    PutScp,
    RemoveBoundary,
    RemoveScp,
    SetDirectDeployment,
)


def line_of(change: GuardrailChange) -> str:
    """Return one change as a line that a person can read."""
    match change:
        case PutBoundary(guardrail=name, account=account, roles=roles, document=document):
            what = [
                *(["write its policy"] if document is not None else []),
                *([f"make it the boundary of {', '.join(roles)}"] if roles else []),
            ]
            return f"guardrail {name} in {account}: {' and '.join(what)}"
        case RemoveBoundary(guardrail=name, account=account, roles=roles, delete=delete):
            what = [
                *([f"take it off {', '.join(roles)}"] if roles else []),
                *(["delete its policy"] if delete else []),
            ]
            return f"guardrail {name} in {account}: {' and '.join(what)}"
        case PutScp(guardrail=name, missing=missing):
            on = f" and put it on {', '.join(missing)}" if missing else ""
            return f"guardrail {name}: write its service control policy{on}"
        case RemoveScp(guardrail=name, accounts=accounts, delete=delete):
            what = [
                *([f"take it off {', '.join(accounts)}"] if accounts else []),
                *(["delete its service control policy"] if delete else []),
            ]
            return f"guardrail {name}: {' and '.join(what)}"
        case SetDirectDeployment(account=account, domain=domain, profile=profile, status=status):
            who = f"user profile {profile} of domain {domain}" if profile else f"domain {domain}"
            return f"set Canvas's direct deployment of {who} of {account} to {status}"


def access(grants: Iterable[Grant]) -> list[str]:
    """Return where a guardrail is in force after that."""
    kinds = {"boundary": "as the boundary of roles", "scp": "for every role, by service control policy"}
    return [f"- {', '.join(grant.accounts)}: {kinds[grant.permission]}" for grant in grants] or ["- nobody"]
