"""Changes of guardrails: denials put on and taken off, and the one setting of Canvas that they are about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBoundary:
    """Put a guardrail on roles of an account, as their boundary.

    `document` is what its policy there is to say (None: it says so already), `roles` are the names of those that
    haven't got it yet, some of them under another guardrail of ours, which it replaces.
    """

    guardrail: str
    account: str
    partition: str
    document: str | None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveBoundary:
    """Take a guardrail off roles of an account; with `delete` nothing else has it there, and its policy goes."""

    guardrail: str
    account: str
    partition: str
    roles: tuple[str, ...] = ()
    delete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PutScp:
    """Put a guardrail on accounts, as a service control policy.

    `accounts` are all that it is to be on, `missing` those of them that haven't got it yet. `policy` is its id, where
    some account has it.
    """

    guardrail: str
    document: str
    accounts: tuple[str, ...]
    missing: tuple[str, ...] = ()
    policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveScp:
    """Take a guardrail off accounts; with `delete` it is to be on none, and its policy goes."""

    guardrail: str
    accounts: tuple[str, ...] = ()
    policy: str | None = None
    delete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDirectDeployment:
    """Switch a domain's Canvas setting, or with `profile` that of one of its users, to ENABLED or DISABLED."""

    guardrail: str
    account: str
    partition: str
    domain: str
    status: str
    profile: str | None = None


GuardrailChange = PutBoundary | RemoveBoundary | PutScp | RemoveScp | SetDirectDeployment
