"""Changes of guardrails: denials put on and taken off, and the one setting of Canvas that they are about."""

from dataclasses import dataclass
from typing import ClassVar

from stagegate.rules.names import boundary_target, scp_target

IN_MEMBERS = "boundary"
"""The surface of what is changed in a member account."""
ON_ACCOUNTS = "fence"
"""The surface of service control policies: one function writes all of ours."""

ENABLED, DISABLED = "ENABLED", "DISABLED"
"""What Canvas's setting can be: FeatureStatus in botocore's SageMaker model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBoundary:
    """Put a guardrail on roles of an account, as their boundary.

    `document` is what its policy there is to say (None: it says so already), `roles` are the names of those that
    haven't got it yet, some of them under another guardrail of ours, which it replaces.
    """

    surface: ClassVar[str] = IN_MEMBERS
    closes: ClassVar[bool] = True

    guardrail: str
    account: str
    partition: str
    document: str | None
    roles: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The boundary in the account."""
        return (boundary_target(self.account),)

    def line(self) -> str:
        """Return what becomes of its policy, and which roles get it."""
        what = [
            *(["write its policy"] if self.document is not None else []),
            *([f"make it the boundary of {', '.join(self.roles)}"] if self.roles else []),
        ]
        return f"guardrail {self.guardrail} in {self.account}: {' and '.join(what)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveBoundary:
    """Take a guardrail off roles of an account; with `delete` nothing else has it there, and its policy goes."""

    surface: ClassVar[str] = IN_MEMBERS
    closes: ClassVar[bool] = False
    places: ClassVar[tuple[str, ...]] = ()

    guardrail: str
    account: str
    partition: str
    roles: tuple[str, ...] = ()
    delete: bool = False

    def line(self) -> str:
        """Return which roles lose it, and whether its policy goes."""
        what = [
            *([f"take it off {', '.join(self.roles)}"] if self.roles else []),
            *(["delete its policy"] if self.delete else []),
        ]
        return f"guardrail {self.guardrail} in {self.account}: {' and '.join(what)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PutScp:
    """Put a guardrail on accounts, as a service control policy.

    `accounts` are all that it is to be on, `missing` those of them that haven't got it yet. `policy` is its id, where
    some account has it.
    """

    surface: ClassVar[str] = ON_ACCOUNTS
    closes: ClassVar[bool] = True

    guardrail: str
    document: str
    accounts: tuple[str, ...]
    missing: tuple[str, ...] = ()
    policy: str | None = None

    @property
    def places(self) -> tuple[str, ...]:
        """The policy on each account."""
        return tuple(scp_target(account) for account in self.accounts)

    def line(self) -> str:
        """Return which accounts get it."""
        on = f" and put it on {', '.join(self.missing)}" if self.missing else ""
        return f"guardrail {self.guardrail}: write its service control policy{on}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveScp:
    """Take a guardrail off accounts; with `delete` it is to be on none, and its policy goes."""

    surface: ClassVar[str] = ON_ACCOUNTS
    closes: ClassVar[bool] = False
    places: ClassVar[tuple[str, ...]] = ()

    guardrail: str
    accounts: tuple[str, ...] = ()
    policy: str | None = None
    delete: bool = False

    def line(self) -> str:
        """Return which accounts lose it, and whether its policy goes."""
        what = [
            *([f"take it off {', '.join(self.accounts)}"] if self.accounts else []),
            *(["delete its service control policy"] if self.delete else []),
        ]
        return f"guardrail {self.guardrail}: {' and '.join(what)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDirectDeployment:
    """Switch a domain's Canvas setting, or with `profile` that of one of its users, to ENABLED or DISABLED."""

    surface: ClassVar[str] = IN_MEMBERS
    places: ClassVar[tuple[str, ...]] = ()

    guardrail: str
    account: str
    partition: str
    domain: str
    status: str
    profile: str | None = None

    @property
    def closes(self) -> bool:
        """Whether it switches the setting off."""
        return self.status == DISABLED

    def line(self) -> str:
        """Return whose setting it becomes, and which."""
        of_one = f"user profile {self.profile} of domain {self.domain}"
        who = of_one if self.profile else f"domain {self.domain}"
        return f"set Canvas's direct deployment of {who} of {self.account} to {self.status}"


GuardrailChange = PutBoundary | RemoveBoundary | PutScp | RemoveScp | SetDirectDeployment
