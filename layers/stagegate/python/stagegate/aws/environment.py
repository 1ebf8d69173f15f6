"""Where a function runs, from the environment that template.yaml gives it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stagegate.core.errors import SettingsError
from stagegate.iam.statements import sid_prefix_of
from stagegate.rules.guardrails import Guardrail
from stagegate.rules.model import Rules
from stagegate.rules.names import account_of_role, is_own_role
from stagegate.subjects.packages.package import repository_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The account and Region of the stack, and the names of what belongs to it."""

    account: str
    region: str
    prefix: str
    table: str
    settings: Path
    members: frozenset[str]

    @classmethod
    def read(cls) -> "Environment":
        """Return the environment. Raises KeyError for a variable that the template didn't set."""
        return cls(
            account=os.environ["STAGEGATE_ACCOUNT"],
            region=os.environ["AWS_REGION"],
            prefix=os.environ["STAGEGATE_PREFIX"],
            table=os.environ["STAGEGATE_TABLE"],
            settings=Path(os.environ["STAGEGATE_SETTINGS"]),
            members=frozenset(os.environ["STAGEGATE_MEMBERS"].split(",")),
        )

    @property
    def sid_prefix(self) -> str:
        """How the Sids of this stack's statements start."""
        return sid_prefix_of(self.account, self.region, self.prefix)

    def member_role(self, surface: str) -> str:
        """Return the name of the member role for a surface (member-template.yaml)."""
        return f"{self.prefix}-member-{surface}"

    def check(self, rules: Rules) -> None:
        """Refuse rules that name accounts which the stack wasn't deployed for: nothing could be shared with them.

        Raises SettingsError, which names each stage, what was found and what is allowed.
        """
        problems = [
            f"stages.{stage.name}.accounts: found {account}; allowed: "
            + (
                "an account other than the governance account, which owns the cards and sees them anyway"
                if account == self.account
                else f"the stack's MemberAccounts, {', '.join(sorted(self.members))}"
            )
            for stage in rules.stages
            for account in stage.accounts
            if account == self.account or account not in self.members
        ]
        problems += [
            f"buckets: found {bucket.name} of {bucket.account}; allowed: a bucket of {self.account}, the governance"
            f" account, or of the stack's MemberAccounts, {', '.join(sorted(self.members))}"
            for bucket in rules.buckets
            if bucket.account != self.account and bucket.account not in self.members
        ]
        problems += [
            f"registrations.{registration.stage}.repositories: found {address}; allowed: a repository of"
            f" {self.account}, the governance account, or of the stack's MemberAccounts,"
            f" {', '.join(sorted(self.members))}"
            for registration in rules.registrations
            for address in registration.repositories
            if (found := repository_of(address)) is None or found.account not in {self.account, *self.members}
        ]
        problems += [problem for guardrail in rules.guardrails for problem in self._guardrail(guardrail)]
        if problems:
            raise SettingsError("\n".join(problems))

    def _guardrail(self, guardrail: Guardrail) -> Iterator[str]:
        key, members = f"guardrails.{guardrail.name}", f"the stack's MemberAccounts, {', '.join(sorted(self.members))}"
        for arn in guardrail.roles:
            if is_own_role(arn, self.prefix):
                yield f"{key}.roles: found {arn}, a role of Stagegate; allowed: roles that users work with"
            elif account_of_role(arn) not in self.members:
                yield f"{key}.roles: found {arn}; allowed: roles of {members}"
        for domain in guardrail.domains:
            if domain.account not in self.members:
                yield f"{key}.domains: found {domain.account}; allowed: one of {members}"
        for account in guardrail.accounts:
            if account != self.account and account not in self.members:
                yield (
                    f"{key}.accounts: found {account}; allowed: {self.account}, the governance account, or one of"
                    f" {members}"
                )
