"""Where a function runs, from the environment that template.yaml gives it."""

import os
from dataclasses import dataclass
from pathlib import Path

from stagegate.domain.errors import SettingsError
from stagegate.domain.packages import repository_of
from stagegate.domain.rules import Rules


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
        if problems:
            raise SettingsError("\n".join(problems))
