"""The accounts that models are imported into, and whether the roles of imports are kept there."""

from collections.abc import Iterator

from stagegate.rules.imports import Import, Retention
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.stages import of_all_audiences


def hosts(rules: Rules) -> frozenset[str]:
    """Return the accounts that the rules import into."""
    return frozenset(account for _, account in _imports(rules))


def keeps_roles(rules: Rules, account: str) -> bool:
    """Tell whether a rule keeps roles of imports in an account: one of no package is meant to be there, then."""
    return any(rule.role is Retention.KEEP and host == account for rule, host in _imports(rules))


def _imports(rules: Rules) -> Iterator[tuple[Import, str]]:
    for rule in rules.imports:
        yield from ((rule, account) for account in of_all_audiences(rules, rule.stage).accounts)
