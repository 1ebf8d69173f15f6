"""Who of the rules' accounts isn't in the organization: each sweep asks, and the runs between go by the record."""

from stagegate.aws import organization_accounts
from stagegate.core.errors import StagegateError
from stagegate.ledger import units as ledger
from stagegate.ledger.units import Outsiders
from stagegate.rules.narrowed.stages import accounts_everywhere
from stagegate.subjects.context import Planner

PERMISSIONS = organization_accounts.LIST_PERMISSIONS | organization_accounts.PERMISSIONS | ledger.PERMISSIONS


def outsiders(planner: Planner, sweep: str) -> frozenset[str] | None:
    """Return the accounts of the rules' stages that aren't in the organization; None in a run, which reads the record
    with its subject.

    The first plan of a sweep asks, and the others read what it has recorded. Outside an organization nobody asks. Where
    Organizations doesn't answer, the last answer counts: who was outside stays outside.
    """
    rules, table = planner.rules, planner.environment.table
    if rules.organization.id is None:
        return frozenset()
    if not sweep:
        return None
    told = planner.told_in_sweep
    told.of(sweep)
    if told.outsiders is None:
        before = ledger.read_outsiders(planner.dynamodb, table)
        told.outsiders = before.accounts if before.is_of(sweep) else _asked(planner, before, sweep)
    return told.outsiders


def _asked(planner: Planner, before: Outsiders, sweep: str) -> frozenset[str]:
    own = planner.environment.account
    named = accounts_everywhere(planner.rules) - {own}
    try:
        missing = named - organization_accounts.listed(planner.organizations, named)
        # A list may be behind, and a long one is not read to its end. One that Organizations says it doesn't have, and
        # that answers about our own account, is outside.
        left = frozenset(
            account
            for account in sorted(missing)
            if organization_accounts.membership_of(planner.organizations, account, own=own).has_left
        )
    except StagegateError:  # the sweep says at its end that nobody was asked
        return before.accounts
    ledger.write_outsiders(planner.dynamodb, planner.environment.table, Outsiders(accounts=left, sweep=sweep))
    return left
