"""What the rules name that can't be of the stack's governance account, or of no other."""

from collections.abc import Collection, Iterator
from typing import Protocol

from stagegate.core.errors import SettingsError
from stagegate.rules.audiences import Taggers
from stagegate.rules.guardrails import Guardrail
from stagegate.rules.model import Approvers, Rules
from stagegate.rules.names import account_of_role, is_own_role, role_behind
from stagegate.rules.narrowed.members import members_of
from stagegate.rules.narrowed.stages import everywhere


class Stack(Protocol):
    """Where a stack was deployed."""

    @property
    def account(self) -> str:
        """The governance account."""

    @property
    def prefix(self) -> str:
        """How the names of all that is Stagegate's start."""


def check(rules: Rules, stack: Stack) -> None:
    """Refuse rules that have the governance account where only another can be, and approvers of accounts that nothing
    else in them names.

    Raises SettingsError, which names each key, what was found and what is allowed.
    """
    problems = [
        f"stages.{stage.name}.accounts: found {account}; allowed: an account other than the governance account, which"
        " owns the cards and sees them anyway"
        for stage in everywhere(rules)
        for account in stage.accounts
        if account == stack.account
    ]
    problems += [
        f"audiences.{audience.name}.owners: found {owner}; allowed: {stack.account}, the governance account: what"
        " others own isn't governed, so that they would select nothing"
        for audience in rules.audiences
        for owner in audience.owners
        if owner != stack.account
    ]
    problems += [
        problem
        for entry in rules.approvers
        for problem in _of_approvers(entry, stack, members_of(rules, stack.account))
    ]
    problems += [problem for entry in rules.tags for problem in _of_taggers(entry, stack)]
    problems += _own_roles(rules, stack.prefix)
    problems += [problem for guardrail in rules.guardrails for problem in _of_guardrail(guardrail, stack)]
    if problems:
        raise SettingsError("\n".join(problems))


def _of_approvers(entry: Approvers, stack: Stack, members: Collection[str]) -> Iterator[str]:
    """Yield the approvers who can't be one: nobody hears of calls in an account without the member stack."""
    for principal in entry.principals:
        if is_own_role(role_behind(principal), stack.prefix):
            yield f"approvers.{entry.stage}.principals: found {principal}, a role of Stagegate; allowed: people's roles"
        elif principal.split(":")[4] not in {stack.account, *members}:
            yield (
                f"approvers.{entry.stage}.principals: found {principal}; allowed: somebody of {stack.account}, the"
                " governance account, or of an account that a stage, a bucket, a repository, a guardrail or"
                " organization.accounts names"
            )


def _of_taggers(entry: Taggers, stack: Stack) -> Iterator[str]:
    """Yield those who can't tag a card. Another account's call is in its own trail, and isn't forwarded."""
    for principal in entry.principals:
        if is_own_role(role_behind(principal), stack.prefix):
            yield f"tags.{entry.key}.principals: found {principal}, a role of Stagegate; allowed: people's roles"
        elif principal.split(":")[4] != stack.account:
            yield (
                f"tags.{entry.key}.principals: found {principal}; allowed: somebody of {stack.account}, the governance"
                " account, which alone tags its cards"
            )


def _own_roles(rules: Rules, prefix: str) -> Iterator[str]:
    """Yield the roles of ours among those who use models: what opens for one opens for whoever takes the function."""
    named = [
        *((f"stages.{stage.name}.roles", role) for stage in everywhere(rules) for role in stage.roles),
        *((f"registrations.{each.stage}.roles", role) for each in rules.registrations for role in each.roles),
        *((f"registrations.{each.stage}.readers", role) for each in rules.registrations for role in each.readers),
        *((f"imports.{each.stage}.consumer", each.consumer) for each in rules.imports if each.consumer),
    ]
    for key, role in named:
        if is_own_role(role, prefix):
            yield f"{key}: found {role}, a role of Stagegate; allowed: roles that use models"


def _of_guardrail(guardrail: Guardrail, stack: Stack) -> Iterator[str]:
    key, others = f"guardrails.{guardrail.name}", "an account other than the governance account"
    for arn in guardrail.roles:
        if is_own_role(arn, stack.prefix):
            yield f"{key}.roles: found {arn}, a role of Stagegate; allowed: roles that users work with"
        elif account_of_role(arn) == stack.account:
            yield f"{key}.roles: found {arn}; allowed: roles of {others}"
    for domain in guardrail.domains:
        if domain.account == stack.account:
            yield f"{key}.domains: found {domain.account}; allowed: {others}"
