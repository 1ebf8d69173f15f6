"""What hubs and guardrails are called: as subjects, as policies, on record; and which roles guardrails are never on."""

from dataclasses import replace
from typing import TYPE_CHECKING

from stagegate.core import arns
from stagegate.rules.fence_kind import FenceKind
from stagegate.rules.guardrails import GuardrailKind
from stagegate.rules.narrowed.stages import everywhere

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from stagegate.rules.model import Rules, Stage

SUBJECT = "guardrail/"
"""How a guardrail is named as a subject: it has no ARN."""
PATH = "/stagegate/"

SYNC_ROLES = ("apply-hub", "plan")
"""The roles of the governance account that read the public hub, to keep the private ones in step with it."""


def guardrail_subjects(rules: "Rules") -> tuple[str, ...]:
    """Return the guardrails that the rules have, as subjects. One that they had is on record."""
    return tuple(f"{SUBJECT}{guardrail.name}" for guardrail in rules.guardrails)


def policy_name(prefix: str, guardrail: str) -> str:
    """Return the name of a guardrail's policy, of either kind."""
    return f"{prefix}-guardrail-{guardrail}"


def policy_arn(prefix: str, guardrail: str, account: str, partition: str) -> str:
    """Return the ARN of the managed policy that a guardrail is in an account."""
    return f"arn:{partition}:iam::{account}:policy{PATH}{policy_name(prefix, guardrail)}"


def is_guardrail(arn: str, prefix: str, account: str, partition: str) -> bool:
    """Tell whether a boundary is the policy of some guardrail of ours."""
    return arn.startswith(policy_arn(prefix, "", account, partition))


def sync_roles(prefix: str, account: str, partition: str, path: str = "/") -> tuple[str, ...]:
    """Return the ARNs of the roles that a guardrail on the governance account leaves out; our roles stand at `path`."""
    return tuple(f"arn:{partition}:iam::{account}:role{path}{prefix}-{name}" for name in SYNC_ROLES)


def role_arns(roles: "Iterable[str]", account: str, partition: str) -> tuple[str, ...]:
    """Return the ARNs of the roles of an account, of names with or without a path, and ARNs: those of other accounts
    are left out. In what IAM compares, a role's ARN has its path ("IAM identifiers", IAM user guide).
    """
    found = (
        role if role.startswith("arn:") else f"arn:{partition}:iam::{account}:role/{role.removeprefix('/')}"
        for role in roles
    )
    return tuple(dict.fromkeys(arn for arn in found if account_of_role(arn) == account))


def with_roles(stage: "Stage", absent: "Collection[str]", partition: str) -> "Stage":
    """Return a stage with its roles by their ARNs, without those that aren't there."""
    named = (arn for account in stage.accounts for arn in role_arns(stage.roles, account, partition))
    return replace(stage, roles=tuple(arn for arn in named if arn not in absent))


def bounded_roles(rules: "Rules", partition: str) -> frozenset[str]:
    """Return the ARNs of the roles that a guardrail or a fence gives a boundary, but for those of domains.

    A deny with NotPrincipal hits them, whatever it lists.
    """
    by_boundary = [each for each in rules.guardrails if each.by is GuardrailKind.BOUNDARY and each.denies]
    guarded = {arn for guardrail in by_boundary for arn in guardrail.roles}
    fenced = {
        arn
        for stage in everywhere(rules)
        if stage.fence is FenceKind.BOUNDARY
        for arn in with_roles(stage, (), partition).roles
    }
    return frozenset(guarded | fenced)


def account_of_role(arn: str) -> str:
    """Return the account of a role's ARN."""
    return arn.split(":")[4]


def name_of_role(arn: str) -> str:
    """Return a role's name, which is unique in its account whatever its path."""
    return arn.rsplit("/", 1)[-1]


def is_own_role(arn: str, prefix: str) -> bool:
    """Tell whether a role is Stagegate's own, by its ARN or name: they all start with its prefix."""
    return name_of_role(arn).startswith(f"{prefix}-")


def role_behind(principal: str) -> str:
    """Return the role of an assumed-role session as a role is named, anybody else as they are."""
    kind, _, name = principal.rpartition(":")[2].partition("/")
    return name.partition("/")[0] if kind == "assumed-role" else principal


def boundary_target(account: str) -> str:
    """Return what the boundaries of a guardrail in an account are called on record."""
    return f"boundary/{account}"


def scp_target(account: str) -> str:
    """Return what a guardrail's service control policy on an account is called on record."""
    return f"scp/{account}"


def hub_subjects(rules: "Rules", *, partition: str, region: str, account: str) -> tuple[str, ...]:
    """Return the ARNs of all hubs that the rules name, also of those that are to be torn down."""
    return tuple(arns.hub_arn(hub.name, partition=partition, region=region, account=account) for hub in rules.hubs)


def hub_name(hub_arn: str) -> str:
    """Return the name in a hub's ARN."""
    return hub_arn.rsplit("/", 1)[-1]
