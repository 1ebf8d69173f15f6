"""What governance.toml says about one guardrail."""

from dataclasses import dataclass
from enum import StrEnum


class GuardrailKind(StrEnum):
    """How a guardrail is put on."""

    BOUNDARY = "boundary"
    """As the permissions boundary of roles: those that are named, and those of SageMaker domains and their profiles."""
    SCP = "scp"
    """As a service control policy on accounts: covers every role in them but the ones that keep the hubs in step."""


class Access(StrEnum):
    """Whether something may be used at all."""

    DENY = "deny"
    LEAVE = "leave"
    """Nothing is said about it: what the roles' own policies allow is allowed."""


class DirectDeployment(StrEnum):
    """What becomes of a domain's Canvas setting that lets its users deploy models by themselves."""

    OBSERVE = "observe"
    """Nothing; where it is on, that is a finding."""
    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRule:
    """Which models: `deny` these, or `allow` these and no others. One of the two is given.

    Ids may end in `*`. Of Bedrock: a foundation model's id with its provider (`anthropic.claude-*`), or in `allow` also
    what is made here: `custom-model/*` (to tune it on), `custom-model-deployment/*`, `imported-model/*` and
    `provisioned-model/*` (to invoke). Of JumpStart: a model's id.
    """

    deny: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The SageMaker domains of an account, or with `id` the one. Their roles get the guardrail as their boundary."""

    account: str
    id: str | None = None

    def fits(self, account: str, id_: str) -> bool:
        """Tell whether a domain is meant."""
        return self.account == account and self.id in (None, id_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """One guardrail: on whom, and what it takes away.

    By boundary it is on `roles` (ARNs) and on the roles of `domains`; by service control policy on `accounts`.
    """

    name: str
    by: GuardrailKind
    roles: tuple[str, ...] = ()
    domains: tuple[Domain, ...] = ()
    accounts: tuple[str, ...] = ()
    public_hub: Access = Access.LEAVE
    bedrock: ModelRule | None = None
    jumpstart: ModelRule | None = None
    direct_deployment: DirectDeployment = DirectDeployment.OBSERVE

    @property
    def denies(self) -> bool:
        """Whether it has a policy, or is about Canvas's setting alone."""
        return self.public_hub is Access.DENY or self.bedrock is not None or self.jumpstart is not None
