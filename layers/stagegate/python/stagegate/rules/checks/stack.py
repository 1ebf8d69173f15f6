"""What the rules name that the stack wasn't deployed for."""

from collections.abc import Iterator
from typing import Protocol

from stagegate.core.addresses import repository_of
from stagegate.core.errors import SettingsError
from stagegate.rules.guardrails import Guardrail
from stagegate.rules.model import Approvers, Rules
from stagegate.rules.names import account_of_role, is_own_role, role_behind
from stagegate.rules.narrowed.stages import everywhere


class Stack(Protocol):
    """What a stack was deployed for."""

    @property
    def account(self) -> str:
        """The governance account."""

    @property
    def members(self) -> frozenset[str]:
        """The accounts of its MemberAccounts."""

    @property
    def prefix(self) -> str:
        """How the names of all that is Stagegate's start."""


def check(rules: Rules, stack: Stack) -> None:
    """Refuse rules that name accounts which the stack wasn't deployed for: nothing could be shared with them.

    Raises SettingsError, which names each stage, what was found and what is allowed.
    """
    problems = [
        f"stages.{stage.name}.accounts: found {account}; allowed: "
        + (
            "an account other than the governance account, which owns the cards and sees them anyway"
            if account == stack.account
            else f"the stack's MemberAccounts, {', '.join(sorted(stack.members))}"
        )
        for stage in everywhere(rules)
        for account in stage.accounts
        if account == stack.account or account not in stack.members
    ]
    problems += [
        f"buckets: found {bucket.name} of {bucket.account}; allowed: a bucket of {stack.account}, the governance"
        f" account, or of the stack's MemberAccounts, {', '.join(sorted(stack.members))}"
        for bucket in rules.buckets
        if bucket.account != stack.account and bucket.account not in stack.members
    ]
    problems += [
        f"registrations.{registration.stage}.repositories: found {address}; allowed: a repository of"
        f" {stack.account}, the governance account, or of the stack's MemberAccounts,"
        f" {', '.join(sorted(stack.members))}"
        for registration in rules.registrations
        for address in registration.repositories
        if (found := repository_of(address)) is None or found.account not in {stack.account, *stack.members}
    ]
    problems += [
        f"audiences.{audience.name}.owners: found {owner}; allowed: {stack.account}, the governance account: what"
        " others own isn't governed, so that they would select nothing"
        for audience in rules.audiences
        for owner in audience.owners
        if owner != stack.account
    ]
    problems += [problem for entry in rules.approvers for problem in _of_approvers(entry, stack)]
    problems += _own_roles(rules, stack.prefix)
    problems += [problem for guardrail in rules.guardrails for problem in _of_guardrail(guardrail, stack)]
    if problems:
        raise SettingsError("\n".join(problems))


def _of_approvers(entry: Approvers, stack: Stack) -> Iterator[str]:
    """Yield the approvers who can't be one: nobody hears of calls in an account without the member stack."""
    accounts = {stack.account, *stack.members}
    for principal in entry.principals:
        if is_own_role(role_behind(principal), stack.prefix):
            yield f"approvers.{entry.stage}.principals: found {principal}, a role of Stagegate; allowed: people's roles"
        elif principal.split(":")[4] not in accounts:
            yield (
                f"approvers.{entry.stage}.principals: found {principal}; allowed: somebody of {stack.account}, the"
                f" governance account, or of the stack's MemberAccounts, {', '.join(sorted(stack.members))}"
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
    key, members = f"guardrails.{guardrail.name}", f"the stack's MemberAccounts, {', '.join(sorted(stack.members))}"
    for arn in guardrail.roles:
        if is_own_role(arn, stack.prefix):
            yield f"{key}.roles: found {arn}, a role of Stagegate; allowed: roles that users work with"
        elif account_of_role(arn) not in stack.members:
            yield f"{key}.roles: found {arn}; allowed: roles of {members}"
    for domain in guardrail.domains:
        if domain.account not in stack.members:
            yield f"{key}.domains: found {domain.account}; allowed: one of {members}"
    for account in guardrail.accounts:
        if account != stack.account and account not in stack.members:
            yield (
                f"{key}.accounts: found {account}; allowed: {stack.account}, the governance account, or one of"
                f" {members}"
            )
