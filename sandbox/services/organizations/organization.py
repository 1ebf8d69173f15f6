"""The one organization of this process, and what authorization and RAM ask about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sandbox.kernel.clock import clock
from sandbox.kernel.place import PARTITION
from sandbox.kernel.wire.protocol import lock

FULL_ACCESS_ID = "p-FullAWSAccess"
_FULL_ACCESS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass(slots=True)
class Policy:
    """A service control policy; `content` exactly as it was given."""

    id: str
    arn: str
    name: str
    description: str
    content: str
    aws_managed: bool = False
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Account:
    """A member of the organization. `parent` is its unit, or the root. `joined_at` is epoch seconds, and so is when it
    was asked to be closed.
    """

    id: str
    name: str
    joined_at: float
    parent: str
    closing_since: float | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Unit:
    """An organizational unit, below another one or the root."""

    id: str
    name: str
    parent: str


@dataclass(slots=True)
class ResourcePolicy:
    """The policy by which the management account lets members call Organizations."""

    id: str
    content: str
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Organization:
    """An organization with all features: one root, units below it, and every account in one of them or the root.

    No policy but FullAWSAccess is on a unit here. `attached` maps a target (the root's, a unit's or an account's id) to
    the ids of its policies, oldest first.
    """

    id: str
    management_account: str
    root_id: str
    accounts: dict[str, Account]
    policies: dict[str, Policy] = field(default_factory=dict)
    attached: dict[str, list[str]] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    root_tags: dict[str, str] = field(default_factory=dict)
    resource_policy: ResourcePolicy | None = None
    sharing: bool = True

    def arn(self, kind: str, rest: str = "") -> str:
        """The ARN of something of this organization: `organization`, `account/<id>`, `root/<id>` and so on."""
        tail = f"/{rest}" if rest else ""
        return f"arn:{PARTITION}:organizations::{self.management_account}:{kind}/{self.id}{tail}"

    def policies_of(self, target: str) -> list[Policy]:
        """The policies attached to a target itself, not those it inherits."""
        return [self.policies[policy_id] for policy_id in self.attached.get(target, [])]

    def tags_of(self, resource: str) -> dict[str, str] | None:
        """The tags of the root, a policy, an account or the resource policy by its id; None if there is no such."""
        if resource == self.root_id:
            return self.root_tags
        if self.resource_policy is not None and self.resource_policy.id == resource:
            return self.resource_policy.tags
        found = self.policies.get(resource) or self.accounts.get(resource)
        return found.tags if found else None

    def targets_of(self, policy_id: str) -> list[str]:
        """The targets that a policy is attached to."""
        return [target for target, policy_ids in self.attached.items() if policy_id in policy_ids]


_current: list[Organization] = []


def build(organization_id: str, management_account: str, members: Mapping[str, str], *, sharing: bool = True) -> None:
    """Make the organization, replacing what was there: `members` maps account ids to names.

    Every account and the root have FullAWSAccess, as in AWS. `sharing` is whether RAM's sharing with the organization
    is on, so that members need no invitations.
    """
    now = clock.now()
    names = {management_account: "management", **members}
    root_id = "r-" + organization_id.removeprefix("o-")[:4]
    organization = Organization(
        id=organization_id,
        management_account=management_account,
        root_id=root_id,
        accounts={account: Account(account, name, now, root_id) for account, name in names.items()},
        sharing=sharing,
    )
    arn = f"arn:{PARTITION}:organizations::aws:policy/service_control_policy/{FULL_ACCESS_ID}"
    full = Policy(
        FULL_ACCESS_ID,
        arn,
        "FullAWSAccess",
        "Allows access to every operation",
        json.dumps(_FULL_ACCESS),
        aws_managed=True,
    )
    organization.policies[FULL_ACCESS_ID] = full
    organization.attached = {target: [FULL_ACCESS_ID] for target in (organization.root_id, *names)}
    with lock:
        _current[:] = [organization]


def current() -> Organization | None:
    """The organization, None before `build`."""
    return _current[0] if _current else None


def in_organization(account: str) -> bool:
    """Whether an account is a member, or the management account."""
    organization = current()
    return organization is not None and account in organization.accounts


def organization_id() -> str | None:
    """The organization's id (`o-…`), as in the condition key aws:PrincipalOrgID."""
    organization = current()
    return organization.id if organization else None


def organization_id_of(account: str) -> str | None:
    """The id of the organization that an account belongs to."""
    return organization_id() if in_organization(account) else None


def is_closed(account: str) -> bool:
    """Whether an account of the organization is closed, or about to be."""
    organization = current()
    found = organization.accounts.get(account) if organization else None
    return found is not None and found.closing_since is not None


def reopen(account: str) -> None:
    """AWS opens a closed account again, as its owner asked within 90 days: for this there is no API.

    https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-closing.html
    """
    organization = current()
    if organization is None:
        raise RuntimeError("there is no organization: organizations.build() has not run")
    organization.accounts[account].closing_since = None


def organization_path_of(account: str) -> str | None:
    """Where an account is in its organization, as aws:PrincipalOrgPaths has it."""
    organization = current()
    if organization is None or account not in organization.accounts:
        return None
    path, parent = "", organization.accounts[account].parent
    while parent != organization.root_id:
        path, parent = f"{parent}/{path}", organization.units[parent].parent
    return f"{organization.id}/{organization.root_id}/{path}"


def management_account() -> str | None:
    """The account that owns the organization's policies."""
    organization = current()
    return organization.management_account if organization else None


def sharing_enabled() -> bool:
    """Whether RAM's sharing with the organization is on."""
    organization = current()
    return organization is not None and organization.sharing


def enable_sharing() -> None:
    """Switch RAM's sharing with the organization on."""
    organization = current()
    if organization is None:
        raise RuntimeError("there is no organization: organizations.build() has not run")
    organization.sharing = True


def scp_levels(account: str) -> list[list[str]]:
    """The SCPs of each level above an account and of itself, as JSON: a call needs an allow on *every* level.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html. Empty for an
    account outside the organization and for the management account, which SCPs don't touch.
    """
    with lock:
        organization = current()
        if organization is None or account not in organization.accounts or account == organization.management_account:
            return []
        return [_contents(organization.policies_of(target)) for target in (organization.root_id, account)]


def scps_for(account: str) -> list[str]:
    """All SCPs that apply to an account, as JSON: enough to look for denies; for allows see `scp_levels`."""
    return [content for level in scp_levels(account) for content in level]


def delegation_policy() -> str | None:
    """The organization's resource policy as JSON, by which members may call Organizations' policy APIs.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
    """
    organization = current()
    return organization.resource_policy.content if organization and organization.resource_policy else None


def _contents(policies: Iterable[Policy]) -> list[str]:
    return [policy.content for policy in policies]


def resource_tags(resource: str) -> dict[str, str]:
    """The tags of something of the present organization by its id; none for what isn't there."""
    return (_current[0].tags_of(resource) or {}) if _current else {}
