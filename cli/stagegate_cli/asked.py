"""What `access` is asked for: names that the rules or the ledger know, or a problem. Pure."""

import re
from collections.abc import Collection
from dataclasses import replace

from stagegate.access.model import SubjectRecord
from stagegate.access.who import Asked, is_called
from stagegate.plans.grants import Grant
from stagegate.rules.model import Rules
from stagegate.rules.narrowed.stages import accounts_everywhere, everywhere
from stagegate_cli.connection import Connection
from stagegate_cli.names import chosen, spelled_out
from stagegate_cli.problems import wrong

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.+/)?[^/]+|(\d{12})/([^/]+)|[^/:]+")
_MOST = 12


def known(asked: Asked, rules: Rules, records: Collection[SubjectRecord], home: Connection) -> Asked:
    """Return what is asked for with a model by its ARN where its kind is said, and a role with its account where that
    is said.

    Raises Problem for a name that neither the rules nor the ledger know: nothing would be open to it, and so to one
    that is mistyped. A role of a known account needs to be known to nobody: shares are with the whole account.
    """
    grants = [grant for record in records for grant in record.grants]
    grants += [grant for record in records for entry in record.history for grant in entry.grants]
    accounts = accounts_everywhere(rules) | {account for grant in grants for account in grant.accounts}
    role = _role(asked.role, rules, accounts) if asked.role else ""
    if asked.account and asked.account not in accounts:
        raise wrong("--account", asked.account, _account(accounts))
    audiences = {each.name for each in rules.audiences} | _audiences(grants)
    if asked.audience and asked.audience not in audiences:
        raise wrong("--audience", asked.audience, _some(audiences) or "none: the rules have no audiences")
    model = _model(asked.model, records, home) if asked.model else ""
    return replace(asked, model=model, role=role)


def _audiences(grants: Collection[Grant]) -> set[str]:
    return {grant.audience for grant in grants if grant.audience}


def _role(said: str, rules: Rules, accounts: Collection[str]) -> str:
    names = {role for stage in everywhere(rules) for role in stage.roles}
    names |= {role for each in rules.registrations for role in each.roles}
    found = _ROLE.fullmatch(said)
    account = found and (found[1] or found[2])
    if found is None or (account is None and said not in names):
        raise wrong("--role", said, f"a role of the rules ({_some(names)}), its ARN, or ACCOUNT/NAME")
    if account is not None and account not in accounts:
        raise wrong("--role", said, f"a role of {_account(accounts)}")
    return f"arn:aws:iam::{account}:role/{found[3]}" if found[3] else said


def _model(said: str, records: Collection[SubjectRecord], home: Connection) -> str:
    model = spelled_out(said, partition=home.partition, region=home.region, account=home.account) or said
    if not any(is_called(record, model) for record in records):
        # It raises the problem, with the names that are close.
        return chosen(said, [record.subject.arn for record in records], "--model")
    return model


def _account(accounts: Collection[str]) -> str:
    return f"an account that the rules or the ledger name ({_some(accounts) or 'they name none'})"


def _some(names: Collection[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(sorted(names)[:_MOST]) + more
