"""The accounts in which something of ours can lie that no other subject is about: no event tells of it."""

from stagegate.ledger import units
from stagegate.rules.narrowed.members import members_of
from stagegate.rules.narrowed.stages import accounts_everywhere
from stagegate.rules.narrowed.units import with_units
from stagegate.subjects import pages
from stagegate.subjects.accounts.hosting import hosts
from stagegate.subjects.accounts.model import ACCOUNT
from stagegate.subjects.accounts.named import has_named_targets
from stagegate.subjects.context import Sweeper
from stagegate.subjects.pages import Listed

PERMISSIONS = units.KNOWN_PERMISSIONS


def page(sweeper: Sweeper, token: str | None) -> Listed:
    """Return a page of them: those with targets that the rules name, those that models are imported into, and those
    that no stage has any more, also where the rules don't name them any more. Once Stagegate is withdrawn, all.
    """
    here, rules = sweeper.environment, sweeper.rules
    known, by_unit = units.known_accounts(sweeper.dynamodb, here.table)
    in_stages = accounts_everywhere(rules).union(*by_unit.values()) - {here.account}
    importing = hosts(with_units(rules, by_unit))
    if not known >= in_stages:
        units.know(sweeper.dynamodb, here.table, in_stages - known)
    named = members_of(rules, here.account)
    left = (named - {bucket.account for bucket in rules.buckets} | known) - in_stages
    accounts = sorted(
        account
        for account in {here.account, *named, *in_stages, *known}
        if rules.is_withdrawn or account in left | importing or has_named_targets(rules, account, here.region)
    )
    start = int(token or 0)
    end = start + pages.PAGE
    arns = tuple(f"{ACCOUNT}{account}" for account in accounts[start:end])
    return Listed(arns=arns, token=str(end) if end < len(accounts) else None)
