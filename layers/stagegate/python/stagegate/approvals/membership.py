"""Approvers whose account has left the organization: whom that is about, and what is said of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from stagegate.approvals.entitlement import Entitled, Entitlement
from stagegate.approvals.principals import is_one_of
from stagegate.core.findings import Finding, blocked, warned
from stagegate.core.untrusted import word
from stagegate.rules.model import Rules
from stagegate.rules.names import account_of_role

UNKNOWN = "MembershipUnknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Whether an account belongs to the organization: `is_inside`, None where nobody can tell; and why not. `state` is
    what Organizations calls the state of one that it lists, as it does those that are closed. `has_left`: it says
    that it has no such account. AccessDenied doesn't say so: the question may be delegated for some accounts only.
    """

    is_inside: bool | None
    why: str = ""
    state: str = ""
    has_left: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether nobody can use the account, nor what others were granted in it, until AWS opens it again ("Close an
        AWS account", Account Management guide).
        """
        return self.state in ("SUSPENDED", "PENDING_CLOSURE", "CLOSED")


def accounts_behind(rules: Rules, entitlement: Entitlement) -> frozenset[str]:
    """Return the accounts of the principals by which an approver has let a stage in; none where nobody was asked."""
    return frozenset(
        account_of_role(principal)
        for entry in rules.approvers
        if entry.stage == entitlement.stage
        for principal in entry.principals
        if any(is_one_of(approval.actor, [principal]) for approval in entitlement.approvals)
    )


def without(rules: Rules, accounts: Collection[str]) -> Rules:
    """Return the rules in which nobody of these accounts is an approver. A stage that has no other one keeps its gate:
    nobody opens it then.
    """
    return replace(
        rules,
        approvers=tuple(
            replace(entry, principals=tuple(p for p in entry.principals if account_of_role(p) not in accounts))
            for entry in rules.approvers
        ),
    )


def shut_out(entitled: Entitled, outside: Iterable[tuple[Entitlement, str, Membership]]) -> Entitled:
    """Return what is left once the approvals of accounts outside are taken away: these say so in place of what would
    be said of nobody's approval. A stage that another approver has let in, too, isn't shut out.
    """
    let_in = {each.stage for each in entitled.entitlements}
    findings = {each.stage: _outside(each, account, why) for each, account, why in outside if each.stage not in let_in}
    others = tuple(found for found in entitled.findings if found.stage not in findings)
    return replace(entitled, findings=(*others, *findings.values()))


def unknown(entitlement: Entitlement, account: str, found: Membership) -> Finding:
    """Return the warning where Organizations doesn't say whether an approver's account belongs to it."""
    who = _who(entitlement, account)
    return warned(
        UNKNOWN,
        f"{who} approved it, and whether account {account} is still in the organization can't be told: {found.why}. Its"
        f" approval counts, since governance.toml and the stack name the account. Add organizations:DescribeAccount to"
        " the organization's delegation policy (organization/delegation-policy.json).",
        entitlement.stage,
    )


def _outside(entitlement: Entitlement, account: str, found: Membership) -> Finding:
    who = _who(entitlement, account)
    return blocked(
        "ApproverOutside",
        f"{who} approved it, and account {account} isn't in the organization: {found.why}. No approval of that account"
        " counts. Take its principals out of [[approvers]]; somebody of an account of the organization has to approve.",
        entitlement.stage,
    )


def _who(entitlement: Entitlement, account: str) -> str:
    """Return who of an account has approved."""
    found = (each.actor.arn for each in entitlement.approvals if account_of_role(each.actor.arn) == account)
    return ", ".join(map(word, found)) or "Nobody"
