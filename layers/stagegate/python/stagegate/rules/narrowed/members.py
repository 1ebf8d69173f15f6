"""Who is a member: the accounts that the rules are about. Templates name none of them, whatever their number."""

from stagegate.core.addresses import repository_of
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.stages import accounts_everywhere


def members_of(rules: Rules, own: str) -> frozenset[str]:
    """Return the accounts beside the governance account, `own`, that the rules name in any place but among approvers.

    Accounts of organizational units are among them once they have been put in the units' place
    (`rules/narrowed/units`).
    """
    whole = rules.whole
    named = {
        *whole.organization.accounts,
        *accounts_everywhere(whole),
        *(bucket.account for bucket in whole.buckets),
        *(entry.account for entry in whole.repositories),
        *(found.account for address in whole.repository_addresses if (found := repository_of(address))),
        *(account for guardrail in whole.guardrails for account in guardrail.accounts),
        *(domain.account for guardrail in whole.guardrails for domain in guardrail.domains),
        *(role.split(":")[4] for guardrail in whole.guardrails for role in guardrail.roles),
    }
    return frozenset(named - {own})


def accounts_of(rules: Rules, own: str) -> frozenset[str]:
    """Return the same and the governance account: every account that can be looked into."""
    return members_of(rules, own) | {own}
