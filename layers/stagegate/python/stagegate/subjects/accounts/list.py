"""The accounts in which something of ours can lie that no other subject is about: no event tells of it."""

from stagegate.rules.narrowed.stages import accounts_everywhere
from stagegate.subjects import pages
from stagegate.subjects.accounts.model import ACCOUNT
from stagegate.subjects.accounts.named import has_named_targets
from stagegate.subjects.context import Sweeper
from stagegate.subjects.pages import Listed

PERMISSIONS: frozenset[str] = frozenset()


def page(sweeper: Sweeper, token: str | None) -> Listed:
    """Return a page of them: those with targets that the rules name, and those that no stage has any more. Once
    Stagegate is withdrawn, all.
    """
    here, rules = sweeper.environment, sweeper.rules
    in_stages = accounts_everywhere(rules)
    everywhere = {here.account, *here.members, *in_stages} - {""}
    left = here.members - in_stages - {here.account, ""} - {bucket.account for bucket in rules.buckets}
    accounts = sorted(
        account
        for account in everywhere
        if rules.is_withdrawn or account in left or has_named_targets(rules, account, here.region)
    )
    start = int(token or 0)
    end = start + pages.PAGE
    arns = tuple(f"{ACCOUNT}{account}" for account in accounts[start:end])
    return Listed(arns=arns, token=str(end) if end < len(accounts) else None)
